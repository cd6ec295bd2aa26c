// Who has a page open, and the servers that agents report to.
import { connections, row, users } from '../../api';
import { useLoad } from '../../api/use';
import { agentName, isBrowser, Panel, Show } from '../../components';
import { ago, number, time } from '../../format';
import { may } from '../../session';

const kEveryMs = 15_000;
const kMost = 50;

function Names({ names, none }: { names: readonly { name: string; at: number | null }[]; none: string }) {
  if (names.length === 0) return <p class="muted">{none}</p>;
  return (
    <ul class="dashboard-names">
      {names.slice(0, kMost).map(({ name, at }) => <li key={name}>{name} <span class="muted" title={time(at)}>{at === null ? '' : ago(at)}</span></li>)}
      {names.length > kMost && <li class="muted">and {number(names.length - kMost)} more</li>}
    </ul>
  );
}

const timeOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : null);

export function Connected() {
  const told = may('admin');
  const open = useLoad(told ? connections : null, [told], kEveryMs);
  const connected = useLoad(users, [], kEveryMs);
  const servers = useLoad((options) => row({ family: 'CFUTF8Type', row: 'servers', limit: kMost }, options), [], 60_000);
  return (
    <Panel title="Users and servers">
      <h3>Users connected</h3>
      <Show of={connected}>{({ users }) => (
        <Names
          names={[
            ...(open.data?.connections ?? []).filter(({ agent }) => isBrowser(agent)).map(({ address, token, agent, since }) => ({ name: `${agentName(agent)}, ${address}${token ? ` (${token})` : ''}`, at: since })),
            ...users.map(({ user, since }) => ({ name: user, at: since })),
          ]}
          none={told ? 'Nobody is connected.' : "Nobody is connected by the old page's socket; who has this page open is told to the role admin."}
        />
      )}</Show>
      <h3>Servers</h3>
      <Show of={servers}>{({ cells }) => <Names names={cells.map(({ column, value }) => ({ name: column, at: timeOf(value) }))} none="No server of agents has signed in." />}</Show>
    </Panel>
  );
}
