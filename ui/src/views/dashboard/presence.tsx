// Who reports and who does not, and for how long.
import { useMemo } from 'preact/hooks';
import type { Client } from '../../api';
import type { Loaded } from '../../api/use';
import { askRemoval, Bar, Button, Empty, Panel, ShareBar, Show, Table, useNow, type Column } from '../../components';
import { count, duration, number } from '../../format';
import { href } from '../../router';

const kPage = 10;

const labelOf = (client: Client) => client.tag ?? client.client;

function SilentTable({ silent, now, reload }: { silent: readonly Client[]; now: number; reload: () => void }) {
  const silence = (client: Client) => (client.last_seen === null ? null : Math.max(0, now - client.last_seen));
  const longest = silent.reduce((most, client) => Math.max(most, silence(client) ?? 0), 0);
  const columns = useMemo((): Column<Client>[] => [
    { name: 'client', title: 'Not reporting', class: 'name-cell', cell: (c) => <a href={href('clients', { client: c.client })}><b>{labelOf(c)}</b></a>, sort: labelOf },
    {
      name: 'silent', title: 'Silent for', class: 'dashboard-silence', sort: silence,
      cell: (c) => {
        const ms = silence(c);
        return ms === null ? 'not known' : <>{duration(ms)}<Bar value={ms} of={longest} tone="bad" /></>;
      },
    },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (c) => <Button needs="ingest" small aria-label={`Remove ${labelOf(c)}`} onClick={() => void askRemoval({ client: c.client, kind: 'client', tag: c.tag }).then((gone) => { if (gone) reload(); })}>Remove</Button>,
    },
  ], [now, longest, reload]);
  return <Table caption="Clients that do not report" columns={columns} rows={silent} rowKey={(c) => c.client} sortBy="silent" descending pageSize={kPage} />;
}

export function Presence({ of: list }: { of: Loaded<{ clients: Client[] }> }) {
  const now = useNow(10_000);
  return (
    <Panel title="Clients" actions={<a href={href('clients')}>All clients</a>}>
      <Show of={list}>
        {({ clients }) => {
          if (clients.length === 0) return <Empty title="No client has reported yet." />;
          const silent = clients.filter((client) => client.down);
          const up = clients.length - silent.length;
          return (
            <div class="dashboard-presence">
              <div>
                <p>{count(up, 'client reports', 'clients report')}, {number(silent.length)} {silent.length === 1 ? 'does' : 'do'} not</p>
                <ShareBar parts={[{ value: up, tone: 'good' }, { value: silent.length, tone: 'bad' }]} />
              </div>
              {silent.length === 0 ? <p class="muted">Each was heard of within the last 10 minutes.</p> : <SilentTable silent={silent} now={now} reload={list.reload} />}
            </div>
          );
        }}
      </Show>
    </Panel>
  );
}
