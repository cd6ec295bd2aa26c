// What fires now: a row for each rule's client, log or reading that is not resolved.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { FiringAlert, FollowState } from '../../api';
import type { Loaded } from '../../api/use';
import { Badge, type ClientNames, type Column, LiveState, Panel, Show, Stacked, Table } from '../../components';
import { ago, count, number, time } from '../../format';
import { href } from '../../router';
import { useSoon } from './soon';

// The log; of a reading its plugin and field.
export const sourceOf = ({ log, field }: { log?: string | null; field?: string | null }): string => [log, field].filter(Boolean).join(', ');

const columns: Column<FiringAlert>[] = [
  { name: 'rule', title: 'Rule', cell: (f) => <RuleLink id={f.rule} />, sort: (f) => f.rule, class: 'alerts-name' },
  { name: 'client', title: 'Client', cell: (f) => <ClientLink client={f.client} />, sort: (f) => f.client, class: 'alerts-client' },
  { name: 'of', title: 'Log or reading', cell: sourceOf, sort: sourceOf },
  { name: 'since', title: 'Since', cell: (f) => <time dateTime={new Date(f.since).toISOString()} title={ago(f.since)}>{time(f.since)}</time>, sort: (f) => f.since, class: 'nowrap' },
  // A server leaves out the number of what is not counted.
  { name: 'count', title: 'Lines', cell: (f) => ((f.count as number | undefined) === undefined ? '' : count(f.count, 'line')), sort: (f) => f.count, number: true },
  { name: 'line', title: 'A line', cell: (f) => f.line, class: 'line' },
];

export const RuleLink = ({ id }: { id: string }) => <a href={href('alerts', { tab: 'rules', rule: id })}>{id}</a>;

// For whoever shows clients below.
export const Names = createContext<ClientNames>({ names: {}, nameOf: (client) => client });

export function ClientLink({ client }: { client: string | null }) {
  const { nameOf } = useContext(Names);
  if (client === null || client === '') return null;
  const name = nameOf(client);
  return <a href={href('clients', { client })} title={name === client ? undefined : client}>{name}</a>;
}

export function Firing({ of, live, told }: { of: Loaded<{ firing: FiringAlert[] }>; live: FollowState | null; told: number }) {
  useSoon(told, of.reload);
  const many = of.data?.firing.length ?? 0;
  return (
    <Panel title={<>Firing now {many > 0 && <Badge tone="bad">{number(many)}</Badge>}</>} actions={<LiveState of={live} paused={false} />} class="alerts-firing">
      <Show of={of}>
        {({ firing }) => (firing.length === 0
          ? <p class="muted">Nothing is firing.</p>
          : <Stacked><Table caption="Firing now" columns={columns} rows={firing} rowKey={keyOf} sortBy="since" descending /></Stacked>)}
      </Show>
    </Panel>
  );
}

const keyOf = (f: FiringAlert): string => JSON.stringify([f.rule, f.client, f.log, f.field]);

