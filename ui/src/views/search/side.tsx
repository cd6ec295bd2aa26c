// Beside the lines: which words they have, and which fields with which values. A click offers what can be done with one.
import { useMemo, useState } from 'preact/hooks';
import { fields, words } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Show } from '../../components';
import { fieldTerm, wordTerm } from '../../components/query_text';
import { visible } from '../../components/line_text';
import { count, number, shortNumber } from '../../format';
import { href } from '../../router';
import type { FieldSummary } from '../../components/line_fields';
import type { Loaded } from '../../api/use';
import type { FieldCount, QueryStats, WordCount } from '../../api';
import type { Params } from '../../router';
import { toldIsBetter } from './told_fields';
import type { LineSearch } from './loader';

export type SideName = 'fields' | 'words' | 'off';
// A term was chosen: its text, what it is called, and where.
export type Choose = (term: string, title: string, event: MouseEvent) => void;

const kWords = 100;

const kWithin = '3s'; // for fields every line is read, and for words of a large part of them as well

export type WordList = Loaded<{ words: WordCount[]; stats: QueryStats }> & { countAll: () => void };
export function useWords(wanted: boolean, { q, from, to }: LineSearch, round: number): WordList {
  const asked = JSON.stringify([q, from, to, round]);
  const [all, setAll] = useState<string | null>(null); // of what all lines are to be counted
  const within = all === asked ? undefined : kWithin;
  const list = useLoad(wanted ? (options) => words({ q, from, to, limit: kWords, ...(within ? { within } : {}) }, { ...options, timeoutMs: 0 }) : null, [wanted, q, from, to, round, within]);
  return { ...list, countAll: () => setAll(asked) };
}
export type FieldList = Loaded<{ fields: FieldCount[]; stats: QueryStats }>;
export function useFields(wanted: boolean, { q, from, to }: LineSearch, round: number): FieldList {
  return useLoad(wanted ? (options) => fields({ q, from, to, within: kWithin }, { ...options, timeoutMs: 0 }) : null, [wanted, q, from, to, round]);
}

function Bar({ part }: { part: number }) {
  return <span class="search-bar" aria-hidden="true" style={{ width: `${Math.max(2, Math.round(part * 100))}%` }} />;
}

interface SideProps {
  shown: SideName;
  params: Params;
  words: WordList;
  fields: FieldList;
  loaded: readonly FieldSummary[]; // of the first lines that are loaded: shown until the server has told those of all
  sample: number; // so many lines
  choose: Choose;
}

export function Side({ shown, params, words, fields, loaded, sample, choose }: SideProps) {
  const tab = (name: SideName, text: string) => <a href={href('search', { ...params, panel: name })} aria-current={shown === name ? 'true' : undefined}>{text}</a>;
  return (
    <aside class="panel search-side" aria-label="What the lines have">
      <nav class="tabs" aria-label="Words or fields">{tab('fields', 'Fields')}{tab('words', 'Words')}{<a class="search-side-close" href={href('search', { ...params, panel: 'off' })} aria-label="Hide the panel">✕</a>}</nav>
      <div class="search-side-body" tabIndex={0} role="region" aria-label={shown === 'words' ? 'Words' : 'Fields'}>
        {shown === 'words' ? <Words list={words} choose={choose} /> : <Fields of={fields} loaded={loaded} sample={sample} choose={choose} />}
      </div>
    </aside>
  );
}

function Words({ list, choose }: { list: WordList; choose: Choose }) {
  return (
    <Show of={list}>
      {({ words, stats }) => {
        const most = words[0]?.count ?? 1;
        return (
          <>
            <p class="muted">{stats.complete ? 'Lines that have a word' : `Of the newest lines only: ${stats.stopped_by === 'within' ? 'to count all would take long' : stats.stopped_by}`}</p>
            {stats.stopped_by === 'within' && <Button small onClick={list.countAll}>Count all</Button>}
            <ul class="search-values">
              {words.map(({ word, count: n, may_miss }) => (
                <li key={word}>
                  <button type="button" class="bare-button" onClick={(event) => choose(wordTerm(word), word, event)} aria-haspopup="menu">
                    <Bar part={n / most} /><span class="search-value">{word}</span><span class="search-count" title={number(n)}>{may_miss ? '≥ ' : ''}{shortNumber(n)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Show>
  );
}

const kFields = 60;

function Fields({ of, loaded, sample, choose }: { of: FieldList; loaded: readonly FieldSummary[]; sample: number; choose: Choose }) {
  const told = toldIsBetter(of.data, sample) ? of.data : undefined;
  const all: readonly FieldSummary[] = told?.fields ?? loaded;
  const shown = useMemo(() => all.slice(0, kFields), [all]);
  return (
    <>
      <p class="muted" role="status">
        {told === undefined ? `Of the first ${count(sample, 'line')} loaded` : told.stats.complete ? `Of ${count(told.stats.lines_matched, 'line')}` : `Of the newest ${count(told.stats.lines_matched, 'line')}`}
        {of.data && !of.data.stats.complete && `: ${of.data.stats.stopped_by === 'within' ? 'to count all would take long' : of.data.stats.stopped_by}`}
        {of.error && `: ${of.error.message}`}
      </p>
      {shown.map(({ name, lines, values, distinct, complete = true }, i) => (
        <details key={name} open={i < 3 || undefined} class="search-field">
          <summary><span class="search-value">{visible(name)}</span><span class="search-count">{number(lines)}</span></summary>
          <ul class="search-values">
            {values.map(({ value, count: n }) => (
              <li key={value}>
                <button type="button" class="bare-button" onClick={(event) => choose(fieldTerm(name, value), `${name}: ${value}`, event)} aria-haspopup="menu">
                  <Bar part={n / lines} /><span class="search-value">{value === '' ? '(empty)' : visible(value)}</span><span class="search-count" title={number(n)}>{shortNumber(n)}</span>
                </button>
              </li>
            ))}
          </ul>
          {!complete ? <p class="muted">More than {number(distinct)} values</p> : distinct > values.length && <p class="muted">{count(distinct - values.length, 'further value')}</p>}
        </details>
      ))}
      {all.length > kFields && <p class="muted">{count(all.length - kFields, 'further field')}</p>}
    </>
  );
}
