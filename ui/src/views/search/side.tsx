// Beside the lines: which words they have, and which fields with which values. A click offers what can be done with one.
import { useMemo } from 'preact/hooks';
import { words } from '../../api';
import { useLoad } from '../../api/use';
import { Show } from '../../components';
import { fieldTerm, wordTerm } from '../../components/query_text';
import { visible } from '../../components/line_text';
import { count, number, shortNumber } from '../../format';
import { href } from '../../router';
import type { FieldSummary } from '../../components/line_fields';
import type { Loaded } from '../../api/use';
import type { WordCount } from '../../api';
import type { Params } from '../../router';
import type { LineSearch } from './loader';

export type SideName = 'fields' | 'words' | 'off';
// A term was chosen: its text, what it is called, and where.
export type Choose = (term: string, title: string, event: MouseEvent) => void;

const kWords = 100;

export type WordList = Loaded<{ words: WordCount[]; stats: { complete: boolean; stopped_by: string | null } }>;
export function useWords(wanted: boolean, { q, from, to }: LineSearch, round: number): WordList {
  return useLoad(wanted ? (options) => words({ q, from, to, limit: kWords }, { ...options, timeoutMs: 0 }) : null, [wanted, q, from, to, round]);
}

function Bar({ part }: { part: number }) {
  return <span class="search-bar" aria-hidden="true" style={{ width: `${Math.max(2, Math.round(part * 100))}%` }} />;
}

export function Side({ shown, params, fields, sample, list, choose }: { shown: SideName; params: Params; fields: readonly FieldSummary[]; sample: number; list: WordList; choose: Choose }) {
  const tab = (name: SideName, text: string) => <a href={href('search', { ...params, panel: name })} aria-current={shown === name ? 'true' : undefined}>{text}</a>;
  return (
    <aside class="panel search-side" aria-label="What the lines have">
      <nav class="tabs" aria-label="Words or fields">{tab('fields', 'Fields')}{tab('words', 'Words')}{<a class="search-side-close" href={href('search', { ...params, panel: 'off' })} aria-label="Hide the panel">✕</a>}</nav>
      <div class="search-side-body" tabIndex={0} role="region" aria-label={shown === 'words' ? 'Words' : 'Fields'}>
        {shown === 'words' ? <Words list={list} choose={choose} /> : <Fields fields={fields} sample={sample} choose={choose} />}
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
            <p class="muted">{stats.complete ? 'Lines that have a word' : `Of the newest lines only: ${stats.stopped_by}`}</p>
            <ul class="search-values">
              {words.map(({ word, count: n, may_miss }) => (
                <li key={word}>
                  <button type="button" onClick={(event) => choose(wordTerm(word), word, event)} aria-haspopup="menu">
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

function Fields({ fields, sample, choose }: { fields: readonly FieldSummary[]; sample: number; choose: Choose }) {
  const shown = useMemo(() => fields.slice(0, kFields), [fields]);
  return (
    <>
      <p class="muted">Of the first {count(sample, 'line')} loaded</p>
      {shown.map(({ name, lines, values, distinct }, i) => (
        <details key={name} open={i < 3 || undefined} class="search-field">
          <summary><span class="search-value">{visible(name)}</span><span class="search-count">{number(lines)}</span></summary>
          <ul class="search-values">
            {values.map(({ value, count: n }) => (
              <li key={value}>
                <button type="button" onClick={(event) => choose(fieldTerm(name, value), `${name}: ${value}`, event)} aria-haspopup="menu">
                  <Bar part={n / lines} /><span class="search-value">{value === '' ? '(empty)' : visible(value)}</span><span class="search-count">{number(n)}</span>
                </button>
              </li>
            ))}
          </ul>
          {distinct > values.length && <p class="muted">{number(distinct - values.length)} further values</p>}
        </details>
      ))}
      {fields.length > kFields && <p class="muted">{number(fields.length - kFields)} further fields</p>}
    </>
  );
}
