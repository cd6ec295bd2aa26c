// The query language as far as a page needs it: which words a query looks for, and how a term is put into it.
// docs/query-language.md says how the server reads it; what this does not understand is left as it is.
import type { Level } from '../api/types';

export interface QueryToken {
  kind: 'text' | 'exact' | 'regex' | 'field' | 'keyword' | 'open' | 'close' | 'bar';
  from: number; // in the query, its sign included
  to: number;
  negative: boolean; // by its own sign, or that of a group around it
  text: string; // as it stands, without its sign
  name?: string; // of a field or source
  operator?: string; // behind its name
  value?: string; // of it, as it stands
}

const kField = /^([A-Za-z_@][\w.@-]*?)(:|!=|>=|<=|=|<|>)(?=\S)/;
const kNoField = /^(?:[A-Za-z]:[\\/]|\S*?(?:::|:\/\/|==|=>|=~|:=|->|<<))/;

// The end of a quoted text that begins at `at`, behind its last quote.
function quotedEnd(query: string, at: number): number {
  let i = at + 1;
  while (i < query.length && query[i] !== '"') i += query[i] === '\\' && /["\\]/.test(query[i + 1] ?? '') ? 2 : 1;
  return Math.min(i + 1, query.length);
}

// Bare and quoted pieces that are glued together.
function gluedEnd(query: string, at: number): number {
  let i = at;
  while (i < query.length && !/[\s()|]/.test(query[i] as string)) i = query[i] === '"' ? quotedEnd(query, i) : i + 1;
  return i;
}

export function queryTokens(query: string): QueryToken[] {
  const tokens: QueryToken[] = [];
  const groups: boolean[] = [];
  const outer = () => groups[groups.length - 1] ?? false;
  let sign = false;
  let begin = -1; // of a sign that waits for its term
  for (let i = 0; i < query.length; ) {
    const rest = query.slice(i);
    const add = (kind: QueryToken['kind'], to: number, more: Partial<QueryToken> = {}) => {
      tokens.push({ kind, from: begin < 0 ? i : begin, to, negative: outer() !== sign, text: query.slice(i, to), ...more });
      sign = false;
      begin = -1;
      i = to;
    };
    if (/^\s/.test(rest)) i += 1;
    else if (rest[0] === '(') {
      groups.push(outer() !== sign);
      add('open', i + 1);
    } else if (rest[0] === ')') {
      groups.pop();
      add('close', i + 1);
    } else if (rest[0] === '|') add('bar', i + 1);
    else if (/^[-!](?![-!>=\s]|$)/.test(rest)) {
      if (begin < 0) begin = i;
      sign = !sign;
      i += 1;
    } else if (/^(?:AND|OR|NOT)(?=[\s()]|$)/.test(rest)) {
      const word = /^[A-Z]+/.exec(rest)?.[0] ?? '';
      if (word === 'NOT') {
        if (begin < 0) begin = i;
        sign = !sign;
        i += 3;
      } else add('keyword', i + word.length);
    } else if (/^[cC]"/.test(rest)) add('exact', quotedEnd(query, i + 1));
    else if (/^\/(?! )(?:[^/\\]|\\.)*[^/\\ ]\/i?(?=[\s)|]|$)/.test(rest)) {
      add('regex', i + (/^\/(?:[^/\\]|\\.)*\/i?/.exec(rest)?.[0].length ?? 1));
    } else {
      const end = gluedEnd(query, i);
      const field = kNoField.test(rest.slice(0, end - i)) ? null : kField.exec(rest);
      if (field) {
        const range = /^[[{][^\]}]*[\]}]/.exec(query.slice(i + field[0].length));
        const to = range ? i + field[0].length + range[0].length : end;
        add('field', Math.max(to, i + field[0].length), { name: field[1] as string, operator: field[2] as string, value: query.slice(i + field[0].length, to) });
      } else add('text', Math.max(end, i + 1));
    }
  }
  return tokens;
}

// A quoted or bare text as what it stands for.
export function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(["\\])/g, '$1') : text;
}
export function quoted(text: string): string {
  return `"${text.replace(/(["\\])/g, '\\$1')}"`;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const kWordEnd = /[\p{L}\p{N}]$/u;
const kWordBegin = /^[\p{L}\p{N}]/u;

// The regular expression of a text of the language; stars are bits that are left out.
function patternOf(text: string): string | null {
  const glued = text.match(/"(?:[^"\\]|\\.)*"?|\*|[^"*]+/g) ?? [];
  const parts = glued.map((piece) => (piece === '*' ? '*' : escaped(unquoted(piece))));
  if (parts.every((part) => part === '*' || part === '')) return null;
  const plain = glued.map((piece) => unquoted(piece));
  const left = parts[0] !== '*' && kWordBegin.test(plain[0] ?? '') ? '(?<![\\p{L}\\p{N}])' : '';
  const right = parts[parts.length - 1] !== '*' && kWordEnd.test(plain[plain.length - 1] ?? '') ? '(?![\\p{L}\\p{N}])' : '';
  const core = parts.map((part, i) => (part !== '*' ? part : i === 0 || i === parts.length - 1 ? '' : '\\S{0,200}?')).join('');
  return `${left}${core}${right}`;
}

const kSources = new Set(['client', 'log', 'kind', 'level']);

// What a query looks for in the text of lines, to be marked there; null: nothing. Regular expressions are not marked:
// the browser's are others than the server's, and may take for ever.
export function marksOf(query: string): RegExp | null {
  const found = new Set<string>();
  for (const token of queryTokens(query)) {
    if (token.negative) continue;
    const text = token.kind === 'text' ? token.text : token.kind === 'exact' ? token.text.slice(1)
      : token.kind === 'field' && /^[:=]$/.test(token.operator ?? '') && !kSources.has(token.name ?? '') && !/^[<>[{/]/.test(token.value ?? '') ? token.value : undefined;
    const pattern = text ? patternOf(text) : null;
    if (pattern !== null) found.add(pattern);
  }
  if (found.size === 0) return null;
  try {
    return new RegExp([...found].sort((a, b) => b.length - a.length).join('|'), 'giu');
  } catch {
    return null;
  }
}

// A word as a term: quoted where it would be something else.
export function wordTerm(word: string): string {
  return /^[\p{L}\p{N}]+$/u.test(word) && !/^(?:AND|OR|NOT)$/.test(word) ? word : quoted(word);
}
// The levels that the language knows, gravest first.
export const kLevels = ['fatal', 'error', 'warn', 'notice', 'info', 'debug', 'trace'] as const satisfies readonly Level[];

// A field that has the name of a source is one as it is told beside the others: client and log are, and so is a level that the language
// knows. What else a line calls its level or kind is asked for by the quoted name, which is that of a field.
const isOther = (name: string, value: string) => name === 'kind' || (name === 'level' && !(kLevels as readonly string[]).includes(value));

// "status:200", "msg:\"by peer\"", "empty=\"\"", "\"level\":audit"
export function fieldTerm(name: string, value: string): string {
  const left = /^[A-Za-z_@](?:[\w.@-]*[\w@])?$/.test(name) && !isOther(name, value) ? name : quoted(name);
  if (value === '') return `${left}=""`;
  const bare = /^[\p{L}\p{N}_.][\p{L}\p{N}_.\-/:@+]*$/u.test(value) && !/^(?:AND|OR|NOT|TO)$/.test(value);
  return `${left}:${bare ? value : quoted(value)}`;
}

const kEverything = /^\s*\*?\s*$/;

// Whether a token looks for what a term looks for. Upper and lower case are the same in texts.
function isTerm(token: QueryToken, term: string): boolean {
  if (token.kind === 'text') return unquoted(token.text).toLowerCase() === unquoted(term).toLowerCase();
  return token.text === term && (token.kind === 'field' || token.kind === 'exact' || token.kind === 'regex');
}

// The query with a term more; with `negative` without the lines that have it. A term that all lines must have, or must not have, is there
// already, or is turned round; one that stands within an OR or in a group says something else, and is left as it is.
export function withTerm(query: string, term: string, negative = false): string {
  const wanted = negative ? `-${term}` : term;
  if (kEverything.test(query)) return wanted;
  let depth = 0;
  let either = false;
  const demanded: QueryToken[] = [];
  for (const token of queryTokens(query)) {
    if (token.kind === 'open') depth += 1;
    else if (token.kind === 'close') depth -= 1;
    else if (depth !== 0) continue;
    else if (token.kind === 'keyword') either ||= token.text === 'OR';
    else if (isTerm(token, term)) demanded.push(token);
  }
  if (either) return `(${query.trim()}) ${wanted}`;
  const there = demanded[0];
  if (!there) return `${query.trim()} ${wanted}`;
  return there.negative === negative ? query : query.slice(0, there.from) + wanted + query.slice(there.to);
}

// What is typed at a place: the text before it that a completion would replace.
export interface Typing {
  from: number;
  to: number;
  name: string | null; // of the field or source that a value is typed for
  typed: string; // without quotes
}
export function typingAt(query: string, caret: number): Typing | null {
  const before = query.slice(0, caret);
  const bare = /(?:^|[\s(])[-!]?((?:[A-Za-z_@][\w.@-]*[:=])?(?:"[^"]*|[^\s()"|]*))$/.exec(before);
  if (!bare) return null;
  const text = bare[1] ?? '';
  const field = /^([A-Za-z_@][\w.@-]*)[:=]("?)(.*)$/.exec(text);
  const after = /^[^\s()"|]*/.exec(query.slice(caret))?.[0].length ?? 0;
  if (!field && text.startsWith('"')) return null;
  return field
    ? { from: caret - (field[2] as string).length - (field[3] as string).length, to: caret + after, name: field[1] as string, typed: field[3] as string }
    : { from: caret - text.length, to: caret + after, name: null, typed: text };
}

// The query with a completion put in place of what is typed, and where the caret goes then. What is typed behind it at once,
// as after "client:", gets no blank.
export function completed(query: string, at: Typing, { text, goesOn = false }: { text: string; goesOn?: boolean }): { text: string; caret: number } {
  const inserted = !goesOn && at.name !== null && /[\s()"|]/.test(text) && !text.startsWith('"') ? quoted(text) : text;
  const behind = query.slice(at.to);
  const blank = goesOn || behind.startsWith(' ') || behind.startsWith(')') ? '' : ' ';
  return { text: query.slice(0, at.from) + inserted + blank + behind, caret: at.from + inserted.length + blank.length };
}
