// Many alerts may come at once: what they ask for is done once for all of them.
import { useEffect, useRef } from 'preact/hooks';

const kGatherMs = 300;

// Calls `act` soon after `told` has grown, and once for all growth within that time.
export function useSoon(told: number, act: () => void): void {
  const newest = useRef(act);
  newest.current = act;
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    if (told === 0 || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      newest.current();
    }, kGatherMs);
  }, [told]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
