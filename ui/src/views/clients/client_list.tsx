import { useMemo, useState } from 'preact/hooks';
import { clients, logs, plugins, type Client } from '../../api';
import { useLoad } from '../../api/use';
import { askRemoval, Badge, Button, Empty, Panel, Select, Show, Stacked, Table, TagDialog, TextField, useNow, valueOf, ViewHead, type Column } from '../../components';
import { ago, count, number, time } from '../../format';
import type { Params } from '../../router';
import { href, setParams } from '../../router';

const kEveryMs = 10_000;
const kCountsMs = 60_000;
const kPage = 100;

interface Row extends Client {
  logs: number | null; // null: not known yet
  plugins: number | null;
}

function counted(of: readonly { client: string }[] | undefined): Map<string, number> | null {
  if (!of) return null;
  const counts = new Map<string, number>();
  for (const { client } of of) counts.set(client, (counts.get(client) ?? 0) + 1);
  return counts;
}

const kStates = [['', 'All'], ['up', 'Reporting'], ['down', 'Not reporting']] as const;

export function ClientList({ params }: { params: Params }) {
  const list = useLoad(clients, [], kEveryMs);
  const allLogs = useLoad((options) => logs(undefined, options), [], kCountsMs);
  const allPlugins = useLoad((options) => plugins(undefined, options), [], kCountsMs);
  const [tagging, setTagging] = useState<Client | null>(null);
  const now = useNow(10_000);

  const all = useMemo((): readonly Row[] => {
    const logCounts = counted(allLogs.data?.logs);
    const pluginCounts = counted(allPlugins.data?.plugins);
    return (list.data?.clients ?? []).map((client) => ({
      ...client,
      logs: logCounts && (logCounts.get(client.client) ?? 0),
      plugins: pluginCounts && (pluginCounts.get(client.client) ?? 0),
    }));
  }, [list.data, allLogs.data, allPlugins.data]);
  const text = (params.q ?? '').toLowerCase();
  const rows = useMemo(
    () => all
      .filter((row) => (params.state === 'up' ? !row.down : params.state === 'down' ? row.down : true))
      .filter((row) => text === '' || [row.client, row.tag, row.external].some((part) => part?.toLowerCase().includes(text))),
    [all, text, params.state],
  );
  const reload = list.reload;
  const columns = useMemo((): Column<Row>[] => [
    {
      name: 'client', title: 'Client', class: 'name-cell', sort: (c) => c.tag ?? c.client,
      cell: (c) => <a href={href('clients', { client: c.client })}>{c.down ? <b>{c.tag ?? c.client}</b> : (c.tag ?? c.client)}</a>,
    },
    { name: 'address', title: 'Address', class: 'name-cell', cell: (c) => <>{c.client}{c.external && <div class="muted">{c.external}</div>}</>, sort: (c) => c.client },
    { name: 'state', title: 'State', cell: (c) => (c.down ? <Badge tone="bad">silent</Badge> : <Badge tone="good">reports</Badge>), sort: (c) => (c.down ? 0 : 1) },
    { name: 'seen', title: 'Last seen', class: 'nowrap stacked-titled', cell: (c) => <span title={time(c.last_seen)}>{ago(c.last_seen, now)}</span>, sort: (c) => c.last_seen },
    { name: 'logs', title: 'Logs', number: true, class: 'stacked-titled', cell: (c) => (c.logs === null ? '…' : number(c.logs)), sort: (c) => c.logs },
    { name: 'plugins', title: 'Plugins', number: true, class: 'stacked-titled', cell: (c) => (c.plugins === null ? '…' : number(c.plugins)), sort: (c) => c.plugins },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (c) => (
        <>
          <Button needs="ingest" small aria-label={`Tag ${c.client}`} onClick={() => setTagging(c)}>Tag</Button>{' '}
          <Button needs="ingest" small aria-label={`Remove ${c.client}`} onClick={() => void askRemoval({ client: c.client, kind: 'client', tag: c.tag }).then((gone) => { if (gone) reload(); })}>Remove</Button>
        </>
      ),
    },
  ], [now, reload]);

  const place = { sort: params.sort, page: params.page, move: (to: { sort?: string }) => setParams(to, to.sort !== undefined) };
  const silent = all.filter((row) => row.down).length;
  return (
    <>
      <ViewHead title="Clients" changes="ingest" />
      <Panel>
        <div class="form-row clients-filter">
          <TextField label="Filter" class="grow" type="search" placeholder="Tag or address" value={params.q ?? ''} onInput={(event) => setParams({ q: valueOf(event), page: '' }, true)} />
          <Select label="Show" options={kStates} value={params.state ?? ''} onChange={(event) => setParams({ state: valueOf(event), page: '' })} />
        </div>
        <Show of={list}>
          {() => (all.length === 0
            ? <Empty title="No client has reported yet." />
            : (
              <>
                <p class="muted" role="status">{rows.length === all.length ? count(all.length, 'client') : `${number(rows.length)} of ${count(all.length, 'client')}`}{silent > 0 && `, ${number(silent)} silent for 10 minutes`}</p>
                {rows.length === 0 ? <Empty title="No client is like that." /> : <Stacked sorted><Table caption="Clients" columns={columns} rows={rows} rowKey={(c) => c.client} sortBy="client" pageSize={kPage} place={place} /></Stacked>}
              </>
            ))}
        </Show>
      </Panel>
      {tagging && <TagDialog client={tagging.client} tag={tagging.tag} close={(changed) => { setTagging(null); if (changed) reload(); }} />}
    </>
  );
}
