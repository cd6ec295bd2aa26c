// The fields of a line, as a page can tell them: what came with it, the members of a JSON object, and name=value pairs.
// The server's reading (docs/query-language.md, "Fields") is what counts; this is for what is offered to click at.
import type { Entry, Json } from '../api/types';

export type LineField = [name: string, value: string];

const kAtMost = 200; // of a line
const kDeepest = 4;
const kPair = /(?:^|[\s,;([{])([A-Za-z_@][\w.@-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/g;

function spread(value: Json, name: string, depth: number, into: LineField[]): void {
  if (into.length >= kAtMost) return;
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && depth < kDeepest) {
    for (const [key, member] of Object.entries(value)) spread(member, name === '' ? key : `${name}.${key}`, depth + 1, into);
  } else if (name !== '') into.push([name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

export function fieldsOf(entry: Pick<Entry, 'line' | 'fields'>): LineField[] {
  const found: LineField[] = [];
  if (entry.fields) spread(entry.fields, '', 0, found);
  const line = entry.line.length > 20_000 ? entry.line.slice(0, 20_000) : entry.line;
  if (/^\s*\{/.test(line)) {
    try {
      spread(JSON.parse(line) as Json, '', 0, found);
      return unique(found);
    } catch {
      // pairs, then
    }
  }
  for (const match of line.matchAll(kPair)) {
    if (found.length >= kAtMost) break;
    found.push([match[1] as string, match[2] !== undefined ? match[2].replace(/\\(["\\])/g, '$1') : (match[3] ?? '').replace(/[,;]$/, '')]);
  }
  return unique(found);
}

// Of several of one name the first counts.
function unique(fields: readonly LineField[]): LineField[] {
  const seen = new Set<string>();
  return fields.filter(([name]) => !seen.has(name) && seen.add(name));
}

export interface FieldSummary {
  name: string;
  lines: number; // that have it
  values: { value: string; count: number }[]; // the most frequent first
  distinct: number;
  complete?: boolean; // false: there are more values than are counted
}

const kValuesKept = 1000; // of a field
const kValuesShown = 10;

// The fields of many lines with their most frequent values: client, log and level first, then by how many lines have them.
export function summarize(entries: readonly Entry[]): FieldSummary[] {
  const counts = new Map<string, { lines: number; values: Map<string, number> }>();
  const add = (name: string, value: string) => {
    let field = counts.get(name);
    if (!field) counts.set(name, (field = { lines: 0, values: new Map() }));
    field.lines += 1;
    const known = field.values.get(value);
    if (known !== undefined || field.values.size < kValuesKept) field.values.set(value, (known ?? 0) + 1);
  };
  for (const entry of entries) {
    add('client', entry.client);
    add('log', entry.log);
    if (entry.level) add('level', entry.level);
    // What a line calls its level is told where that is none that the language knows, as the server does.
    for (const [name, value] of fieldsOf(entry)) if (!kBuiltIn.includes(name) || (name === 'level' && !entry.level)) add(name, value.slice(0, 300));
  }
  return [...counts]
    .map(([name, { lines, values }]) => ({
      name, lines, distinct: values.size, values: [...values].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count).slice(0, kValuesShown),
    }))
    .sort((a, b) => rank(a.name) - rank(b.name) || b.lines - a.lines || a.name.localeCompare(b.name));
}
const kBuiltIn: readonly string[] = ['client', 'log', 'level'];
const rank = (name: string) => (kBuiltIn.includes(name) ? kBuiltIn.indexOf(name) : kBuiltIn.length);
