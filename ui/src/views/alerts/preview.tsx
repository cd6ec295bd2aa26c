// A preview of a rule: what it would have told of what is stored.
import { useState } from 'preact/hooks';
import type { AlertGroup, AlertTrial, ApiError, TimeSpan } from '../../api';
import { asApiError } from '../../api/use';
import { Badge, Button, type Column, ErrorState, Panel, Select, Table, valueOf } from '../../components';
import { ago, count, number, time } from '../../format';
import { alertsOfTrial } from '../../components/alert';
import { AlertTable } from './alert_table';
import { ClientLink, sourceOf } from './firing';
import { verdictOf } from './verdict';

const kSpans: readonly (readonly [string, string])[] = [
  ['', "The rule's own time"], ['-1h', 'Last hour'], ['-1d', 'Last day'], ['-7d', 'Last week'], ['-30d', 'Last 30 days'],
];

const columns: Column<AlertGroup>[] = [
  { name: 'fires', title: 'At the end', cell: (g) => (g.fires ? <Badge tone="bad">fires</Badge> : <Badge tone="good">does not fire</Badge>), sort: (g) => Number(g.fires) },
  { name: 'client', title: 'Client', cell: (g) => <ClientLink client={g.client ?? null} />, sort: (g) => g.client ?? null, class: 'alerts-client' },
  { name: 'of', title: 'Log or reading', cell: sourceOf, sort: sourceOf },
  {
    name: 'found', title: 'Found', sort: (g) => g.count ?? g.reading ?? g.last_seen ?? null,
    cell: (g) => (g.last_seen !== undefined ? `last seen ${ago(g.last_seen)}` : g.count !== undefined ? count(g.count, 'line') : g.reading !== undefined ? number(g.reading) : ''),
  },
];

// Of a rule for all lines, groups have no names.
const groupKey = (g: AlertGroup): string => JSON.stringify([g.client, g.log, g.field]);

function Trial({ of }: { of: AlertTrial }) {
  const alerts = of.alerts && alertsOfTrial(of.alerts);
  const verdict = verdictOf(of);
  return (
    <div class="alerts-trial">
      <p role="status">
        <Badge tone={verdict.tone}>{verdict.text}</Badge>
        {of.from !== undefined && of.to !== undefined && <span class="muted"> from {time(of.from)} to {time(of.to)}.</span>}
        {verdict.end !== '' && ` ${verdict.end}`}
        {of.stats && !of.stats.complete && <span> The server stopped at a limit ({of.stats.stopped_by}): this is of the oldest lines.</span>}
      </p>
      {of.groups.length > 0 && <Table caption="What is known at the end" columns={columns} rows={of.groups} rowKey={groupKey} sortBy="fires" descending />}
      {alerts && alerts.length > 0 && (
        <>
          <h3>Alerts that would have been written</h3>
          <AlertTable caption="Alerts that would have been written" alerts={alerts} ofRule />
          {(of.alerts_left_out ?? 0) > 0 && <p class="hint">And {number(of.alerts_left_out ?? 0)} more.</p>}
        </>
      )}
      {alerts && alerts.length === 0 && <p class="muted">No alerts would have been written.</p>}
    </div>
  );
}

interface PreviewProps {
  of: string; // changes with the rule: what was told of another is not shown any more
  silent: boolean;
  test: (span: TimeSpan) => Promise<AlertTrial>;
  refused?: (error: ApiError) => boolean; // whether that is told elsewhere
}

// What a rule would have told of what is stored, asked with a button.
export function Preview({ of, silent, test, refused }: PreviewProps) {
  const [from, setFrom] = useState('');
  const [state, setState] = useState<{ of: string; trial?: AlertTrial; error?: ApiError; busy: boolean }>({ of, busy: false });
  const run = async () => {
    setState({ of, busy: true });
    try {
      setState({ of, trial: await test(silent ? {} : { from }), busy: false });
    } catch (caught) {
      const error = asApiError(caught);
      setState(refused?.(error) ? { of, busy: false } : { of, error, busy: false });
    }
  };
  const current = state.of === of ? state : { busy: state.busy, error: undefined, trial: undefined };
  return (
    <Panel title="Preview">
      <form class="form-row" onSubmit={(event) => { event.preventDefault(); void run(); }}>
        {!silent && <Select label="Look back" options={kSpans} value={from} onChange={(event) => setFrom(valueOf(event))} />}
        <Button type="submit" kind="primary" busy={current.busy}>What would have fired</Button>
      </form>
      <p class="hint alerts-hint">
        {silent ? 'Tells which clients are silent now.' : 'Takes what is stored as if it had come at its own time, whether the rule is on or off.'} It changes nothing.
      </p>
      {current.error && <ErrorState error={current.error} />}
      {current.trial && <Trial of={current.trial} />}
    </Panel>
  );
}
