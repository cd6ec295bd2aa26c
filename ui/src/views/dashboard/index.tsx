import { clients, stats, tags } from '../../api';
import { useLoad } from '../../api/use';
import { Removals, Select, useNames, valueOf, ViewHead } from '../../components';
import { setParams } from '../../router';
import type { ViewProps } from '..';
import { AlertsOfToday } from './alerts_of_today';
import { Connected } from './connected';
import './dashboard.css';
import { ErrorsOverTime, TopLogs } from './lines_of';
import { Presence } from './presence';
import { Rate, rateOf, useRates } from './rate';
import { ReplicationLine } from './replication_line';
import { StoreFigures } from './store_figures';

const kClientsMs = 10_000;
const kStoreMs = 3000;

const kTimes: readonly (readonly [string, string])[] = [['-1h', 'Last hour'], ['-6h', 'Last 6 hours'], ['', 'Last day'], ['-7d', 'Last week']];

export function Dashboard({ params }: ViewProps) {
  const list = useLoad(clients, [], kClientsMs);
  const tagged = useLoad(tags, [], 60_000);
  const store = useLoad(stats, [], kStoreMs);
  const looks = useRates(store.data);
  const names = useNames(tagged.data?.tags);
  const from = kTimes.some(([value]) => value === params.from) ? (params.from ?? '') : '';
  return (
    <>
      <ViewHead
        title="Dashboard"
        actions={<Select label="Time of charts" hideLabel options={kTimes} value={from} onChange={(event) => setParams({ from: valueOf(event) })} />}
      />
      <StoreFigures of={store} rate={rateOf(looks)} clients={list} />
      <ReplicationLine />
      <div class="dashboard-grid">
        <Rate looks={looks} />
        <ErrorsOverTime from={from === '' ? '-1d' : from} />
        <Presence of={list} />
        <AlertsOfToday names={names} />
        <TopLogs from={from === '' ? '-1d' : from} />
        <Connected />
      </div>
      <Removals />
    </>
  );
}
