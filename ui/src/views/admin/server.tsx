// How the server is: its health, who is connected, and all its numbers.
import { useMemo } from 'preact/hooks';
import { counters, health, lost, stats, type CounterPage, type Health, type StoreStats } from '../../api';
import { useLoad } from '../../api/use';
import { Badge, Figure, Panel, Show, Table, type Column } from '../../components';
import { bytes, duration, number, percent, time } from '../../format';
import { Connected } from './connected';

const kEveryMs = 5000;
const kConnections = 'connections'; // the row of counters

function HealthBadge({ of }: { of: Health }) {
  if (lost.value !== null) return <Badge tone="bad">no answer</Badge>;
  if (of.damaged) return <Badge tone="bad">a file is damaged: run a verify</Badge>;
  if (of.status === 'ok' && of.replication?.standby) return <Badge tone="warn">standby</Badge>; // no fault: it takes no writes
  if (!of.writable) return <Badge tone="warn">read-only{of.reason ? `: ${of.reason}` : ''}</Badge>;
  return of.status === 'ok' ? <Badge tone="good">ok</Badge> : <Badge tone="bad">{of.status}{of.reason ? `: ${of.reason}` : ''}</Badge>;
}

const counterColumns: Column<CounterPage['counters'][number]>[] = [
  { name: 'column', title: 'Counter', cell: (c) => c.column, sort: (c) => c.column },
  { name: 'value', title: 'Value', cell: (c) => number(c.value), sort: (c) => c.value, number: true },
];

type Number = readonly [name: string, value: StoreStats[string]];
function shown([name, value]: Number): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return name === 'time' ? time(value) : name.endsWith('_bytes') || name.startsWith('bytes_') ? bytes(value) : number(value);
  return String(value);
}
const numberColumns: Column<Number>[] = [
  { name: 'name', title: 'Name', cell: ([name]) => <code>{name}</code>, sort: ([name]) => name },
  { name: 'value', title: 'Value', cell: shown, sort: ([, value]) => (typeof value === 'number' ? value : null), number: true },
];

// Of the text that is in blocks, how much they take on disk.
const packed = (s: StoreStats): string => percent(Number(s.block_bytes ?? 0), Number(s.block_text_bytes ?? 0));

function Figures({ of, health: how }: { of: StoreStats; health: Health | undefined }) {
  return (
    <div class="figures">
      <Figure label="Up for" value={how ? duration(how.uptime_s * 1000) : '–'} note={`version ${of.version}`} />
      <Figure label="On disk" value={bytes(of.disk_bytes)} note={`${bytes(of.disk_free_bytes)} free`} tone={of.writable ? undefined : 'bad'} />
      <Figure label="In memory" value={bytes(of.memory_bytes)} note="of the store" />
      <Figure label="Rows" value={number(of.rows)} note={`${number(of.cells_written)} cells written since the start`} />
      <Figure label="Lines" value={number(of.lines_written)} note="written since the start" />
      <Figure label="Sealed lines" value={number(Number(of.block_lines ?? 0))} note={`in ${number(Number(of.blocks ?? 0))} blocks, ${packed(of)} of their text`} />
    </div>
  );
}

export function Server() {
  const store = useLoad(stats, [], kEveryMs);
  const how = useLoad(health, [], kEveryMs);
  const connections = useLoad((options) => counters({ row: kConnections }, options), [], kEveryMs);
  const numbers = useMemo<Number[]>(() => Object.entries(store.data ?? {}), [store.data]);
  return (
    <>
      <Panel title={<>Server {how.data && <HealthBadge of={how.data} />}</>}>
        <Show of={store}>{(data) => <Figures of={data} health={how.data} />}</Show>
      </Panel>
      <div class="grid">
        <Connected />
        <Panel title="Connections counted">
          <Show of={connections}>
            {(data) => (data.counters.length === 0
              ? <p class="muted">None have been counted.</p>
              : <Table caption="Counters of connections" columns={counterColumns} rows={data.counters} rowKey={(c) => c.column} />)}
          </Show>
        </Panel>
      </div>
      {store.data && (
        <Panel title="All numbers" class="admin-numbers">
          <Table caption="Numbers of the store" columns={numberColumns} rows={numbers} rowKey={([name]) => name} />
        </Panel>
      )}
    </>
  );
}
