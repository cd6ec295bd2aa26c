// A search as a component has it: begun anew when it changes, given up when the component goes.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lost } from '../../api';
import { kNothing, Loader, type LinesState, type LineSearch } from './loader';

export interface Lines extends LinesState {
  loadNext: () => void;
  loadPrev: () => void;
  retry: () => void; // the load that failed
  stop: () => void;
}

export function useLines({ q, from, to, order }: LineSearch, round: number): Lines {
  const [state, setState] = useState<{ of: string; state: LinesState }>({ of: '', state: kNothing });
  const loader = useRef<Loader | null>(null);
  const key = JSON.stringify([q, from, to, order, round]);
  useEffect(() => {
    const own = new Loader({ q, from, to, order }, (now) => setState({ of: key, state: now }));
    loader.current = own;
    void own.first();
    return () => own.close();
  }, [key]);
  const loadNext = useCallback(() => loader.current?.next(), []);
  const loadPrev = useCallback(() => loader.current?.prev(), []);
  const retry = useCallback(() => loader.current?.retry(), []);
  const stop = useCallback(() => loader.current?.stop(), []);
  const current = state.of === key ? state.state : kNothing;
  // What failed as the server could not be reached is loaded once it answers again.
  const unreached = lost.value !== null;
  const failed = useRef(false);
  failed.current = current.error?.code === 'unreachable' && !current.loading;
  useEffect(() => { if (!unreached && failed.current) retry(); }, [unreached]);
  return useMemo(() => ({ ...current, loading: state.of === key ? current.loading : 'first', loadNext, loadPrev, retry, stop }), [current, state.of === key]);
}
