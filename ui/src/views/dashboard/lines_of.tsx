// What the lines of the last hours are: errors over time, and the logs that have most.
import { useMemo } from 'preact/hooks';
import { histogram, type Histogram } from '../../api';
import { useLoad } from '../../api/use';
import { Bar, Chart, Empty, Panel, Show, sourceQuery, Table, type ChartLine, type Column } from '../../components';
import { count, number, percent } from '../../format';
import { href, navigate } from '../../router';

const kEveryMs = 30_000;
const kTop = 10;
const kErrors = 'level:(fatal OR error) kind:logs';
const kLines = [
  { value: 'fatal', label: 'FATAL', color: 4 },
  { value: 'error', label: 'ERROR, SEVERE', color: 3 },
] as const;

function sumOf(buckets: readonly { count: number }[]): number {
  return buckets.reduce((sum, bucket) => sum + bucket.count, 0);
}
// A query that ran into a limit tells of a part.
function Partial({ of: { stats } }: { of: Histogram }) {
  return stats.complete ? null : <p class="muted">Not all: the server's limit {stats.stopped_by} was reached.</p>;
}

function ErrorChart({ found }: { found: Histogram }) {
  const series = found.series ?? [];
  const times = useMemo(() => (series[0]?.buckets ?? []).map((bucket) => bucket.time), [found]);
  const lines = useMemo(
    () => kLines.map(({ value, label, color }): ChartLine => {
      const counts = new Map(series.find((one) => one.value === value)?.buckets.map((bucket) => [bucket.time, bucket.count]));
      return { label, color, fill: true, values: times.map((at) => counts.get(at) ?? 0) };
    }),
    [found, times],
  );
  return (
    <Chart
      name="errors" label={`Errors over time, ${count(found.total, 'line')} in all`} times={times} lines={lines}
      select={(from, to) => navigate('search', { q: kErrors, from, to })}
    />
  );
}

export function ErrorsOverTime({ from }: { from: string }) {
  const found = useLoad((options) => histogram({ q: kErrors, from, to: 'now', by: 'level' }, options), [from], kEveryMs);
  return (
    <Panel title="SEVERE and ERROR" actions={<a href={href('search', { q: kErrors, from })}>Search them</a>}>
      <Show of={found}>
        {(answer) => (
          <>
            {answer.total === 0
              ? <Empty title="There were no errors in this time." />
              : (
                <>
                  <ErrorChart found={answer} />
                  <p class="muted">{kLines.map(({ value, label }) => `${label}: ${number(sumOf(answer.series?.find((one) => one.value === value)?.buckets ?? []))}`).join(' · ')}</p>
                </>
              )}
            <Partial of={answer} />
          </>
        )}
      </Show>
    </Panel>
  );
}

interface Volume {
  log: string;
  lines: number;
}

export function TopLogs({ from }: { from: string }) {
  // One step a day: whole blocks of lines are counted without being looked into.
  const found = useLoad((options) => histogram({ q: 'kind:logs', from, to: 'now', by: 'log', step: '1d' }, options), [from], kEveryMs);
  const volumes = useMemo(
    () => (found.data?.series ?? []).map((one): Volume => ({ log: one.value, lines: sumOf(one.buckets) })).sort((a, b) => b.lines - a.lines).slice(0, kTop),
    [found.data],
  );
  const total = found.data?.total ?? 0;
  const most = volumes[0]?.lines ?? 0;
  const columns = useMemo((): Column<Volume>[] => [
    { name: 'log', title: 'Log', class: 'name-cell', cell: (v) => (v.log === '(other)' ? 'others' : <a href={href('search', { q: sourceQuery({ log: v.log, kind: 'logs' }), from })}>{v.log}</a>), sort: (v) => v.log },
    { name: 'lines', title: 'Lines', number: true, cell: (v) => number(v.lines), sort: (v) => v.lines },
    { name: 'share', title: 'Share', class: 'dashboard-share', cell: (v) => <>{percent(v.lines, total)}<Bar value={v.lines} of={most} /></> },
  ], [from, total, most]);
  return (
    <Panel title="Top logs by volume">
      <Show of={found}>
        {(answer) => (
          <>
            {volumes.length === 0 ? <Empty title="There were no lines in this time." /> : <Table caption="Logs by their lines" columns={columns} rows={volumes} rowKey={(v) => v.log} sortBy="lines" descending />}
            <Partial of={answer} />
          </>
        )}
      </Show>
    </Panel>
  );
}
