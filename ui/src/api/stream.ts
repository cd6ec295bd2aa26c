// Answers that come piece by piece: a JSON object a line. Streams that stay open are taken up where they broke off.
import { ApiError, isAbort, send, type Query } from './http';
import type { Progress, WorkResult } from './types';

// The server tells an idle reader every 15 s that it is there. Silence of this length means that it is not.
const kSilenceMs = 45_000;
const kFirstWaitMs = 500;
const kLongestWaitMs = 30_000;

// The objects of a body of JSON lines. Ends with the body; throws if half a line stands at its end, or on what is no JSON.
export async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as unknown;
      if (!done) continue;
      if (rest.trim() !== '') throw new ApiError(0, 'bad_answer', 'the answer broke off within a line');
      return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

// A stream that ends by itself (a search, long work): each object is handed to `take`.
export async function readStream(method: string, path: string, query: Query, take: (value: unknown) => void, signal?: AbortSignal): Promise<void> {
  const response = await send(method, path, query, { accept: 'application/x-ndjson', signal });
  if (!response.body) return;
  try {
    for await (const value of jsonLines(response.body)) take(value);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'unreachable', 'the connection was lost within the answer');
  }
}

// Work that ended badly, with all that its last line tells: a verify has `problems`.
export class WorkError extends ApiError {
  constructor(readonly result: WorkResult) {
    super(200, result.code ?? 'error', result.message ?? 'the work failed');
  }
}

// Long work: tells of its progress, and gives its result. A result "error" is thrown as a WorkError.
export async function work(path: string, query: Query, progress: (state: Progress) => void, signal?: AbortSignal): Promise<WorkResult> {
  let result: WorkResult | undefined;
  await readStream('POST', path, query, (value) => {
    if (typeof value === 'object' && value !== null && 'result' in value) result = value as WorkResult;
    else progress(value as Progress);
  }, signal);
  if (!result) throw new ApiError(0, 'bad_answer', 'the work broke off without a result');
  if (result.result === 'error') throw new WorkError(result);
  return result;
}

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
// tells as heartbeats do.
export function follow<T>(path: string, query: Query, handlers: FollowHandlers<T>): Follow {
  const stopped = new AbortController();
  let place: string | null = typeof query.since === 'string' && query.since !== '' && query.since !== 'now' ? query.since : null;
  let failures = 0;

  const take = (said: Said): void => {
    if (said.event !== undefined) place = said.event;
    if (said.heartbeat) return;
    if (said.error !== undefined) throw new ApiError(0, said.error, `the server ended the stream: ${said.error}`);
    if (said.dropped !== undefined) handlers.missed?.(said.dropped, 'dropped');
    else if (said.gap !== undefined) handlers.missed?.(1, 'gap');
    else handlers.event(said as T);
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
    try {
      watch();
      const response = await send('GET', path, { ...query, since: place ?? query.since, transport: 'lines' }, { signal: attempt.signal });
      if (response.body) {
        let begun = false;
        for await (const value of jsonLines(response.body)) {
          watch();
          const said = value as Said;
          take(said);
          // Not before: a stream that is left then can be taken up where it began.
          if (!begun) handlers.state?.({ is: 'live' });
          // Where it begins is also told by a server that can do no more then.
          if (begun || !said.heartbeat) failures = 0;
          begun = true;
        }
      }
      throw new ApiError(0, 'unreachable', 'the server closed the stream');
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      throw error;
    } finally {
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
