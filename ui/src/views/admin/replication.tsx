// Other hubs: where this one sends what is written here, who sends to it, and whether it takes writes of others than hubs.
import { replication, setStandby, type Replication as Status, type ReplicationSource } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Badge, Bar, Button, Empty, Facts, Panel, Show, Stacked, Table, tellDone, tellFailed, useNow, type Column } from '../../components';
import { ago, bytes, number, time } from '../../format';
import type { Params } from '../../router';
import { RefusedValues } from './refused_values';
import { Targets } from './replication_targets';

const kEveryMs = 2000;

async function changeStandby(on: boolean, reload: () => void): Promise<void> {
  const sure = await ask(on
    ? {
        title: 'Make this hub a standby?', yes: 'Make it a standby', danger: true,
        text: <p>It then takes writes of other hubs only. What agents and pages write here is refused until it is opened; reads, searches and tails work. It lasts over a restart.</p>,
      }
    : {
        title: 'Open this hub for writing?', yes: 'Open it',
        text: <p>It then takes the writes of agents and pages, also after a restart. Point them here, and let the hub that they wrote to take none meanwhile, if it should not.</p>,
      });
  if (!sure) return;
  try {
    await setStandby(on);
    tellDone(on ? 'The hub is a standby.' : 'The hub takes writes.');
  } catch (error) {
    tellFailed(on ? 'The hub could not be made a standby' : 'The hub could not be opened', error);
  }
  reload();
}

function Journal({ of: { on, bytes: size, limit } }: { of: Status['journal'] }) {
  if (!on) return <>none is kept: there is no target that needs one</>;
  return <>{bytes(size)} of at most {bytes(limit)} are kept for targets<Bar value={size} of={limit} tone={size > 0.8 * limit ? 'warn' : 'info'} /></>;
}

function ThisHub({ of, reload }: { of: Status; reload: () => void }) {
  return (
    <Panel
      title={<>This hub {of.standby ? <Badge tone="warn">standby</Badge> : <Badge tone="good">open</Badge>}</>}
      actions={<Button needs="admin" onClick={() => void changeStandby(!of.standby, reload)}>{of.standby ? 'Open for writing…' : 'Make it a standby…'}</Button>}
    >
      <Facts
        of={[
          ['Id', <code key="id">{of.hub}</code>],
          ['Takes writes', of.standby ? 'of other hubs only, until it is opened' : 'of agents, pages and other hubs'],
          ['Journal', <Journal key="journal" of={of.journal} />],
        ]}
      />
    </Panel>
  );
}

const kSourceColumns: Column<ReplicationSource>[] = [
  { name: 'hub', title: 'Hub', cell: (s) => <code>{s.hub}</code>, sort: (s) => s.hub, class: 'admin-name stacked-whole' },
  { name: 'stream', title: 'Stream', cell: (s) => (s.stream === '' ? 'all that is written there' : s.stream), sort: (s) => s.stream, class: 'admin-name stacked-whole' },
  { name: 'position', title: 'Position', cell: (s) => (s.position === null ? 'no position yet' : `position ${number(s.position)}`), sort: (s) => s.position },
  { name: 'credentials', title: 'Credentials', cell: (s) => s.credentials ?? 'not bound', sort: (s) => s.credentials ?? '' },
  { name: 'last', title: 'Last heard of', cell: (s) => (s.last_ms === 0 ? 'not heard of since the start' : <span title={time(s.last_ms)}>heard of {ago(s.last_ms)}</span>), sort: (s) => s.last_ms },
];

function Sources({ of }: { of: readonly ReplicationSource[] }) {
  useNow(1000); // how long ago each was heard of
  return (
    <Panel title="Hubs that send to this one">
      {of.length === 0
        ? <p class="muted">None does.</p>
        : <Stacked><Table caption="Sources of replication" columns={kSourceColumns} rows={of} rowKey={(s) => `${s.hub}\n${s.stream}`} sortBy="hub" /></Stacked>}
    </Panel>
  );
}

function None() {
  return (
    <Empty title="This hub sends to no other.">
      <p>Start nm-stored with <code>--replicate-to https://HUB:8001 --replicate-auth TOKEN:ACCOUNT</code>, and what is written here is written there too.</p>
    </Empty>
  );
}

export function Replication({ params }: { params: Params }) {
  const status = useLoad(replication, [], kEveryMs);
  return (
    <Show of={status}>
      {(data) => (
        <>
          <ThisHub of={data} reload={status.reload} />
          <Panel title="Targets">
            {data.targets.length === 0 ? <None /> : <Targets of={data.targets} reload={status.reload} />}
          </Panel>
          {params.refused !== undefined && <RefusedValues key={params.refused} target={params.refused} reload={status.reload} />}
          <Sources of={data.sources} />
        </>
      )}
    </Show>
  );
}
