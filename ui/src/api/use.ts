// Loading and following from within components: begun when a component appears, given up when it goes.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, isAbort, lost } from './http';
import type { CallOptions } from './http';
import type { Follow, FollowHandlers, FollowState } from './follow';

export interface Loaded<T> {
  data: T | undefined; // the last that came, also while the next is loading or has failed
  error: ApiError | undefined; // of the last try
  loading: boolean;
  reload: () => void;
  stop: () => void; // gives up the load that runs, and those that would follow; what is there stays
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'error', error instanceof Error ? error.message : String(error));
}

// Calls `load` now, whenever one of `deps` changes, and, with `everyMs`, again so long after each answer (not while the
// tab is hidden); `retryMs` is that of a failure that may pass. What failed as the server could not be reached is loaded once it answers
// again. With other deps the data of the old ones is dropped. `load` null: nothing is to be loaded.
export function useLoad<T>(load: ((options: CallOptions) => Promise<T>) | null, deps: readonly unknown[], everyMs = 0, retryMs = everyMs): Loaded<T> {
  const [state, setState] = useState<{ key: readonly unknown[]; data?: T; error?: ApiError; loading: boolean }>({ key: deps, loading: load !== null });
  const [round, setRound] = useState(0);
  const newest = useRef(load);
  newest.current = load;
  const running = useRef<AbortController | null>(null);

  useEffect(() => {
    const begin = newest.current;
    if (!begin) {
      setState({ key: deps, loading: false });
      return;
    }
    const abort = new AbortController();
    running.current = abort;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (ms: number) => {
      if (ms <= 0 || abort.signal.aborted) return;
      timer = setTimeout(() => (document.hidden ? again(ms) : run()), ms);
    };
    const run = () => {
      const load = newest.current;
      if (!load) return;
      setState((old) => ({ key: deps, data: same(old.key, deps) ? old.data : undefined, error: same(old.key, deps) ? old.error : undefined, loading: true }));
      load({ signal: abort.signal }).then(
        (data) => {
          if (!abort.signal.aborted) setState({ key: deps, data, loading: false });
          again(everyMs);
        },
        (caught: unknown) => {
          if (abort.signal.aborted || isAbort(caught)) return;
          const error = asApiError(caught);
          setState((old) => ({ key: deps, data: old.data, error, loading: false }));
          again(error.passing ? retryMs : everyMs);
        },
      );
    };
    run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [...deps, round, everyMs, retryMs, load === null]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const stop = useCallback(() => {
    running.current?.abort();
    setState((old) => ({ ...old, loading: false }));
  }, []);
  const unreached = lost.value !== null;
  const failed = useRef(false);
  failed.current = state.error?.code === 'unreachable' && !state.loading;
  useEffect(() => { if (!unreached && failed.current) reload(); }, [unreached]);
  const current = same(state.key, deps);
  return { data: current ? state.data : undefined, error: current ? state.error : undefined, loading: state.loading || !current, reload, stop };
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

// Follows while the component is there and `start` is not null; begins anew when one of `deps` changes.
//   const live = useFollow(paused ? null : (handlers) => followTail({ q }, handlers), [q, paused], { event: add });
export function useFollow<T>(start: ((handlers: FollowHandlers<T>) => Follow) | null, deps: readonly unknown[], handlers: FollowHandlers<T>): FollowState | null {
  const [state, setState] = useState<FollowState | null>(null);
  const newest = useRef(handlers);
  newest.current = handlers;
  useEffect(() => {
    if (!start) {
      setState(null);
      return;
    }
    const following = start({
      event: (event) => newest.current.event(event),
      missed: (count, why) => newest.current.missed?.(count, why),
      state: (now) => {
        setState(now);
        newest.current.state?.(now);
      },
    });
    return () => following.stop();
  }, [...deps, start === null]);
  return state;
}
