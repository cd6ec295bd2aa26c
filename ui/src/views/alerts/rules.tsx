// All rules, with what each says, whether it is on, and what of it fires.
import { useMemo, useState } from 'preact/hooks';
import { alertRules, type AlertRule, type FiringAlert } from '../../api';
import { useLoad } from '../../api/use';
import { Badge, Button, type Column, Panel, Show, Stacked, Table } from '../../components';
import { href, navigate } from '../../router';
import { may } from '../../session';
import { RuleLink } from './firing';
import { kindNames, kSevere, sentenceOf } from './rule';
import { removeRule, switchRule } from './rule_changes';

const kNone: readonly FiringAlert[] = [];

// A webhook's host: the rest of its address may be a secret.
export function hostOf(url: string): string {
  return /^https?:\/\/[^/?#\\]*/.exec(url)?.[0] ?? url;
}

export function RuleState({ rule, firing }: { rule: AlertRule; firing: number }) {
  if (rule.enabled === false) return <Badge>off</Badge>;
  return firing > 0 ? <Badge tone="bad">{firing} firing</Badge> : <Badge tone="good">on</Badge>;
}

export function Rules({ firing = kNone }: { firing: readonly FiringAlert[] | undefined }) {
  const rules = useLoad(alertRules, []);
  const [busy, setBusy] = useState<string | null>(null);
  const change = async (id: string, doing: Promise<boolean>) => {
    setBusy(id);
    if (await doing) rules.reload();
    setBusy(null);
  };
  const columns = useMemo<Column<AlertRule>[]>(() => [
    { name: 'id', title: 'Rule', cell: (r) => <RuleLink id={r.id ?? ''} />, sort: (r) => r.id ?? '', class: 'alerts-name' },
    { name: 'state', title: 'State', cell: (r) => <RuleState rule={r} firing={firing.filter((f) => f.rule === r.id).length} />, sort: (r) => Number(r.enabled !== false) },
    {
      name: 'says', title: 'Fires when', class: 'alerts-what stacked-whole',
      cell: (r) => <><div>{sentenceOf(r)}</div>{r.description && <div class="muted">{r.description}</div>}</>,
    },
    { name: 'kind', title: 'Kind', cell: (r) => (r.kind ? kindNames[r.kind] : ''), sort: (r) => r.kind ?? '' },
    { name: 'webhook', title: 'Webhook', cell: (r) => r.webhook && hostOf(r.webhook.url), sort: (r) => r.webhook?.url ?? null },
    {
      name: 'actions', title: 'Change',
      cell: (r) => {
        const id = r.id ?? '';
        return (
          <span class="actions alerts-actions">
            <Button needs="admin" small aria-label={`Edit ${id}`} onClick={() => navigate('alerts', { tab: 'rules', edit: id })}>Edit</Button>
            <Button needs="admin" small busy={busy === id} aria-label={`Switch ${r.enabled === false ? 'on' : 'off'} ${id}`} onClick={() => void change(id, switchRule(r))}>
              {r.enabled === false ? 'Switch on' : 'Switch off'}
            </Button>
            {id !== kSevere && <Button needs="admin" small aria-label={`Remove ${id}`} onClick={() => void change(id, removeRule(id))}>Remove</Button>}
          </span>
        );
      },
    },
  ], [firing, busy]);
  return (
    <Panel title="Rules" actions={may('admin') && <a class="button button-primary" href={href('alerts', { tab: 'rules', new: 'lines' })}>New rule</a>}>
      <Show of={rules}>
        {(data) => <Stacked><Table caption="All rules" columns={columns} rows={data.rules} rowKey={(r) => r.id ?? ''} sortBy="id" /></Stacked>}
      </Show>
    </Panel>
  );
}
