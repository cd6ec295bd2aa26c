// What is live only while somebody looks: a tab that is hidden follows nothing, and goes on where it was.
import { useEffect, useRef, useState } from 'preact/hooks';
import { followPlace } from '../api';
import type { Follow, FollowHandlers, FollowState } from '../api/follow';
import { useFollow } from '../api/use';

// Whether the tab is shown.
export function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return visible;
}

// The time now, anew each `everyMs` while the tab is shown: for what says how long ago something was.
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  const visible = useVisible();
  useEffect(() => {
    if (!visible) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, visible]);
  return now;
}

// As useFollow, but nothing is followed while the tab is hidden or `paused`; afterwards `start` gets the place to go on
// from. With other `deps` it begins now.
export function useLive<T>(
  start: (since: string | undefined, handlers: FollowHandlers<T>) => Follow, deps: readonly unknown[], handlers: FollowHandlers<T>, paused = false,
): FollowState | null {
  const visible = useVisible();
  const place = useRef<{ deps: readonly unknown[]; since: string | undefined }>({ deps, since: undefined });
  if (place.current.deps.length !== deps.length || place.current.deps.some((value, i) => !Object.is(value, deps[i]))) place.current = { deps, since: undefined };
  const wanted = visible && !paused;
  return useFollow<T>(
    wanted
      ? (taker) => {
          const mine = place.current;
          const following = start(mine.since, taker);
          return {
            ...following,
            stop: () => {
              const place = following.place();
              following.stop();
              if (place !== null) mine.since = place;
              // Nothing was told yet, so what is told next is not known by it.
              else if (mine.since === undefined) followPlace().then((now) => { mine.since ??= now; }, () => undefined);
            },
          };
        }
      : null,
    [...deps, wanted], handlers,
  );
}
