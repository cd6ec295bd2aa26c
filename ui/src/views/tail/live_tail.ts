// A live tail: what is written, with the newest lines that were there before it, through pauses and lost connections.
import { followTail, type ApiError, type Entry, type Follow, type FollowState, type TailEvent } from '../../api';
import { searchPage } from '../../api/search_page';
import { asApiError } from '../../api/use';
import { fitting, kListBytes, sizeOf } from '../../components/line_size';

export const kLinesAtMost = 10_000; // that are shown; they are kListBytes at most, too
export const kPendingAtMost = 10_000; // that wait while it is paused, kListBytes at most, too; then the server keeps them
const kBacklog = 100;
const kShowMs = 100;
const kRateMs = 5000;

// The lines that were there before: they are looked for beside what comes, which waits for nothing.
export type Backlog = { is: 'looking' } | { is: 'there' } | { is: 'failed'; error: ApiError };

export interface TailState {
  entries: readonly Entry[]; // oldest first
  connection: FollowState;
  backlog: Backlog;
  paused: boolean;
  pending: number; // lines that wait
  parked: boolean; // more may wait at the server
  dropped: number; // lines that were let go of the list's beginning
  missed: number; // lines that cannot be had any more
  received: number; // since it began
  perSecond: number | null; // null while more may wait at the server: how fast it comes is not seen here then
}

const kBegin: TailState = { entries: [], connection: { is: 'connecting' }, backlog: { is: 'looking' }, paused: false, pending: 0, parked: false, dropped: 0, missed: 0, received: 0, perSecond: 0 };

export class LiveTail {
  state: TailState = kBegin;
  #shown: Entry[] = [];
  #places = new Map<string, number>(); // of ids, counted from the first line that was ever shown
  #letGo = 0; // lines before #shown[0]
  #fresh: Entry[] = []; // to be shown
  #freshBytes = 0;
  #waiting: Entry[] = []; // while paused
  #waitingBytes = 0;
  #backlog: AbortController | null = null; // of the search for the lines before
  #place: string | null = null;
  #following: Follow | null = null;
  #away = false; // nobody looks: nothing is followed
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rate: ReturnType<typeof setInterval>;
  #arrivals: { at: number; count: number }[] = [];
  #closed = new AbortController();

  constructor(private readonly q: string, private readonly changed: (state: TailState) => void) {
    this.#rate = setInterval(() => this.#measure(), 1000);
  }

  // Call once.
  begin(): void {
    this.#follow();
  }
  close(): void {
    this.#closed.abort();
    this.#backlog?.abort();
    this.#following?.stop();
    clearTimeout(this.#timer);
    clearInterval(this.#rate);
  }
  pause(): void {
    this.#show();
    this.#set({ paused: true });
  }
  goOn(): void {
    const waited = this.#waiting;
    this.#waiting = [];
    this.#freshBytes += this.#waitingBytes;
    this.#waitingBytes = 0;
    this.#fresh = this.#fresh.concat(waited);
    this.#set({ paused: false, pending: 0 });
    if (this.state.parked) this.#follow();
    this.#show();
  }
  // A tab that nobody looks at takes nothing of the server and of the machine it is on. What is written meanwhile is kept by the server, and
  // told from the same place on by comeBack().
  leave(): void {
    if (this.#away) return;
    this.#away = true;
    if (this.state.parked) return;
    this.#place = this.#following?.place() ?? this.#place;
    this.#following?.stop();
  }
  comeBack(): void {
    if (!this.#away) return;
    this.#away = false;
    if (!this.state.parked && this.state.connection.is !== 'ended') this.#follow();
  }
  clear(): void {
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#letGo += this.#shown.length;
    this.#shown = [];
    this.#places.clear();
    this.#backlog?.abort();
    this.#set({ entries: [], dropped: 0, missed: 0, backlog: { is: 'there' } });
  }

  // Looks for the lines before. Not until the tail has begun: what is written meanwhile comes by the tail, perhaps by both, and is
  // known by its id.
  lookBack = async (): Promise<void> => {
    if (this.#backlog && !this.#backlog.signal.aborted) return;
    const own = new AbortController();
    this.#backlog = own;
    this.#set({ backlog: { is: 'looking' } });
    const found: Entry[] = [];
    let end: Backlog = { is: 'there' };
    try {
      await searchPage({ q: this.q, limit: kBacklog }, { found: (entry) => found.push(entry) }, own.signal);
    } catch (caught) {
      end = { is: 'failed', error: asApiError(caught) };
    }
    if (own.signal.aborted) return;
    if (end.is === 'failed') this.#backlog = null;
    this.#show();
    this.#putBefore(found.reverse());
    this.#set({ backlog: end });
  };
  #putBefore(entries: readonly Entry[]): void {
    const unknown = entries.filter(({ id }) => !this.#places.has(id));
    // Those that have no room would be let go at once.
    const all = unknown.concat(this.#shown);
    const kept = all.slice(all.length - Math.max(this.#shown.length, fitting(all, kLinesAtMost)));
    const added = kept.length - this.#shown.length;
    this.#letGo -= added;
    kept.slice(0, added).forEach(({ id }, i) => this.#places.set(id, this.#letGo + i));
    this.#shown = kept;
    this.#set({ entries: kept });
  }

  #follow(): void {
    this.#following?.stop();
    this.#set({ parked: false });
    if (this.#away) return;
    this.#following = followTail({ q: this.q, since: this.#place ?? 'now', slow: 'catchup' }, {
      event: (event) => this.#take(event),
      missed: (count) => this.#set({ missed: this.state.missed + count }),
      state: (connection) => {
        if (connection.is === 'live' && !this.#backlog && this.state.backlog.is !== 'there') void this.lookBack();
        if (!this.state.parked) this.#set({ connection });
      },
    });
  }

  #take(event: TailEvent): void {
    if (this.state.parked || this.#away) return;
    this.#place = event.event;
    const newest = this.#arrivals[this.#arrivals.length - 1];
    const now = performance.now();
    if (newest && now - newest.at < kShowMs) newest.count += 1;
    else this.#arrivals.push({ at: now, count: 1 });
    this.state = { ...this.state, received: this.state.received + 1 };
    if (!this.state.paused) {
      this.#fresh.push(event);
      this.#freshBytes += sizeOf(event);
      if (this.#freshBytes > kListBytes) this.#show();
      else this.#timer ??= setTimeout(() => this.#show(), kShowMs);
      return;
    }
    this.#waiting.push(event);
    this.#waitingBytes += sizeOf(event);
    if (this.#waiting.length >= kPendingAtMost || this.#waitingBytes >= kListBytes) {
      // The rest waits at the server, which goes on behind the last one of these.
      this.#following?.stop();
      this.#set({ parked: true, perSecond: null, connection: { is: 'live' } });
    }
    this.#timer ??= setTimeout(() => this.#show(), kShowMs);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#freshBytes = 0;
    if (fresh.length === 0) {
      if (this.state.pending !== this.#waiting.length) this.#set({ pending: this.#waiting.length });
      return;
    }
    const shown = this.#shown.slice();
    for (const entry of fresh) {
      // Half a line comes again once it is whole; what the first search has found may come again as well.
      const place = this.#places.get(entry.id);
      const index = place === undefined ? -1 : place - this.#letGo;
      if (index >= 0) shown[index] = entry;
      else {
        this.#places.set(entry.id, this.#letGo + shown.length);
        shown.push(entry);
      }
    }
    const over = shown.length - fitting(shown, kLinesAtMost);
    for (const { id } of shown.slice(0, over)) this.#places.delete(id);
    this.#letGo += over;
    this.#shown = over > 0 ? shown.slice(over) : shown;
    this.#set({ entries: this.#shown, dropped: this.state.dropped + over, pending: this.#waiting.length });
  }

  #measure(): void {
    const since = performance.now() - kRateMs;
    while (this.#arrivals[0] && this.#arrivals[0].at < since) this.#arrivals.shift();
    const perSecond = this.state.parked ? null : this.#arrivals.reduce((sum, { count }) => sum + count, 0) / (kRateMs / 1000);
    if (perSecond !== this.state.perSecond) this.#set({ perSecond });
  }

  #set(change: Partial<TailState>): void {
    this.state = { ...this.state, ...change };
    if (!this.#closed.signal.aborted) this.changed(this.state);
  }
}
