// A rule is made or changed. What is wrong with it the server says, beside the field that it names.
import { useEffect, useRef, useState } from 'preact/hooks';
import { alertRule, alertRules, setAlertRule, testAlertRule, testNewAlertRule, type AlertRule, type ApiError } from '../../api';
import { asApiError, useLoad } from '../../api/use';
import { Button, Checkbox, checkedOf, ErrorState, Panel, Select, Show, tellDone, TextField, useUnsaved, valueOf } from '../../components';
import { href, navigate } from '../../router';
import { draftOf, faultOf, hasChanged, kIdWanted, kindNames, kSevere, ruleOf, type RuleDraft, type RuleKind } from './rule';
import { Preview } from './preview';
import { KindFields, type Fault, type FieldOf } from './rule_fields';

const kKinds = (['lines', 'reading', 'silent'] as const).map((kind) => [kind, kindNames[kind]] as const);

// "." and ".." are names for the server, but in an address a browser takes them away.
const badId = (id: string): boolean => id === '' || id === '.' || id === '..';

export function RuleForm({ id }: { id: string | null }) {
  const old = useLoad(id === null ? null : (options) => alertRule(id, options), [id]);
  if (id === null) return <Form start={draftOf({ kind: 'lines' })} isNew />;
  return <Show of={old}>{(rule: AlertRule) => <Form key={id} start={draftOf(rule)} isNew={false} />}</Show>;
}

function Form({ start, isNew }: { start: RuleDraft; isNew: boolean }) {
  const [draft, setDraft] = useState(start);
  const [fault, setFault] = useState<Fault | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const saved = useRef(false);
  useUnsaved(() => !saved.current && hasChanged(start, draft, isNew), isNew ? 'The new rule' : `The rule ${draft.id}`);

  // Whoever cannot see the mark is led to the field.
  useEffect(() => {
    if (fault?.field) form.current?.querySelector<HTMLElement>(`[name="${fault.field}"]`)?.focus();
  }, [fault]);

  const change = (some: Partial<RuleDraft>) => {
    setDraft({ ...draft, ...some });
    if (fault?.field && fault.field in some) setFault(null);
  };
  const field: FieldOf = (name) => ({
    name,
    value: String(draft[name]),
    error: fault?.field === name ? fault.text : undefined,
    onInput: (event: Event) => change({ [name]: valueOf(event) }),
  });

  // Whether the error is of a field, which then tells it.
  const marked = (error: ApiError): boolean => {
    const found = faultOf(error.message, draft);
    if (error.status !== 400 || found.field === null) return false;
    setFault(found);
    return true;
  };
  const save = async () => {
    setFault(null);
    setFailed(null);
    const id = draft.id.trim();
    if (badId(id)) return setFault({ field: 'id', text: kIdWanted });
    setBusy(true);
    try {
      // PUT would replace it, which is not what who makes a new one means.
      if (isNew && (await alertRules()).rules.some((rule) => rule.id === id)) return setFault({ field: 'id', text: `there is a rule "${id}" already` });
      await setAlertRule(id, ruleOf(draft) as AlertRule);
      saved.current = true;
      tellDone(`${id} is saved.`);
      navigate('alerts', { tab: 'rules', rule: id });
    } catch (caught) {
      const error = asApiError(caught);
      if (!marked(error)) setFailed(error);
    } finally {
      setBusy(false);
    }
  };

  const severe = draft.kind === kSevere;
  // Where alerts would be posted to is of no matter, and a secret need not travel for it.
  const { webhook: _, ...tested } = ruleOf(draft) as AlertRule;
  return (
    <>
      <Panel title={isNew ? 'New rule' : `Edit ${draft.id}`} class="alerts-form">
        <form ref={form} noValidate onSubmit={(event) => { event.preventDefault(); void save(); }}>
          {isNew && <TextField label="Name" hint="Letters, digits, _ - and ." maxLength={64} {...field('id')} />}
          {!severe && (
            <Select label="Kind" name="kind" options={kKinds} value={draft.kind} error={fault?.field === 'kind' ? fault.text : undefined} onChange={(event) => { setFault(null); setDraft({ ...draft, kind: valueOf(event) as RuleKind }); }} />
          )}
          {severe && <p class="hint">Each line whose level is SEVERE is an alert. This rule is always there, and can be switched off.</p>}
          <KindFields draft={draft} field={field} change={change} column={fault?.field === 'query' ? fault.column : undefined} />
          <TextField label="Description" {...field('description')} />
          <fieldset>
            <legend>Webhook</legend>
            <TextField label="Address" type="url" placeholder="https://chat.example.com/hooks/42" hint="Alerts are posted there as JSON. Empty: nowhere." {...field('url')} />
            <TextField
              label="Secret" type="password" autocomplete="new-password" placeholder={draft.keepSecret ? 'kept as it is' : ''}
              hint={draft.keepSecret ? 'There is one, which is never shown. Type another to replace it.' : 'Signs what is posted. It is never shown again.'} {...field('secret')}
            />
            {start.keepSecret && <Checkbox label="Keep the secret that there is" checked={draft.keepSecret} onChange={(event) => change({ keepSecret: checkedOf(event) })} />}
          </fieldset>
          <Checkbox label="Switched on" checked={draft.enabled} onChange={(event) => change({ enabled: checkedOf(event) })} />
          {failed && <ErrorState error={failed} />}
          <p class="hint">A rule begins anew when it is saved: what fires of it is resolved.</p>
          <div class="actions">
            <Button needs="admin" type="submit" kind="primary" busy={busy}>Save</Button>
            <a class="button" href={href('alerts', isNew ? { tab: 'rules' } : { tab: 'rules', rule: draft.id })}>Cancel</a>
          </div>
        </form>
      </Panel>
      <Preview
        of={JSON.stringify(tested)} silent={draft.kind === 'silent'} refused={marked}
        test={(span) => { setFault(null); return severe ? testAlertRule(kSevere, span) : testNewAlertRule(tested, span); }}
      />
    </>
  );
}
