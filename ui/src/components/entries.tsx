// Log lines, as a search, a live tail or a context shows them.
import type { ComponentChildren } from 'preact';
import type { Entry, Level } from '../api/types';
import { time } from '../format';
import { href } from '../router';
import { Badge } from './panel';

interface EntriesProps {
  label: string; // read out: "Lines that match"
  entries: readonly Entry[];
  terms?: readonly string[]; // marked where they stand in a line, whatever their case
  names?: Readonly<Record<string, string>>; // clients' tags
  current?: string; // the id of the line that is meant, among those around it
  actions?: (entry: Entry) => ComponentChildren;
  entryKey?: (entry: Entry) => string; // the id, if it is not given
}

export function Entries({ label, entries, terms = [], names = {}, current, actions, entryKey }: EntriesProps) {
  return (
    <ol class="entries" aria-label={label}>
      {entries.map((entry) => (
        <li key={entryKey ? entryKey(entry) : entry.id} class={`entry ${entry.level ? `level-${entry.level}` : ''}`} aria-current={entry.id === current || undefined}>
          <div class="entry-head">
            <time dateTime={new Date(entry.time).toISOString()}>{time(entry.time, true)}</time>
            {entry.client !== '' && <a href={href('clients', { client: entry.client })}>{names[entry.client] ?? entry.client}</a>}
            <span class="muted">{entry.log}</span>
            {entry.level && <Badge tone={toneOf(entry.level)}>{entry.level}</Badge>}
            {actions && <span class="entry-actions">{actions(entry)}</span>}
          </div>
          <div class="entry-line"><Marked text={entry.line} terms={terms} /></div>
        </li>
      ))}
    </ol>
  );
}

export function toneOf(level: Level): 'bad' | 'warn' | 'info' | undefined {
  if (level === 'fatal' || level === 'error') return 'bad';
  if (level === 'warn') return 'warn';
  return level === 'notice' ? 'info' : undefined;
}

export function Marked({ text, terms }: { text: string; terms: readonly string[] }) {
  return <>{pieces(text, terms).map(([piece, marked], i) => (marked ? <mark key={i}>{piece}</mark> : piece))}</>;
}

// The text in pieces, in order, each with whether it is one of the terms. Longer terms go first where several begin.
export function pieces(text: string, terms: readonly string[]): [piece: string, marked: boolean][] {
  const wanted = [...new Set(terms)].filter((term) => term !== '').sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return text === '' ? [] : [[text, false]];
  const pattern = new RegExp(wanted.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'giu');
  const found: [string, boolean][] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) found.push([text.slice(end, match.index), false]);
    found.push([match[0], true]);
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push([text.slice(end), false]);
  return found;
}
