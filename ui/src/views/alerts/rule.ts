// Rules as a form has them: texts, which become the JSON that the server reads. What is wrong with them the server says.
import type { AlertRule } from '../../api';

export type RuleKind = NonNullable<AlertRule['kind']>;

export interface RuleDraft {
  id: string;
  kind: RuleKind;
  enabled: boolean;
  description: string;
  query: string;
  count: string;
  within: string;
  by: string;
  client: string;
  plugin: string;
  field: string;
  side: 'above' | 'below';
  limit: string;
  for: string;
  clear_for: string;
  stale_after: string;
  after: string;
  overrides: string; // a line each: CLIENT=DURATION
  url: string;
  secret: string;
  keepSecret: boolean; // there is one, which is never shown
}

// What the server shows in place of a secret, and takes for the one that it has.
const kHiddenSecret = '***';
export const kSevere = 'severe';
export const kIdWanted = "expected 1 to 64 letters, digits, '_', '-' or '.'";

export const kindNames: Readonly<Record<RuleKind, string>> = {
  lines: 'Lines that match a query',
  reading: 'A reading above or below',
  silent: 'A silent client',
  severe: 'SEVERE lines',
};

export function draftOf(rule: AlertRule): RuleDraft {
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value));
  return {
    id: rule.id ?? '',
    kind: rule.kind ?? 'lines',
    enabled: rule.enabled ?? true,
    description: text(rule.description),
    query: text(rule.query),
    count: text(rule.count),
    within: text(rule.within),
    by: text(rule.by),
    client: text(rule.client),
    plugin: text(rule.plugin),
    field: text(rule.field),
    side: rule.below !== undefined ? 'below' : 'above',
    limit: text(rule.below ?? rule.above),
    for: text(rule.for),
    clear_for: text(rule.clear_for),
    stale_after: text(rule.stale_after),
    after: text(rule.after),
    overrides: (rule.overrides ?? []).map(({ client, after }) => `${client}=${after}`).join('\n'),
    url: text(rule.webhook?.url),
    secret: '',
    keepSecret: rule.webhook?.secret !== undefined,
  };
}

// Whether something would be lost. Of a new rule its kind alone is no work.
export const hasChanged = (start: RuleDraft, now: RuleDraft, isNew: boolean): boolean =>
  (Object.keys(start) as (keyof RuleDraft)[]).some((part) => start[part] !== now[part] && !(isNew && part === 'kind'));

// A number, or, as the server then says best what is wrong with it, the text.
function numeral(text: string): number | string {
  const trimmed = text.trim();
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

// What is empty is left out: the server then has its own default.
export function ruleOf(draft: RuleDraft): Record<string, unknown> {
  const rule: Record<string, unknown> = { kind: draft.kind, enabled: draft.enabled };
  const set = (name: string, value: string) => { if (value.trim() !== '') rule[name] = value.trim(); };
  set('description', draft.description);
  if (draft.kind === 'lines') {
    rule.query = draft.query.trim();
    if (draft.count.trim() !== '') rule.count = numeral(draft.count);
    set('within', draft.within);
    set('by', draft.by);
  } else if (draft.kind === 'reading') {
    set('client', draft.client);
    set('plugin', draft.plugin);
    set('field', draft.field);
    rule[draft.side] = numeral(draft.limit);
    for (const name of ['for', 'clear_for', 'stale_after'] as const) set(name, draft[name]);
  } else if (draft.kind === 'silent') {
    set('client', draft.client);
    set('after', draft.after);
    const lines = draft.overrides.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    if (lines.length > 0) {
      rule.overrides = lines.map((line) => {
        const at = line.lastIndexOf('=');
        return at < 0 ? { client: line, after: '' } : { client: line.slice(0, at).trim(), after: line.slice(at + 1).trim() };
      });
    }
  }
  if (draft.url.trim() !== '' || draft.secret !== '') {
    rule.webhook = { url: draft.url.trim(), ...(draft.secret !== '' ? { secret: draft.secret } : draft.keepSecret ? { secret: kHiddenSecret } : {}) };
  }
  return rule;
}

// "count: expected a whole number": the field of the form, and what is wrong with it. "query: column 3: …" has the place in the query
// (what the error itself has as its column is the place in the rule that was sent).
export function faultOf(message: string, draft: RuleDraft): { field: keyof RuleDraft | null; text: string; column?: number } {
  const found = /^([a-z_.]+): (.*)$/s.exec(message);
  const name = found?.[1] ?? '';
  const text = found?.[2] ?? message;
  const column = name === 'query' ? /^column (\d+): /.exec(text)?.[1] : undefined;
  if (column !== undefined) return { field: 'query', text, column: Number(column) };
  if (name === 'webhook.url' || name === 'webhook') return { field: 'url', text };
  if (name === 'webhook.secret') return { field: 'secret', text };
  if (name.startsWith('overrides')) return { field: 'overrides', text: `${name}: ${text}` };
  if (name === 'above' || name === 'below') return { field: 'limit', text };
  return Object.hasOwn(draft, name) ? { field: name as keyof RuleDraft, text } : { field: null, text: message };
}

// The rule in a sentence.
export function sentenceOf(rule: AlertRule): string {
  const who = rule.client === undefined || rule.client === '*' ? 'any client' : rule.client;
  if (rule.kind === 'lines') {
    const by = rule.by === 'client' ? ', for each client' : rule.by === 'log' ? ', for each log' : '';
    const many = (rule.count ?? 1) === 1 ? '1 line matches' : `${rule.count} lines match`;
    return `${many} ${rule.query === '' ? 'anything' : rule.query} within ${rule.within ?? '5m'}${by}`;
  }
  if (rule.kind === 'reading') {
    const lasting = rule.for === undefined || rule.for === '0' ? '' : ` for ${rule.for}`;
    const limit = rule.below !== undefined ? `below ${rule.below}` : `above ${rule.above}`;
    return `${rule.plugin ?? '*'} ${rule.field ?? '*'} of ${who} ${limit}${lasting}`;
  }
  if (rule.kind === 'silent') {
    const other = (rule.overrides ?? []).map(({ client, after }) => `, ${client}: ${after}`).join('');
    return `Nothing from ${who} for ${rule.after ?? '10m'}${other}`;
  }
  return 'A line of a log has the level SEVERE';
}
