// Log lines, very many of them: the list of a search and of a live tail. It is a grid with a current row, which the keyboard moves.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from '../api/types';
import { time } from '../format';
import { toneOf } from './entries';
import { excerptOf, type Excerpt } from './line_excerpt';
import { LineText, offsetAt, wordSpans, type Span } from './line_text';
import { singleKeys } from './keys_help';
import { Badge } from './panel';
import { VirtualList, type ListHandle } from './virtual_list';
import './log_list.css';

export interface LogListAction {
  text: string;
  key: string; // with which the current line is acted on
  title: string;
  run: (entry: Entry) => void;
}

interface LogListProps {
  label: string; // read out: "Lines that match"
  entries: readonly Entry[]; // new ones are new objects
  marks: RegExp | null;
  names: Readonly<Record<string, string>>; // clients' tags
  wrap: boolean;
  actions: readonly LogListAction[]; // the first is also that of Enter
  word: (word: string, x: number, y: number) => void; // somebody has chosen a word
  keys?: (event: KeyboardEvent) => boolean; // further keys; whether it was one
  stick?: boolean;
  stuck?: (atEnd: boolean) => void;
  nearBegin?: (() => void) | undefined;
  nearEnd?: (() => void) | undefined;
  foot?: ComponentChildren; // below the list
  hadFocus?: { current: boolean }; // whether the list had it that stood here before: this one takes it over
}

const kPageRows = 20;
// Of a row in the style sheet: what stands beside the text, up to which window it stands above it, and how wide a character is.
const kBesidePx = 450;
const kStackedPx = 900;
const kCharPx = 7.8;
const kColumnsAtLeast = 30;
const kSurelyShort = 100; // characters, without a look at the room
const kIntoList: ReadonlySet<string> = new Set(['j', 'k', 'ArrowDown', 'ArrowUp']); // lead there where nothing has the focus

const isKey = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => !ctrlKey && !metaKey && !altKey && (key.length > 1 || singleKeys.value !== 'off');
const idOf = ({ id }: Entry) => id;

export function LogList({ label, entries, marks, names, wrap, actions, word, keys, foot, hadFocus, ...more }: LogListProps) {
  const frame = useRef<HTMLDivElement>(null);
  const handle = useRef<ListHandle | null>(null);
  const id = useId();
  const [current, setCurrent] = useState<Entry | null>(null);
  const [chosen, setChosen] = useState<Span | null>(null); // a word of the current line
  const [whole, setWhole] = useState<ReadonlySet<Entry>>(new Set()); // very long lines that are shown in full
  const excerpts = useRef(new WeakMap<Entry, { marks: RegExp | null; columns: number; excerpt: Excerpt }>()); // long lines are looked through once
  const place = useRef(0); // where the current line was found last
  const indexOf = (entry: Entry | null): number => {
    if (!entry) return -1;
    if (entries[place.current] !== entry) place.current = entries.indexOf(entry);
    return place.current;
  };

  const go = (to: number) => {
    const index = Math.max(0, Math.min(to, entries.length - 1));
    const entry = entries[index];
    if (!entry) return;
    place.current = index;
    setCurrent(entry);
    setChosen(null);
    if (index !== entries.length - 1) more.stuck?.(false);
    handle.current?.show(index);
  };
  // A line that is gone from the list is not the current one any more.
  useEffect(() => {
    if (current && indexOf(current) < 0) setCurrent(null);
  }, [entries]);

  const shownPart = (entry: Entry): Excerpt => {
    if (whole.has(entry) || entry.line.length < kSurelyShort) return { from: 0, text: entry.line, further: false };
    const room = (frame.current?.clientWidth ?? 0) - (innerWidth > kStackedPx ? kBesidePx : 0);
    const columns = wrap ? Math.max(kColumnsAtLeast, Math.floor(room / kCharPx)) : Infinity;
    const known = excerpts.current.get(entry);
    if (known && known.marks === marks && known.columns === columns) return known.excerpt;
    const excerpt = excerptOf(entry.line, columns, marks);
    excerpts.current.set(entry, { marks, columns, excerpt });
    return excerpt;
  };
  // The words of what is shown, as they stand in the line.
  const spansOf = (entry: Entry): Span[] => {
    const { from: begin, text } = shownPart(entry);
    return wordSpans(text).map(({ from, to }) => ({ from: from + begin, to: to + begin }));
  };
  const walk = (entry: Entry, back: boolean) => {
    const spans = spansOf(entry);
    const now = chosen ? spans.findIndex((span) => span.from === chosen.from) : back ? spans.length : -1;
    const next = spans[back ? now - 1 : now + 1];
    if (!next) return;
    setChosen(next);
    more.stuck?.(false); // the row stays where it is read
  };
  const openChosen = (entry: Entry, span: Span) => {
    const box = (document.getElementById(`${id}-word`) ?? frame.current)?.getBoundingClientRect();
    word(entry.line.slice(span.from, span.to), box?.left ?? 0, box?.bottom ?? 0);
  };

  // Where keys lead that go from a row to others: from the current one, or, if it is not there or was scrolled away, from what is seen.
  const stepsFrom = (at: number): Record<string, number> => {
    const seen = handle.current?.seen();
    const known = !seen || (at >= seen.from && at <= seen.to);
    const from = known ? at : more.stick === undefined ? seen.first : seen.last;
    const [down, up] = known ? [at + 1, at - 1] : [from, from];
    return { ArrowDown: down, j: down, ArrowUp: up, k: up, PageDown: from + kPageRows, PageUp: from - kPageRows };
  };

  const onKey = (event: KeyboardEvent) => {
    const at = indexOf(current);
    const entry = entries[at];
    const jump: Record<string, number> = { ...stepsFrom(at), Home: 0, g: 0, End: entries.length - 1, G: entries.length - 1 };
    const to = jump[event.key];
    const action = actions.find(({ key }) => key === event.key) ?? (event.key === 'Enter' ? actions[0] : undefined);
    if (to !== undefined) go(to);
    else if (entry && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) walk(entry, event.key === 'ArrowLeft');
    else if (entry && chosen && event.key === 'Enter') openChosen(entry, chosen);
    else if (chosen && event.key === 'Escape') setChosen(null);
    else if (entry && action) action.run(entry);
    else if (!keys?.(event)) return;
    event.preventDefault();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target === frame.current && isKey(event)) onKey(event);
  };
  const onPageKey = useRef(onKey);
  onPageKey.current = (event) => {
    if (event.defaultPrevented || event.target !== document.body || entries.length === 0 || !kIntoList.has(event.key) || !isKey(event) || document.querySelector('dialog[open]')) return;
    frame.current?.focus();
    onKey(event);
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onPageKey.current(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  useLayoutEffect(() => {
    const element = frame.current;
    if (hadFocus?.current && document.activeElement === document.body) element?.focus({ preventScroll: true });
    if (hadFocus) hadFocus.current = false;
    return () => {
      // What was opened from the list gives the focus back to it, which is not there then.
      const now = document.activeElement;
      if (hadFocus) hadFocus.current = now !== null && (now === element || now.closest('[role=menu], dialog') !== null);
    };
  }, []);

  // A click on a word, unless text was marked with the mouse.
  const onLineClick = (entry: Entry, index: number, event: MouseEvent) => {
    if (getSelection()?.isCollapsed === false) return;
    place.current = index;
    setCurrent(entry);
    setChosen(null);
    const offset = offsetAt(event.currentTarget as Element, event.clientX, event.clientY);
    const at = (offset ?? 0) + shownPart(entry).from;
    const span = offset === null ? undefined : spansOf(entry).find(({ from, to }) => from <= at && at <= to);
    if (!span) return;
    setChosen(span);
    word(entry.line.slice(span.from, span.to), event.clientX, event.clientY);
  };

  const row = (entry: Entry, index: number) => {
    const isCurrent = entry === current;
    const { from, text, further } = shownPart(entry);
    const cut = text.length < entry.line.length;
    const showAll = () => setWhole(new Set(whole).add(entry));
    const chosenHere = isCurrent && chosen ? { from: chosen.from - from, to: chosen.to - from } : null;
    return (
      <div
        key={entry.id} id={isCurrent ? `${id}-row` : undefined} role="row" aria-rowindex={index + 1} aria-selected={isCurrent}
        class={`log-row ${entry.level ? `level-${entry.level}` : ''}`} onClick={() => { place.current = index; setCurrent(entry); }}
      >
        <span role="gridcell" class="log-time">{time(entry.time, true)}</span>
        <span role="gridcell" class="log-source" title={`${entry.client} ${entry.log}`}><bdi>{names[entry.client] ?? entry.client}</bdi> <bdi class="muted">{entry.log}</bdi></span>
        <span role="gridcell" class="log-level">{entry.level && <Badge tone={toneOf(entry.level)}>{entry.level}</Badge>}</span>
        <span role="gridcell" class="log-line">
          {from > 0 && <button type="button" tabIndex={-1} class="bare-button log-more log-before" onClick={showAll}>{from.toLocaleString('en-US')} characters before …</button>}
          <span class="log-text" onClick={(event) => onLineClick(entry, index, event)}>
            <LineText line={text} marks={marks} chosen={chosenHere} chosenId={`${id}-word`} />
          </span>
          {cut && (
            <button type="button" tabIndex={-1} class="bare-button log-more" onClick={showAll}>… all {entry.line.length.toLocaleString('en-US')} characters{further && ', more was found in them'}</button>
          )}
        </span>
        <span role="gridcell" class="log-actions">
          {actions.map(({ text, title, run }) => (
            <button key={text} type="button" tabIndex={-1} class="button button-small" title={title} onClick={() => run(entry)}>{text}</button>
          ))}
        </span>
      </div>
    );
  };

  return (
    <div class="log-list">
      <VirtualList
        {...more} items={entries} keyOf={idOf} row={row} layout={String(wrap)} rowHeight={24} handle={handle} frameRef={frame}
        frame={{
          class: `log-frame ${wrap ? 'log-wrap' : ''}`, role: 'grid', tabIndex: 0, 'aria-label': label, 'aria-rowcount': entries.length, 'aria-readonly': true,
          'aria-activedescendant': current && indexOf(current) >= 0 ? `${id}-row` : undefined, onKeyDown,
        }}
      />
      {/* The current row as such is read out by its row; a word that is walked to, here. */}
      <p class="visually-hidden" role="status">{current && chosen ? current.line.slice(chosen.from, chosen.to) : ''}</p>
      {foot}
    </div>
  );
}
