import { useMemo, useState } from 'preact/hooks';
import { clients, logs, plugins, search, series, type Client, type LogInfo, type PluginInfo } from '../../api';
import { useLoad } from '../../api/use';
import { askRemoval, Badge, Button, Empty, Entries, FieldChoice, fieldPattern, LiveLines, Panel, Readings, Select, Show, sourceQuery, Table, Tabs, TagDialog, useKnownFields, useNames, useNow, valueOf, ViewHead, type Column } from '../../components';
import { ago, time } from '../../format';
import type { Params } from '../../router';
import { href, navigate, setParams } from '../../router';
import { Configuration } from './configuration';

const kEveryMs = 15_000;
const kNewest = 20;
const kPage = 50;
const kTabs = [['', 'Logs'], ['plugins', 'Plugins'], ['live', 'Realtime'], ['config', 'Configuration']] as const;
const kTimes = [['-1h', 'Last hour'], ['-6h', 'Last 6 hours'], ['', 'Last day'], ['-7d', 'Last week']] as const;

function Logs({ client, names }: { client: string; names: Readonly<Record<string, string>> }) {
  const list = useLoad((options) => logs(client, options), [client], kEveryMs);
  const q = sourceQuery({ client, kind: 'logs' });
  const newest = useLoad((options) => search({ q, limit: kNewest }, options), [q], kEveryMs);
  const now = useNow(10_000);
  const reload = list.reload;
  const columns = useMemo((): Column<LogInfo>[] => [
    { name: 'log', title: 'Log', class: 'name-cell', cell: (l) => <a href={href('clients', { client, log: l.log })}>{l.display}</a>, sort: (l) => l.display },
    { name: 'seen', title: 'Last line', class: 'nowrap', cell: (l) => <span title={time(l.last_seen)}>{ago(l.last_seen, now)}</span>, sort: (l) => l.last_seen },
    { name: 'search', title: 'Find', cell: (l) => <a class="button button-small" href={href('search', { q: sourceQuery({ client, log: l.log, kind: 'logs' }), from: '-1d' })}>Search</a> },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (l) => <Button needs="ingest" small aria-label={`Remove the log ${l.display}`} onClick={() => void askRemoval({ client, kind: 'logs', name: l.log, display: l.display }).then((gone) => { if (gone) reload(); })}>Remove</Button>,
    },
  ], [client, now, reload]);
  return (
    <>
      <Panel title="Its logs">
        <Show of={list}>
          {({ logs }) => (logs.length === 0 ? <Empty title="It has no logs." /> : <Table caption="Logs" columns={columns} rows={logs} rowKey={(l) => l.log} sortBy="log" pageSize={kPage} />)}
        </Show>
      </Panel>
      <Panel title="Newest lines" actions={<a href={href('search', { q, from: '-1d' })}>Search them</a>}>
        <Show of={newest}>
          {({ entries }) => (entries.length === 0 ? <Empty title="It has written no lines." /> : <Entries label="Newest lines" entries={entries} names={names} />)}
        </Show>
      </Panel>
    </>
  );
}

function PluginCharts({ client, params, list, reload }: { client: string; params: Params; list: readonly PluginInfo[]; reload: () => void }) {
  const from = params.from ?? '-1d';
  const mine = useMemo(() => [client], [client]);
  const known = useKnownFields(mine, undefined);
  const field = fieldPattern(params.field ?? '', known);
  const answer = useLoad(
    async (options) => {
      const found = await series({ client: mine, ...(field ? { field } : {}), from, to: 'now', last: true }, options);
      return found.series.filter((one) => one.client === client);
    },
    [client, from, field?.[0]], kEveryMs,
  );
  const { nameOf } = useNames(undefined);
  const now = useNow(10_000);
  const columns = useMemo((): Column<PluginInfo>[] => [
    { name: 'plugin', title: 'Plugin', class: 'name-cell', cell: (p) => <a href={href('plugins', { plugin: p.plugin, clients: encodeURIComponent(client) })}>{p.plugin}</a>, sort: (p) => p.plugin },
    { name: 'seen', title: 'Last reading', class: 'nowrap', cell: (p) => <span title={time(p.last_seen)}>{ago(p.last_seen, now)}</span>, sort: (p) => p.last_seen },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (p) => <Button needs="ingest" small aria-label={`Remove the plugin ${p.plugin}`} onClick={() => void askRemoval({ client, kind: 'plugins', name: p.plugin }).then((gone) => { if (gone) reload(); })}>Remove</Button>,
    },
  ], [client, now, reload]);
  if (list.length === 0) return <Panel title="Its plugins"><Empty title="It has no plugins." /></Panel>;
  return (
    <>
      <Panel title="Its plugins"><Table caption="Plugins" columns={columns} rows={list} rowKey={(p) => p.plugin} sortBy="plugin" pageSize={kPage} /></Panel>
      <div class="form-row">
        <Select label="Time" options={kTimes} value={params.from ?? ''} onChange={(event) => setParams({ from: valueOf(event) })} />
        <FieldChoice value={params.field ?? ''} known={known} change={(to) => setParams({ field: to })} />
      </div>
      <Show of={answer}>
        {(found) => (found.length === 0 ? <Empty title="There are no readings in this time." /> : <Readings series={found} nameOf={nameOf} />)}
      </Show>
    </>
  );
}

function Head({ client, info, change }: { client: string; info: Client | undefined; change: () => void }) {
  const [tagging, setTagging] = useState(false);
  const now = useNow(10_000);
  const tag = info?.tag ?? null;
  return (
    <>
      <ViewHead
        title={tag ?? client} changes="ingest"
        trail={[{ text: 'Clients', href: href('clients') }]}
        actions={
          <>
            <Button needs="ingest" onClick={() => setTagging(true)}>Tag…</Button>
            <Button needs="ingest" onClick={() => void askRemoval({ client, kind: 'client', tag }).then((gone) => { if (gone) navigate('clients'); })}>Remove…</Button>
          </>
        }
      />
      <p class="clients-facts">
        {info === undefined ? <Badge>not known</Badge> : info.down ? <Badge tone="bad">silent</Badge> : <Badge tone="good">reports</Badge>}{' '}
        {client}{info?.external && ` · outside ${info.external}`}{info && ` · last seen ${ago(info.last_seen, now)} (${time(info.last_seen)})`}
      </p>
      {tagging && <TagDialog client={client} tag={tag} close={(changed) => { setTagging(false); if (changed) change(); }} />}
    </>
  );
}

const kKinds = [['', 'Logs and plugins'], ['logs', 'Logs'], ['plugins', 'Plugins']] as const;

export function OneClient({ client, params }: { client: string; params: Params }) {
  const list = useLoad(clients, [], kEveryMs);
  const pluginList = useLoad((options) => plugins(client, options), [client], 60_000);
  const info = list.data?.clients.find((one) => one.client === client);
  const { names } = useNames(info && [info]);
  const tab = kTabs.some(([name]) => name === params.tab) ? (params.tab ?? '') : '';
  const kind = params.kind === 'logs' || params.kind === 'plugins' ? params.kind : undefined;
  return (
    <>
      <Head client={client} info={info} change={list.reload} />
      <Tabs label="Of the client" current={tab} tabs={kTabs.map(([name, text]) => ({ name, text, href: href('clients', { client, tab: name }) }))} />
      {tab === '' && <Logs client={client} names={names} />}
      {tab === 'plugins' && <Show of={pluginList}>{({ plugins }) => <PluginCharts client={client} params={params} list={plugins} reload={pluginList.reload} />}</Show>}
      {tab === 'live' && (
        <Panel title="As it is written">
          <div class="form-row clients-filter"><Select label="Of" options={kKinds} value={kind ?? ''} onChange={(event) => setParams({ kind: valueOf(event) })} /></div>
          <LiveLines q={sourceQuery({ client, kind })} label={`Lines of ${client} as they come`} names={names} />
        </Panel>
      )}
      {tab === 'config' && <Configuration client={client} />}
    </>
  );
}
