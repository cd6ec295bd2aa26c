// Live tail: the lines that match, as they are written.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button, Checkbox, checkedOf, Panel, ViewHead } from '../../components';
import { useCompletions } from '../../components/completions';
import { copyText } from '../../components/copy';
import { EntryDetails } from '../../components/entry_details';
import { useVisible } from '../../components/live';
import { KeysHelp, singleKeys, typesText } from '../../components/keys_help';
import { summarize } from '../../components/line_fields';
import { LogList, type LogListAction } from '../../components/log_list';
import { QueryBox } from '../../components/query_box';
import { marksOf, withTerm, wordTerm } from '../../components/query_text';
import { WordMenu, type WordMenuAt } from '../../components/word_menu';
import { wrapLines } from '../../components/wrap';
import { count, number, shortNumber } from '../../format';
import { href, setParams } from '../../router';
import type { Entry } from '../../api';
import type { ViewProps } from '..';
import { LiveTail, type TailState } from './live_tail';
import './tail.css';

const kNoWords: never[] = [];
const kSample = 500;
const kLeaveMs = 10_000; // a tab that is hidden for so long lets its connection go
const kLately = { from: '-1d' }; // lines whose words complete

const kKeys = [
  ['/', 'to the query'], ['Space, s', 'pause and go on'], ['x', 'clear'], ['f', 'to the end, and follow it'], ['j k, ↑ ↓', 'next and previous line'], ['g G, Home End', 'first and last line'],
  ['← →', 'to a word of the line'], ['Enter', 'what can be done with the word; without one the line in full'], ['c', 'the lines around it'], ['y', 'copy the line'], ['w', 'wrap lines'],
  ['Esc', 'away from the word, the menu, the dialog'], ['?', 'this help'],
] as const;

function useTail(q: string): { state: TailState | null; tail: LiveTail | null } {
  const [state, setState] = useState<{ of: LiveTail; state: TailState } | null>(null);
  const [tail, setTail] = useState<LiveTail | null>(null);
  useEffect(() => {
    const own: LiveTail = new LiveTail(q, (now) => setState({ of: own, state: now }));
    setTail(own);
    setState({ of: own, state: own.state });
    own.begin();
    return () => own.close();
  }, [q]);
  const visible = useVisible();
  useEffect(() => {
    if (visible) tail?.comeBack();
    const timer = visible ? undefined : setTimeout(() => tail?.leave(), kLeaveMs);
    return () => clearTimeout(timer);
  }, [visible, tail]);
  return { state: state && state.of === tail ? state.state : null, tail };
}

function Connection({ state }: { state: TailState }) {
  const { connection, paused, pending, parked } = state;
  const text = connection.is === 'ended' ? 'Ended' : connection.is === 'waiting' ? `Connection lost (${connection.error.message}); it comes back by itself`
    : connection.is === 'connecting' ? 'Connecting…' : paused ? 'Paused' : 'Live';
  return (
    <p class="tail-connection">
      <span class={`tail-sign tail-${connection.is === 'live' ? (paused ? 'paused' : 'live') : 'lost'}`} aria-hidden="true" />
      <span role="status">{text}</span>
      {paused && <span>{count(pending, 'line')} {pending === 1 ? 'waits' : 'wait'}{parked && ', more are kept by the server'}</span>}
    </p>
  );
}

export function Tail({ params }: ViewProps) {
  const q = params.q ?? '';
  const { state, tail } = useTail(q);
  const [stick, setStick] = useState(true);
  const [help, setHelp] = useState(false);
  const [details, setDetails] = useState<Entry | null>(null);
  const [menu, setMenu] = useState<WordMenuAt | null>(null);
  const entries = state?.entries ?? kNoWords;
  const typing = useRef(false);
  const draft = useRef(q);
  const [sample, setSample] = useState<readonly Entry[]>(kNoWords);
  const fields = useMemo(() => summarize(sample), [sample]);
  const { complete, look, begin, names } = useCompletions(fields, kNoWords, kLately);
  const marks = useMemo(() => marksOf(q), [q]);
  useEffect(() => setStick(true), [q]);

  const beginTyping = () => {
    begin();
    // Fields are read once when somebody begins to type, not with every line.
    if (!typing.current) setSample(entries.slice(-kSample));
    typing.current = true;
  };
  const ask = (query: string) => {
    typing.current = false;
    setParams({ q: query });
  };
  const term = (what: string, negative = false) => {
    setDetails(null);
    ask(withTerm(draft.current, what, negative));
  };
  const choose = (what: string, title: string, x: number, y: number) => setMenu({
    x, y, title,
    actions: [
      { text: 'Add to the query', run: () => term(what) }, { text: 'Exclude', run: () => term(what, true) },
      { text: 'Follow it alone', run: () => ask(what) }, { text: 'Copy', run: () => void copyText(title, 'It was') },
    ],
  });
  const closeMenu = useCallback(() => setMenu(null), []);
  const around = (entry: Entry) => { location.hash = href('search', { q, around: entry.id }); };
  const actions: LogListAction[] = [
    { text: 'Line', key: 'o', title: 'The line in full, its fields and words (Enter)', run: setDetails },
    { text: 'Around', key: 'c', title: 'The lines around it (c)', run: around },
    { text: 'Copy', key: 'y', title: 'Copy the line (y)', run: (entry) => void copyText(entry.line, 'The line was') },
  ];
  const toggle = () => (state?.paused ? tail?.goOn() : tail?.pause());
  const keys = (event: KeyboardEvent): boolean => {
    const does: Record<string, () => void> = {
      ' ': toggle, s: toggle, x: () => tail?.clear(), f: () => setStick(true),
      w: () => { wrapLines.value = wrapLines.value === 'on' ? 'off' : 'on'; },
    };
    does[event.key]?.();
    return event.key in does;
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || typesText(event) || singleKeys.value === 'off') return;
      if (event.key === '?') setHelp(true);
      else if (event.key === '/') document.querySelector<HTMLElement>('.query-input')?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const ended = state?.connection.is === 'ended' ? state.connection.error : undefined;
  return (
    <>
      <ViewHead
        title="Live tail"
        actions={<>
          <a class="button button-small" href={href('search', { q })}>Search</a>
          <Button small onClick={() => setHelp(true)} title="Keys and queries (?)">Help</Button>
        </>}
      />
      <Panel><QueryBox value={q} draft={draft} ask={ask} complete={complete} look={look} typing={beginTyping} error={ended} button="Follow" /></Panel>
      {!ended && (
        <section class="tail-lines" aria-label="Lines">
          <div class="tail-tools">
            {state && <Connection state={state} />}
            {state && <p class="muted tail-rate">{state.perSecond === null ? 'Lines/s not known while the server keeps them' : `${shortNumber(Math.round(state.perSecond * 10) / 10)} lines/s`} · {count(state.received, 'line')} received · {number(entries.length)} shown{state.backlog.is === 'looking' && ' · looking for the lines before…'}</p>}
            <div class="actions">
              <Button small kind={state?.paused ? 'primary' : 'plain'} onClick={toggle}>{state?.paused ? 'Go on' : 'Pause'}</Button>
              <Button small onClick={() => tail?.clear()}>Clear</Button>
              <Checkbox label="Follow the end" checked={stick} onChange={(event) => setStick(checkedOf(event))} />
              <Checkbox label="Wrap" checked={wrapLines.value === 'on'} onChange={(event) => { wrapLines.value = checkedOf(event) ? 'on' : 'off'; }} />
            </div>
          </div>
          {state && state.missed > 0 && <p class="tail-warning" role="status">Lines are missing here: the server does not keep so many for those who are away. A search finds them.</p>}
          {state?.backlog.is === 'failed' && (
            <p class="tail-warning" role="status">The lines before could not be looked for: {state.backlog.error.message} <Button small onClick={() => void tail?.lookBack()}>Try again</Button></p>
          )}
          <LogList
            key={q} label="Lines as they come" entries={entries} marks={marks} names={names} wrap={wrapLines.value === 'on'}
            actions={actions} word={(word, x, y) => choose(wordTerm(word), word, x, y)} keys={keys} stick={stick && !menu} stuck={setStick}
            foot={state && state.dropped > 0 && <p class="muted tail-dropped">Older lines are not shown any more: {number(state.dropped)}. A search finds them.</p>}
          />
          {entries.length === 0 && state?.connection.is === 'live' && state.backlog.is === 'there' && <p class="muted tail-none">No line yet. What matches is shown as it is written.</p>}
          {!stick && entries.length > 0 && <Button small class="tail-to-end" onClick={() => setStick(true)}>↓ To the newest</Button>}
        </section>
      )}
      {menu && <WordMenu key={`${menu.title}${menu.x}:${menu.y}`} at={menu} close={closeMenu} />}
      {help && <KeysHelp keys={kKeys} close={() => setHelp(false)} />}
      {details && <EntryDetails entry={details} marks={marks} term={term} around={() => around(details)} close={() => setDetails(null)} />}
    </>
  );
}
