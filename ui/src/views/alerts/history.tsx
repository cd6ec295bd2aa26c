// The alerts of a day, newest first, page by page. Today's come as they are written.
import { useMemo } from 'preact/hooks';
import { alerts, histogram, type Histogram } from '../../api';
import { useLoad } from '../../api/use';
import { Chart, dayOf, DayPicker, Empty, Pages, Panel, Show } from '../../components';
import { count } from '../../format';
import { href, setParams, type Params } from '../../router';
import { alertOf } from '../../components/alert';
import { AlertTable } from './alert_table';
import { useSoon } from './soon';

const kPage = 100;

function PerHour({ of, day }: { of: Histogram; day: { from: number; to: number; text: string } }) {
  const buckets = of.buckets ?? [];
  const times = useMemo(() => buckets.map((bucket) => bucket.time), [of]);
  const lines = useMemo(() => [{ label: 'Alerts', values: buckets.map((bucket) => bucket.count), bars: true, color: 3 }], [of]);
  return <Chart label={`${count(of.total, 'alert')} on ${day.text}, by the hour`} times={times} lines={lines} height={140} span={day} />;
}

export function History({ params, told }: { params: Params; told: number }) {
  const day = dayOf(params.day);
  const today = day.text === dayOf(undefined).text;
  const span = { from: day.from, to: day.to };
  const page = useLoad((options) => alerts({ ...span, limit: kPage, cursor: params.at ?? null }, options), [day.text, day.from, params.at]);
  const chart = useLoad((options) => histogram({ q: 'kind:alerts', ...span, step: '1h' }, options), [day.text, day.from]);
  useSoon(told, () => {
    if (!today) return;
    page.reload();
    chart.reload();
  });
  const pageLink = (at: string | null) => href('alerts', { day: params.day, at });
  return (
    <Panel
      title={<>{today ? 'Today' : day.text}{chart.data && <span class="muted alerts-total"> {count(chart.data.total, 'alert')}</span>}</>}
      actions={<DayPicker day={day} change={(text) => setParams({ day: text, at: null })} />}
    >
      {chart.data && chart.data.total > 0 && <PerHour of={chart.data} day={day} />}
      <Show of={page}>
        {(data) => (
          <>
            {data.alerts.length === 0
              ? <Empty title={today ? 'No alerts today.' : `No alerts on ${day.text}.`} />
              : <AlertTable caption={`Alerts of ${day.text}`} alerts={data.alerts.map(alertOf)} />}
            {!data.stats.complete && <p class="hint">The server stopped before it had looked at all of them ({data.stats.stopped_by}): the next page goes on.</p>}
            <Pages links={[
              { text: 'Newest', href: params.at !== undefined && pageLink(null) },
              { text: 'Newer', href: params.at !== undefined && data.alerts.length > 0 && data.prev !== null && pageLink(data.prev) },
              { text: 'Older', href: data.next !== null && pageLink(data.next) },
            ]} />
          </>
        )}
      </Show>
    </Panel>
  );
}
