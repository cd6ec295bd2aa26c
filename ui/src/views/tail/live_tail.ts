// A live tail: the newest lines that there are, then what is written, through pauses and lost connections.
import { followTail, search, type ApiError, type Entry, type Follow, type FollowState, type TailEvent } from '../../api';
import { call } from '../../api/http';
import { asApiError } from '../../api/use';
import { backOffMs } from '../../api/stream';

export const kLinesAtMost = 10_000; // that are shown
export const kPendingAtMost = 10_000; // that wait while it is paused; then the server keeps them
const kBacklog = 100;
const kShowMs = 100;
const kRateMs = 5000;

export interface TailState {
  entries: readonly Entry[]; // oldest first
  connection: FollowState;
  paused: boolean;
  pending: number; // lines that wait
  parked: boolean; // more may wait at the server
  dropped: number; // lines that were let go of the list's beginning
  missed: number; // lines that cannot be had any more
  received: number; // since it began
  perSecond: number;
}

const kBegin: TailState = { entries: [], connection: { is: 'connecting' }, paused: false, pending: 0, parked: false, dropped: 0, missed: 0, received: 0, perSecond: 0 };

export class LiveTail {
  state: TailState = kBegin;
  #shown: Entry[] = [];
  #places = new Map<string, number>(); // of ids, counted from the first line that was ever shown
  #letGo = 0; // lines before #shown[0]
  #fresh: Entry[] = []; // to be shown
  #waiting: Entry[] = []; // while paused
  #place: string | null = null;
  #following: Follow | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rate: ReturnType<typeof setInterval>;
  #arrivals: { at: number; count: number }[] = [];
  #closed = new AbortController();

  constructor(private readonly q: string, private readonly changed: (state: TailState) => void) {
    this.#rate = setInterval(() => this.#measure(), 1000);
    void this.#begin();
  }

  close(): void {
    this.#closed.abort();
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
    this.#fresh.push(...waited);
    this.#set({ paused: false, pending: 0 });
    if (this.state.parked) this.#follow();
    this.#show();
  }
  clear(): void {
    this.#fresh = [];
    this.#letGo += this.#shown.length;
    this.#shown = [];
    this.#places.clear();
    this.#set({ entries: [], dropped: 0, missed: 0 });
  }

  // The place first, then the lines before it: what is written in between comes by the tail, and is known by its id.
  async #begin(): Promise<void> {
    const options = { signal: this.#closed.signal };
    for (let failures = 1; !this.#closed.signal.aborted; ++failures) {
      try {
        const { next } = await call<{ next: string }>('GET', '/api/v1/tail', { q: this.q, since: 'now', transport: 'poll', wait: 0 }, undefined, options);
        const page = await search({ q: this.q, limit: kBacklog }, options);
        this.#place = next;
        this.#fresh = [...page.entries].reverse();
        this.#show();
        this.#follow();
        return;
      } catch (caught) {
        if (this.#closed.signal.aborted) return;
        if (!(await this.#again(asApiError(caught), failures))) return;
      }
    }
  }
  async #again(error: ApiError, failures: number): Promise<boolean> {
    if (!error.passing) {
      this.#set({ connection: { is: 'ended', error } });
      return false;
    }
    const againInMs = backOffMs(failures);
    this.#set({ connection: { is: 'waiting', error, againInMs } });
    await new Promise((resolve) => setTimeout(resolve, againInMs));
    return true;
  }

  #follow(): void {
    this.#following?.stop();
    this.#set({ parked: false });
    this.#following = followTail({ q: this.q, since: this.#place ?? 'now', slow: 'catchup' }, {
      event: (event) => this.#take(event),
      missed: (count) => this.#set({ missed: this.state.missed + count }),
      state: (connection) => { if (!this.state.parked) this.#set({ connection }); },
    });
  }

  #take(event: TailEvent): void {
    if (this.state.parked) return;
    this.#place = event.event;
    const newest = this.#arrivals[this.#arrivals.length - 1];
    const now = performance.now();
    if (newest && now - newest.at < kShowMs) newest.count += 1;
    else this.#arrivals.push({ at: now, count: 1 });
    this.state = { ...this.state, received: this.state.received + 1 };
    if (!this.state.paused) {
      this.#fresh.push(event);
      this.#timer ??= setTimeout(() => this.#show(), kShowMs);
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length >= kPendingAtMost) {
      // The rest waits at the server, which goes on behind the last one of these.
      this.#following?.stop();
      this.#set({ parked: true, connection: { is: 'live' } });
    }
    this.#timer ??= setTimeout(() => this.#show(), kShowMs);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const fresh = this.#fresh;
    this.#fresh = [];
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
    const over = Math.max(0, shown.length - kLinesAtMost);
    for (const { id } of shown.slice(0, over)) this.#places.delete(id);
    this.#letGo += over;
    this.#shown = over > 0 ? shown.slice(over) : shown;
    this.#set({ entries: this.#shown, dropped: this.state.dropped + over, pending: this.#waiting.length });
  }

  #measure(): void {
    const since = performance.now() - kRateMs;
    while (this.#arrivals[0] && this.#arrivals[0].at < since) this.#arrivals.shift();
    const perSecond = this.#arrivals.reduce((sum, { count }) => sum + count, 0) / (kRateMs / 1000);
    if (perSecond !== this.state.perSecond) this.#set({ perSecond });
  }

  #set(change: Partial<TailState>): void {
    this.state = { ...this.state, ...change };
    if (!this.#closed.signal.aborted) this.changed(this.state);
  }
}
