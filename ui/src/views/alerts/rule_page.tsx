// One rule: what it says, and a preview of what it would have told of what is stored.
import { useState } from 'preact/hooks';
import { alertRule, testAlertRule, type AlertRule, type FiringAlert } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Facts, Panel, Show } from '../../components';
import { href, navigate } from '../../router';
import { may } from '../../session';
import { Preview } from './preview';
import { kindNames, kSevere, sentenceOf } from './rule';
import { removeRule, switchRule } from './rule_changes';
import { hostOf, RuleState } from './rules';

const kNone: readonly FiringAlert[] = [];
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
      {may('admin') && <a class="button" href={href('alerts', { tab: 'rules', edit: id })}>Edit</a>}
      <Button needs="admin" busy={busy} onClick={() => { if (rule.data) void toggle(rule.data); }}>{rule.data.enabled === false ? 'Switch on' : 'Switch off'}</Button>
      {id !== kSevere && <Button needs="admin" onClick={() => void remove()}>Remove</Button>}
    </>
  );
  return (
    <>
      <p><a href={href('alerts', { tab: 'rules' })}>All rules</a></p>
      <Panel title={<>{id} {rule.data && <RuleState rule={rule.data} firing={firing.filter((f) => f.rule === id).length} />}</>} actions={actions}>
        <Show of={rule}>{(data) => <About rule={data} />}</Show>
      </Panel>
      {rule.data && <Preview of={id} silent={rule.data.kind === 'silent'} test={(span) => testAlertRule(id, span)} />}
    </>
  );
}
