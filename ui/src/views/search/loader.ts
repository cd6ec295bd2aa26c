// The lines of a search: its pages as they are loaded, in both directions, while somebody scrolls.
import { isAbort } from '../../api';
import { asApiError } from '../../api/use';
import { searchPage, type PageEnd } from '../../api/search_page';
import type { ApiError, Entry, QueryStats } from '../../api';

export interface LineSearch {
  q: string;
  from: string;
  to: string;
  order: 'desc' | 'asc';
}

interface Page {
  count: number;
  next: string | null;
  prev: string | null;
}

export interface LinesState {
  entries: readonly Entry[];
  loading: 'first' | 'next' | 'prev' | null;
  begun: boolean; // the server has understood the query
  since: number; // when the load began that runs
  progress: QueryStats | null; // of it
  stats: QueryStats | null; // of the last page
  error: ApiError | null;
  stopped: boolean; // by the reader, within a page
  cutShort: string | null; // the limit into which the last page ran
  next: boolean; // there is more behind the last line
  prev: boolean; // there is more before the first line that is known to be there
  newer: 'unknown' | 'none'; // whether lines came before the first since: it was looked for, and there were none
}

export const kPageLines = 1000;
// Pages at the other end are let go when there are more; scrolling back loads them again.
export const kLinesAtMost = 100_000;
const kCharsAtMost = 64_000_000;
const kShowMs = 100;

const kNothing: LinesState = {
  entries: [], loading: null, begun: false, since: 0, progress: null, stats: null, error: null, stopped: false, cutShort: null, next: false, prev: false, newer: 'unknown',
};

export class Loader {
  state: LinesState = kNothing;
  #pages: Page[] = [];
  #dropped = 0; // pages that were let go at the beginning
  #abort: AbortController | null = null;
  #last: 'first' | 'next' | 'prev' = 'first';

  constructor(private readonly search: LineSearch, private readonly changed: (state: LinesState) => void) {}

  first = () => this.#load('first', null);
  next = () => {
    const cursor = this.#pages[this.#pages.length - 1]?.next;
    if (cursor && !this.state.loading) void this.#load('next', cursor);
  };
  prev = () => {
    const cursor = this.#pages[0]?.prev;
    if (cursor && !this.state.loading) void this.#load('prev', cursor);
  };
  // What failed, once more. Without a page there is nothing that could be gone on from.
  retry = () => (this.#pages.length === 0 ? void this.first() : this.#last === 'prev' ? this.prev() : this.next());
  // Keeps what was found.
  stop = () => this.#abort?.abort(new DOMException('stopped', 'AbortError'));
  // Nothing is told any more.
  close = () => {
    this.#set = () => undefined;
    this.stop();
  };

  #set = (change: Partial<LinesState>) => {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  };

  async #load(what: 'first' | 'next' | 'prev', cursor: string | null): Promise<void> {
    const { q, from, to, order } = this.search;
    const abort = new AbortController();
    this.#abort = abort;
    this.#last = what;
    this.#set({ loading: what, since: performance.now(), progress: null, error: null, stopped: false, cutShort: null, newer: 'unknown' });
    const found: Entry[] = [];
    const before = what === 'first' ? [] : this.state.entries;
    // Behind a `prev` cursor the last line comes first.
    const all = () => (what === 'prev' ? [...found].reverse().concat(before) : before.concat(found));
    let shown = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      if (found.length === shown) return;
      shown = found.length;
      this.#set({ entries: all() });
    };
    try {
      const query = { q, ...(cursor ? { cursor } : { from, to }), order, limit: kPageLines };
      const end = await searchPage(query, {
        begun: () => this.#set({ begun: true }),
        found: (entry) => {
          found.push(entry);
          if (what !== 'prev') timer ??= setTimeout(show, kShowMs);
        },
        progress: (progress) => this.#set({ progress }),
      }, abort.signal);
      clearTimeout(timer);
      this.#take(what, end, found.length, all());
    } catch (error) {
      clearTimeout(timer);
      const stopped = isAbort(error);
      // What came of a page that has no end cannot be gone on from: a first page keeps it, others are asked for again.
      this.#set({
        loading: null, entries: what === 'first' ? all() : before, stopped, error: stopped ? null : asApiError(error),
        next: what === 'first' ? false : this.state.next,
      });
    }
  }

  #take(what: 'first' | 'next' | 'prev', end: PageEnd, count: number, entries: Entry[]): void {
    const page: Page = { count, next: end.next, prev: end.prev };
    if (what === 'prev') {
      // An empty page has no lines of its own: its cursor only leads on.
      const old = this.#pages[0] as Page;
      if (count === 0) old.prev = end.prev;
      else this.#pages.unshift(page);
      this.#dropped = Math.max(0, this.#dropped - 1);
    } else if (count === 0 && this.#pages.length > 0) {
      (this.#pages[this.#pages.length - 1] as Page).next = end.next;
    } else this.#pages.push(page);
    this.#set({
      loading: null, stats: end.stats, progress: null, cutShort: end.stats.complete ? null : end.stats.stopped_by,
      newer: what === 'prev' && count === 0 && end.stats.complete ? 'none' : 'unknown',
      entries: this.#trimmed(entries, what === 'prev'),
      next: this.#pages[this.#pages.length - 1]?.next !== null, prev: this.#dropped > 0,
    });
  }

  #trimmed(entries: Entry[], atEnd: boolean): Entry[] {
    let chars = entries.reduce((sum, { line }) => sum + line.length, 0);
    let from = 0;
    let to = entries.length;
    while (this.#pages.length > 1 && (to - from > kLinesAtMost || chars > kCharsAtMost)) {
      const page = (atEnd ? this.#pages.pop() : this.#pages.shift()) as Page;
      const begin = atEnd ? to - page.count : from;
      for (let i = begin; i < begin + page.count; ++i) chars -= entries[i]?.line.length ?? 0;
      if (atEnd) to -= page.count;
      else {
        from += page.count;
        this.#dropped += 1;
      }
    }
    return from === 0 && to === entries.length ? entries : entries.slice(from, to);
  }
}

export { kNothing };
