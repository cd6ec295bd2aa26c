// Search: a query, a time, and the lines that match.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { histogram } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Checkbox, checkedOf, Empty, ErrorState, Panel, Select, TimeRange, timeFaults, valueOf, ViewHead } from '../../components';
import { useCompletions } from '../../components/completions';
import { copyText } from '../../components/copy';
import { EntryDetails } from '../../components/entry_details';
import { KeysHelp, singleKeys, typesText } from '../../components/keys_help';
import { LevelHistogram } from '../../components/level_histogram';
import { summarize } from '../../components/line_fields';
import { LogList, type LogListAction } from '../../components/log_list';
import { QueryBox } from '../../components/query_box';
import { rememberQuery } from '../../components/query_history';
import { fieldTerm, marksOf, withTerm, wordTerm } from '../../components/query_text';
import { WordMenu, type WordMenuAt } from '../../components/word_menu';
import { wrapLines } from '../../components/wrap';
import { iso } from '../../format';
import { href, setParams, type ParamsToSet } from '../../router';
import type { Entry } from '../../api';
import type { ViewProps } from '..';
import { Around } from './around';
import { Counting } from './counting';
import { Download } from './download';
import { toldIsBetter } from './told_fields';
import { kPageLines } from './loader';
import { Side, useFields, useWords, type SideName } from './side';
import { Status } from './status';
import { useLines } from './use_lines';
import './search.css';

const kUsualFrom = '-1d';
const kSample = kPageLines; // lines of which the fields are told
const kWidePx = 900;
const kCountWithin = '3s'; // the lines over time, unless all of them are asked for
const kCopiedAtMost = 100_000;
const kNoWords: never[] = [];

const kKeys = [
  ['/', 'to the query'], ['↑ ↓', 'in the query: completions, or what was asked before'], ['j k, ↑ ↓', 'next and previous line'], ['g G, Home End', 'first and last line loaded'],
  ['Page ↑ ↓', '20 lines'], ['← →', 'to a word of the line'], ['Enter', 'what can be done with the word; without one the line in full'], ['c', 'the lines around it'], ['y', 'copy the line'],
  ['w', 'wrap lines'], ['p', 'fields and words'], ['d', 'download'], ['r', 'search again'], ['Esc', 'away from the word, the menu, the dialog'], ['?', 'this help'],
] as const;

export function Search({ params }: ViewProps) {
  const q = params.q ?? '';
  const from = params.from === 'all' || (params.from === undefined && params.to !== undefined) ? '' : (params.from ?? kUsualFrom);
  const to = params.to ?? '';
  const order = params.order === 'asc' ? 'asc' : 'desc';
  const panel: SideName = params.panel === 'words' || params.panel === 'off' || params.panel === 'fields' ? params.panel : innerWidth > kWidePx ? 'fields' : 'off';
  const search = useMemo(() => ({ q, from, to, order }) as const, [q, from, to, order]);

  const [round, setRound] = useState(0);
  const [open, setOpen] = useState<'help' | 'download' | null>(null);
  const [details, setDetails] = useState<Entry | null>(null);
  const [menu, setMenu] = useState<WordMenuAt | null>(null);
  const asked = `${JSON.stringify(search)}${round}`;
  const found = useLines(search, round);
  const { entries, loading, error, begun } = found;
  const again = useCallback(() => setRound((n) => n + 1), []);

  const countAll = useRef(''); // the search of which all lines are to be counted
  const bars = useLoad(
    begun ? (options) => histogram({ q, from, to, by: 'level', within: countAll.current === asked ? undefined : kCountWithin }, { ...options, timeoutMs: 0 }) : null,
    [q, from, to, round, begun],
  );
  const list = useWords(begun && panel === 'words', search, round);
  const fieldList = useFields(begun && panel === 'fields', search, round);
  // Whoever stops a search wants nothing of it to go on.
  const lines = { ...found, stop: () => [found, bars, list, fieldList].forEach(({ stop }) => stop()) };
  const sampled = Math.min(entries.length, kSample);
  // Told anew when a page is there, not with every line.
  const loaded = useMemo(() => (loading === 'first' ? [] : summarize(entries.slice(0, kSample))), [loading === 'first', entries[0], sampled]);
  const { complete, look, begin, names } = useCompletions(toldIsBetter(fieldList.data, sampled) ? fieldList.data.fields : loaded, list.data?.words ?? kNoWords, search);
  const marks = useMemo(() => marksOf(q), [q]);

  const ask = useCallback((query: string) => {
    if (query === q) again();
    else setParams({ q: query, around: null });
  }, [q]);
  // Another time or order is searched for what stands in the box, also if it was not sent yet.
  const draft = useRef(q);
  const setScope = (change: ParamsToSet) => {
    const query = draft.current.trim();
    if (query !== q) rememberQuery(query);
    setParams({ ...change, q: query });
  };
  const term = (what: string, negative = false) => {
    setDetails(null);
    setParams({ q: withTerm(draft.current, what, negative) });
  };
  const choose = (what: string, title: string, x: number, y: number) => setMenu({
    x, y, title,
    actions: [
      { text: 'Add to the query', run: () => term(what) }, { text: 'Exclude', run: () => term(what, true) },
      { text: 'Search for it alone', run: () => setParams({ q: what }) }, { text: 'Copy', run: () => void copyText(title, 'It was') },
    ],
  });
  const closeMenu = useCallback(() => setMenu(null), []);
  // What was opened here is closed by going back, so that Back does not open it again.
  const openedHere = useRef(false);
  useEffect(() => { if (!params.around) openedHere.current = false; }, [params.around]);
  const around = (entry: Entry) => {
    openedHere.current = true;
    setParams({ around: entry.id });
  };
  const closeAround = () => {
    if (!openedHere.current) setParams({ around: null }, true);
    else history.back();
    openedHere.current = false;
  };
  const listHadFocus = useRef(false);
  const copyLine = (entry: Entry) => void copyText(entry.line, 'The line was');
  const actions: LogListAction[] = [
    { text: 'Line', key: 'o', title: 'The line in full, its fields and words (Enter)', run: setDetails },
    { text: 'Around', key: 'c', title: 'The lines around it (c)', run: around },
    { text: 'Copy', key: 'y', title: 'Copy the line (y)', run: copyLine },
  ];
  const keys = (event: KeyboardEvent): boolean => {
    const does: Record<string, () => void> = {
      w: () => { wrapLines.value = wrapLines.value === 'on' ? 'off' : 'on'; },
      p: () => setParams({ panel: panel === 'off' ? 'fields' : 'off' }, true),
      d: () => setOpen('download'),
      r: again,
    };
    does[event.key]?.();
    return event.key in does;
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || typesText(event) || singleKeys.value === 'off') return;
      if (event.key === '?') setOpen('help');
      else if (event.key === '/') document.querySelector<HTMLElement>('.query-input')?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  // What is wrong with a time is told beside it.
  const refused = error?.status === 400;
  const wrong = refused && !timeFaults({ from, to }) ? error : null;
  const none = !loading && !error && entries.length === 0;
  return (
    <>
      <ViewHead
        title="Search"
        actions={<>
          <a class="button button-small" href={href('tail', { q })}>Follow live</a>
          <Button small onClick={() => setOpen('help')} title="Keys and queries (?)">Help</Button>
        </>}
      />
      <Panel class="search-ask">
        <QueryBox value={q} draft={draft} ask={ask} complete={complete} look={look} typing={begin} error={wrong ?? undefined} button="Search" />
        <div class="search-scope">
          <TimeRange value={{ from, to }} change={(value) => setScope({ from: value.from || 'all', to: value.to })} />
          <Select label="Order" value={order} options={[['desc', 'Newest first'], ['asc', 'Oldest first']]} onChange={(event) => setScope({ order: valueOf(event) === 'asc' ? 'asc' : null })} />
        </div>
      </Panel>
      {!refused && !(bars.data?.total === 0 && bars.data.stats.complete) && (
        <section class="panel search-histogram" aria-label="Lines over time">
          {bars.error && <ErrorState error={bars.error} retry={bars.reload} />}
          {bars.data && bars.data.total > 0 && (
            <LevelHistogram
              of={bars.data} select={(a, b) => setScope({ from: iso(a), to: iso(b) })}
              pick={(level) => term(level === '' ? 'level:""' : fieldTerm('level', level))}
            />
          )}
          <Counting bars={bars} searching={loading !== null} begun={begun} countAll={() => { countAll.current = asked; bars.reload(); }} />
        </section>
      )}
      {!wrong && (
        <div class={`search-result ${panel === 'off' ? '' : 'search-with-side'}`}>
          {panel !== 'off' && (
            <Side shown={panel} params={params} fields={fieldList} loaded={loaded} sample={sampled} words={list} choose={(what, title, event) => choose(what, title, event.clientX || (event.currentTarget as Element).getBoundingClientRect().left, event.clientY || (event.currentTarget as Element).getBoundingClientRect().bottom)} />
          )}
          <section class="search-lines" aria-label="Lines">
            <div class="search-tools">
              <Status lines={lines} total={bars.data?.stats.complete ? bars.data.total : null} again={again} />
              <div class="actions">
                {entries.length > 0 && !lines.prev && <Button small disabled={loading !== null} onClick={lines.loadPrev}>{order === 'desc' ? 'Newer lines' : 'Older lines'}</Button>}
                {panel === 'off' && <Button small onClick={() => setParams({ panel: 'fields' })}>Fields</Button>}
                <Checkbox label="Wrap" checked={wrapLines.value === 'on'} onChange={(event) => { wrapLines.value = checkedOf(event) ? 'on' : 'off'; }} />
                <Button small disabled={entries.length === 0} onClick={() => void copyText(entries.slice(0, kCopiedAtMost).map(({ line }) => line).join('\n'), 'The lines that are loaded were')}>Copy</Button>
                <Button small disabled={none} onClick={() => setOpen('download')}>Download</Button>
              </div>
            </div>
            {error && <ErrorState error={error} retry={lines.retry} />}
            {none && !lines.stopped && !lines.next ? (
              <Empty title={q === '' ? 'There are no lines.' : 'Nothing matches.'}>
                {from !== '' ? <p>Perhaps in a longer time: <a href={href('search', { ...params, from: 'all', to: null })}>search all</a>.</p> : q !== '' && <p>Look for less, or for a part of a word: *part*.</p>}
              </Empty>
            ) : entries.length > 0 && (
              <LogList
                key={asked} label="Lines that match" hadFocus={listHadFocus} entries={entries} marks={marks} names={names} wrap={wrapLines.value === 'on'}
                actions={actions} word={(word, x, y) => choose(wordTerm(word), word, x, y)} keys={keys}
                nearBegin={lines.prev && !error ? lines.loadPrev : undefined}
                nearEnd={lines.next && !error && !lines.stopped && !lines.cutShort && !loading ? lines.loadNext : undefined}
                foot={!loading && !error && !lines.next && !lines.stopped && !lines.cutShort && <p class="muted search-end">These are all.</p>}
              />
            )}
          </section>
        </div>
      )}
      {menu && <WordMenu key={`${menu.title}${menu.x}:${menu.y}`} at={menu} close={closeMenu} />}
      {open === 'help' && <KeysHelp keys={kKeys} close={() => setOpen(null)} />}
      {open === 'download' && <Download search={search} close={() => setOpen(null)} />}
      {details && <EntryDetails entry={details} marks={marks} term={term} around={() => { setDetails(null); around(details); }} close={() => setDetails(null)} />}
      {params.around && <Around id={params.around} names={names} close={closeAround} />}
    </>
  );
}
