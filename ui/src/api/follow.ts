// What is told as it is written. What breaks off is taken up where it was.
import { ApiError, call, isAbort, send, type Query } from './http';
import { readSocket, socketsWork, Unopened } from './socket';
import { jsonLines } from './stream';

// An idle reader hears every 15 s that the server is there. Silence of this length means that it is not.
const kSilenceMs = 45_000;
const kFirstWaitMs = 500;
const kLongestWaitMs = 30_000;
const kUnopenedAtMost = 2; // WebSockets that did not open although the server answers: something on the way does not pass them

export type FollowState =
  | { is: 'connecting' }
  | { is: 'live' }
  | { is: 'waiting'; error: ApiError; againInMs: number } // the connection was lost; it comes back by itself
  | { is: 'ended'; error: ApiError }; // the request is wrong or not allowed: it stays so

export interface FollowHandlers<T> {
  event: (event: T) => void;
  state?: (state: FollowState) => void;
  // So many events were left out: "dropped", since this reader is too slow; "gap", since they are not kept any more: how
  // many these are nobody knows, and 1 is told.
  missed?: (count: number, why: 'dropped' | 'gap') => void;
}
export interface Follow {
  stop: () => void;
  // The last event that was told, or where the stream began, to go on from later; null: it has not begun.
  place: () => string | null;
}

interface Said {
  event?: string;
  heartbeat?: boolean;
  dropped?: number;
  gap?: number; // the first commit that is kept
  error?: string;
}

// How long to wait before try number `failures` (from 1): doubled each time, with up to a half less by chance.
export function backOffMs(failures: number, chance: number = Math.random()): number {
  const longest = Math.min(kLongestWaitMs, kFirstWaitMs * 2 ** (failures - 1));
  return Math.round(longest * (1 - chance / 2));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// Follows /api/v1/tail, /channel or /messages until stop(). A connection that is lost is opened again behind the last
// event, so that nothing is missed or told twice: before there is one, from where the stream began, which its first line
// tells as heartbeats do. By WebSocket, of which a browser has as many as it likes: it has six other connections to a server, for all
// its tabs. Where no WebSocket comes through, by lines.
export function follow<T>(path: string, query: Query, handlers: FollowHandlers<T>): Follow {
  const stopped = new AbortController();
  let place: string | null = typeof query.since === 'string' && query.since !== '' && query.since !== 'now' ? query.since : null;
  let failures = 0;
  let unopened = 0;

  const take = (said: Said): void => {
    if (said.event !== undefined) place = said.event;
    if (said.heartbeat) return;
    if (said.error !== undefined) throw new ApiError(0, said.error, `the server ended the stream: ${said.error}`);
    if (said.dropped !== undefined) handlers.missed?.(said.dropped, 'dropped');
    else if (said.gap !== undefined) handlers.missed?.(1, 'gap');
    else handlers.event(said as T);
  };

  const byLines = async (query: Query, said: (value: unknown) => void, signal: AbortSignal): Promise<never> => {
    const response = await send('GET', path, { ...query, transport: 'lines' }, { signal });
    if (response.body) for await (const value of jsonLines(response.body)) said(value);
    throw new ApiError(0, 'unreachable', 'the server closed the stream');
  };
  const bySocket = async (query: Query, said: (value: unknown) => void, signal: AbortSignal): Promise<never> => {
    try {
      return await readSocket(path, { ...query, transport: 'websocket', place: true }, said, signal);
    } catch (error) {
      if (!(error instanceof Unopened)) throw error;
      // A browser does not tell why. The server does, to whoever asks otherwise.
      await call('GET', path, { ...query, since: 'now', transport: 'poll', wait: 0 }, undefined, { signal });
      ++unopened;
      throw error;
    }
  };

  const once = async (): Promise<never> => {
    const attempt = new AbortController();
    const give = () => attempt.abort(stopped.signal.reason);
    stopped.signal.addEventListener('abort', give);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => attempt.abort(new ApiError(0, 'timeout', 'the server has fallen silent')), kSilenceMs);
    };
    let begun = false;
    const said = (value: unknown): void => {
      watch();
      const what = value as Said;
      take(what);
      // Not before: a stream that is left then can be taken up where it began.
      if (!begun) handlers.state?.({ is: 'live' });
      // Where it begins is also told by a server that can do no more then.
      if (begun || !what.heartbeat) failures = 0;
      begun = true;
    };
    const way = socketsWork() && unopened < kUnopenedAtMost ? bySocket : byLines;
    try {
      watch();
      return await way({ ...query, since: place ?? query.since }, said, attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      throw error;
    } finally {
      // A way that worked may be gone next time, and one that did not may be there.
      if (begun) unopened = 0;
      clearTimeout(timer);
      stopped.signal.removeEventListener('abort', give);
      attempt.abort();
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      handlers.state?.({ is: 'connecting' });
      try {
        await once();
      } catch (caught) {
        if (stopped.signal.aborted) return;
        const error = caught instanceof ApiError ? caught : new ApiError(0, isAbort(caught) ? 'timeout' : 'unreachable', 'the connection was lost');
        if (error.status >= 400 && !error.passing && error.status < 500) {
          handlers.state?.({ is: 'ended', error });
          return;
        }
        const againInMs = backOffMs(++failures);
        handlers.state?.({ is: 'waiting', error, againInMs });
        await pause(againInMs, stopped.signal);
      }
    }
  };
  void run();
  return { stop: () => stopped.abort(), place: () => place };
}
