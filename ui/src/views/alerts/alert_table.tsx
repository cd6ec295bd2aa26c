// Alerts as a table: of a day, or of a rule's preview.
import { Badge, type Column, sourceQuery, Stacked, Table } from '../../components';
import { duration, time } from '../../format';
import { href } from '../../router';
import { sampleOf, type Alert } from '../../components/alert';
import { ClientLink, RuleLink } from './firing';

const kAroundMs = 300_000; // of the lines that a link leads to, before and after

const kTones = { firing: 'bad', resolved: 'good', reset: 'warn' } as const;

export const StateBadge = ({ state }: { state: Alert['state'] }) => (state === null ? <Badge>alert</Badge> : <Badge tone={kTones[state]}>{state}</Badge>);

function Around({ alert }: { alert: Alert }) {
  if (alert.client === null) return null;
  const to = { q: sourceQuery({ client: alert.client, log: alert.log ?? undefined }), from: String(Math.min(alert.since ?? alert.time, alert.time) - kAroundMs), to: String(alert.time + kAroundMs) };
  return <a href={href('search', to)} aria-label={`Lines of ${alert.client} around ${time(alert.time)}`}>Lines</a>;
}

function What({ alert }: { alert: Alert }) {
  const sample = sampleOf(alert);
  const lasted = alert.state === 'resolved' && alert.since !== null ? ` (after ${duration(alert.time - alert.since)})` : '';
  return (
    <>
      <div>{alert.text}{lasted}</div>
      {sample !== null && <div class="alerts-sample mono">{sample}</div>}
    </>
  );
}

const columns: Column<Alert>[] = [
  { name: 'time', title: 'Time', cell: (a) => <time dateTime={new Date(a.time).toISOString()}>{time(a.time)}</time>, sort: (a) => a.time, class: 'nowrap' },
  { name: 'state', title: 'State', cell: (a) => <StateBadge state={a.state} />, sort: (a) => a.state },
  { name: 'rule', title: 'Rule', cell: (a) => a.rule !== null && <RuleLink id={a.rule} />, sort: (a) => a.rule, class: 'alerts-name' },
  { name: 'client', title: 'Client', cell: (a) => <ClientLink client={a.client} />, sort: (a) => a.client, class: 'alerts-client' },
  { name: 'what', title: 'What', cell: (a) => <What alert={a} />, class: 'alerts-what stacked-whole' },
  { name: 'around', title: 'Around it', cell: (a) => <Around alert={a} /> },
];

const columnsOfRule = columns.filter((column) => column.name !== 'rule');

// `ofRule`: they are all of one rule, which is told beside them.
export function AlertTable({ caption, alerts, ofRule = false }: { caption: string; alerts: readonly Alert[]; ofRule?: boolean }) {
  return <Stacked><Table caption={caption} columns={ofRule ? columnsOfRule : columns} rows={alerts} rowKey={(a) => a.id} /></Stacked>;
}
