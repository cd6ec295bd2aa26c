// One rule: what it says, and a preview of what it would have told of what is stored.
import { useState } from 'preact/hooks';
import { alertRule, testAlertRule, type AlertGroup, type AlertRule, type AlertTrial, type ApiError, type FiringAlert } from '../../api';
import { asApiError, useLoad } from '../../api/use';
import { Badge, Button, type Column, ErrorState, Facts, Panel, Select, Show, Table, valueOf } from '../../components';
import { ago, count, number, time } from '../../format';
import { href, navigate } from '../../router';
import { alertsOfTrial } from './alert';
import { AlertTable } from './alert_table';
import { ClientLink, sourceOf } from './firing';
import { kindNames, kSevere, sentenceOf } from './rule';
import { removeRule, switchRule } from './rule_changes';
import { hostOf, RuleState } from './rules';

const kNone: readonly FiringAlert[] = [];
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
  return (
    <div class="alerts-trial">
      <p role="status">
        {of.fires ? <Badge tone="bad">It would fire</Badge> : <Badge tone="good">It would not fire</Badge>}
        {of.from !== undefined && of.to !== undefined && <span class="muted"> from {time(of.from)} to {time(of.to)}</span>}
        {of.stats && !of.stats.complete && <span> The server stopped at a limit ({of.stats.stopped_by}): this is of the oldest lines.</span>}
      </p>
      {of.groups.length > 0 && <Table caption="What is known at the end" columns={columns} rows={of.groups} rowKey={groupKey} sortBy="fires" descending />}
      {alerts && alerts.length > 0 && (
        <>
          <h3>Alerts that would have been written</h3>
          <AlertTable caption="Alerts that would have been written" alerts={alerts} />
          {(of.alerts_left_out ?? 0) > 0 && <p class="hint">And {number(of.alerts_left_out ?? 0)} more.</p>}
        </>
      )}
      {alerts && alerts.length === 0 && <p class="muted">No alerts would have been written.</p>}
    </div>
  );
}

function Preview({ rule }: { rule: AlertRule }) {
  const [from, setFrom] = useState('');
  const [state, setState] = useState<{ trial?: AlertTrial; error?: ApiError; busy: boolean }>({ busy: false });
  const run = async () => {
    setState({ busy: true });
    try {
      setState({ trial: await testAlertRule(rule.id ?? '', { from }), busy: false });
    } catch (error) {
      setState({ error: asApiError(error), busy: false });
    }
  };
  return (
    <Panel title="Preview">
      <form class="form-row" onSubmit={(event) => { event.preventDefault(); void run(); }}>
        {rule.kind !== 'silent' && <Select label="Look back" options={kSpans} value={from} onChange={(event) => setFrom(valueOf(event))} />}
        <Button type="submit" kind="primary" busy={state.busy}>What would have fired</Button>
      </form>
      <p class="hint alerts-hint">
        {rule.kind === 'silent' ? 'Tells which clients are silent now.' : 'Takes what is stored as if it had come at its own time, whether the rule is on or off.'} It changes nothing.
      </p>
      {state.error && <ErrorState error={state.error} />}
      {state.trial && <Trial of={state.trial} />}
    </Panel>
  );
}

function About({ rule }: { rule: AlertRule }) {
  const rows: [string, string][] = [['Fires when', sentenceOf(rule)], ['Kind', rule.kind ? kindNames[rule.kind] : '']];
  if (rule.description) rows.push(['Description', rule.description]);
  if (rule.clear_for !== undefined) rows.push(['Resolved after', `${rule.clear_for} back`]);
  if (rule.stale_after !== undefined) rows.push(['Without readings', `resolved after ${rule.stale_after}`]);
  if (rule.webhook) rows.push(['Webhook', `${hostOf(rule.webhook.url)}, ${rule.webhook.secret === undefined ? 'not signed' : 'signed with a secret'}`]);
  return <Facts of={rows} />;
}

export function RulePage({ id, firing = kNone }: { id: string; firing: readonly FiringAlert[] | undefined }) {
  const rule = useLoad((options) => alertRule(id, options), [id]);
  const [busy, setBusy] = useState(false);
  const toggle = async (of: AlertRule) => {
    setBusy(true);
    if (await switchRule(of)) rule.reload();
    setBusy(false);
  };
  const remove = async () => { if (await removeRule(id)) navigate('alerts', { tab: 'rules' }); };
  const actions = rule.data && (
    <>
      <a class="button" href={href('alerts', { tab: 'rules', edit: id })}>Edit</a>
      <Button busy={busy} onClick={() => { if (rule.data) void toggle(rule.data); }}>{rule.data.enabled === false ? 'Switch on' : 'Switch off'}</Button>
      {id !== kSevere && <Button onClick={() => void remove()}>Remove</Button>}
    </>
  );
  return (
    <>
      <p><a href={href('alerts', { tab: 'rules' })}>All rules</a></p>
      <Panel title={<>{id} {rule.data && <RuleState rule={rule.data} firing={firing.filter((f) => f.rule === id).length} />}</>} actions={actions}>
        <Show of={rule}>{(data) => <About rule={data} />}</Show>
      </Panel>
      {rule.data && <Preview rule={rule.data} />}
    </>
  );
}
