// Who is connected: browsers that have a page open, sessions of the old page, and programs.
import { connections, users, type Connection, type User } from '../../api';
import { useLoad } from '../../api/use';
import { agentName, isBrowser, Panel, Show, Stacked, Table, type Column } from '../../components';
import { ago, time } from '../../format';
import { may } from '../../session';

const kEveryMs = 5000;

const kCalls: Readonly<Record<string, string>> = { '/api/v1/tail': 'lines', '/api/v1/channel': 'a channel', '/api/v1/messages': 'messages' };
const followed = (c: Connection): string => c.following.map((route) => kCalls[route] ?? route).join(', ') || '–';

const columns: Column<Connection>[] = [
  { name: 'agent', title: 'With', cell: (c) => <span title={c.agent ?? undefined}>{agentName(c.agent)}</span>, sort: (c) => agentName(c.agent) },
  { name: 'address', title: 'From', class: 'name-cell stacked-titled', cell: (c) => c.address, sort: (c) => c.address },
  { name: 'token', title: 'Token', class: 'stacked-titled', cell: (c) => c.token ?? '–', sort: (c) => c.token },
  { name: 'follows', title: 'Follows', class: 'stacked-titled', cell: followed, sort: followed },
  { name: 'asked', title: 'Asked', class: 'nowrap stacked-titled', cell: (c) => <span title={time(c.asked)}>{ago(c.asked)}</span>, sort: (c) => c.asked },
  { name: 'since', title: 'Since', class: 'nowrap stacked-titled', cell: (c) => time(c.since), sort: (c) => c.since },
];
const sessionColumns: Column<User>[] = [
  { name: 'user', title: 'Session', cell: (u) => u.user, sort: (u) => u.user },
  { name: 'since', title: 'Since', cell: (u) => time(u.since), sort: (u) => u.since, class: 'nowrap' },
  { name: 'for', title: 'For', cell: (u) => ago(u.since) },
];

function Connections({ caption, rows, none }: { caption: string; rows: readonly Connection[]; none: string }) {
  if (rows.length === 0) return <p class="muted">{none}</p>;
  return <Stacked><Table caption={caption} columns={columns} rows={rows} rowKey={(c) => JSON.stringify([c.address, c.token, c.agent])} sortBy="agent" pageSize={50} /></Stacked>;
}

export function Connected() {
  const told = may('admin');
  const open = useLoad(told ? connections : null, [told], kEveryMs);
  const sessions = useLoad(users, [], kEveryMs);
  return (
    <Panel title="Users connected" class="admin-connected">
      {!told && <p class="muted">Who has this page open is told to the role admin.</p>}
      {told && <Show of={open}>{(data) => <Connections caption="Browsers" rows={data.connections.filter((c) => isBrowser(c.agent))} none="No browser is connected." />}</Show>}
      <h3>Sessions of the old page</h3>
      <Show of={sessions}>
        {(data) => (data.users.length === 0
          ? <p class="muted">No session of the old page is connected.</p>
          : <Table caption="Sessions" columns={sessionColumns} rows={data.users} rowKey={(u) => u.user} sortBy="since" descending />)}
      </Show>
      {told && open.data && (
        <>
          <h3>Programs</h3>
          <Connections caption="Programs" rows={open.data.connections.filter((c) => !isBrowser(c.agent))} none="No other program is connected." />
        </>
      )}
    </Panel>
  );
}
