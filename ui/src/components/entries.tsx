// Log lines, as a search, a live tail or a context shows them.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Entry, Level } from '../api/types';
import { time } from '../format';
import { href } from '../router';
import { LineText, shownLength } from './line_text';
import { Badge } from './panel';

interface EntriesProps {
  label: string; // read out: "Lines that match"
  entries: readonly Entry[];
  names?: Readonly<Record<string, string>>; // clients' tags
  current?: string; // the id of the line that is meant, among those around it
  actions?: (entry: Entry) => ComponentChildren;
  entryKey?: (entry: Entry) => string; // the id, if it is not given
}

const kColumns = 120; // of a row, about
const kNoNames: Readonly<Record<string, string>> = Object.create(null) as Record<string, string>;

export function Entries({ label, entries, names = kNoNames, current, actions, entryKey }: EntriesProps) {
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
          <EntryLine line={entry.line} />
        </li>
      ))}
    </ol>
  );
}

// A very long line is shown in part until somebody asks for all.
function EntryLine({ line }: { line: string }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? line : line.slice(0, shownLength(line, kColumns));
  return (
    <div class="entry-line">
      <LineText line={shown} marks={null} />
      {shown.length < line.length && <button type="button" class="bare-button log-more" onClick={() => setWhole(true)}>… all {line.length.toLocaleString('en-US')} characters</button>}
    </div>
  );
}

export function toneOf(level: Level): 'bad' | 'warn' | 'info' | undefined {
  if (level === 'fatal' || level === 'error') return 'bad';
  if (level === 'warn') return 'warn';
  return level === 'notice' ? 'info' : undefined;
}
