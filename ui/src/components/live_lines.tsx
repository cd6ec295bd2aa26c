// Lines as they are written, newest on top: how many came, and a button that holds them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { followTail } from '../api';
import type { FollowState } from '../api/follow';
import type { TailEvent } from '../api/types';
import { count, duration } from '../format';
import { Button } from './button';
import { Entries } from './entries';
import { fitting } from './line_size';
import { useLive } from './live';
import { Badge } from './panel';
import { Empty } from './state';

const kMostLines = 1000;
const kGatherMs = 150; // lines that come fast are drawn together

export function LiveState({ of: state, paused }: { of: FollowState | null; paused: boolean }) {
  if (paused) return <Badge>paused</Badge>;
  if (state === null || state.is === 'connecting') return <Badge>connecting</Badge>;
  if (state.is === 'live') return <Badge tone="good">live</Badge>;
  if (state.is === 'waiting') return <span><Badge tone="warn">no connection</Badge> again in {duration(state.againInMs)}: {state.error.message}</span>;
  return <span><Badge tone="bad">ended</Badge> {state.error.message}</span>;
}

// Half a line comes again whole, with the same id: it takes the place of the half.
function added(old: readonly TailEvent[], fresh: readonly TailEvent[]): TailEvent[] {
  const ids = new Set(fresh.map((event) => event.id));
  const newest = new Map(fresh.map((event) => [event.id, event]));
  const kept = [...old.filter((event) => !ids.has(event.id)).reverse(), ...newest.values()];
  return kept.slice(kept.length - fitting(kept, kMostLines)).reverse();
}

export function LiveLines({ q, label, names }: { q: string; label: string; names?: Readonly<Record<string, string>> }) {
  const [lines, setLines] = useState<readonly TailEvent[]>([]);
  const [received, setReceived] = useState(0);
  const [missed, setMissed] = useState(0);
  const [paused, setPaused] = useState(false);
  const waiting = useRef<TailEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>();

  const show = () => {
    timer.current = undefined;
    const fresh = waiting.current;
    waiting.current = [];
    setReceived((n) => n + fresh.length);
    setLines((old) => added(old, fresh));
  };
  useEffect(() => {
    setLines([]);
    setReceived(0);
    setMissed(0);
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      waiting.current = [];
    };
  }, [q]);

  const state = useLive<TailEvent>(
    (since, handlers) => followTail({ q, since, slow: 'drop' }, handlers), [q],
    {
      event: (event) => {
        waiting.current.push(event);
        timer.current ??= setTimeout(show, kGatherMs);
      },
      missed: (n) => setMissed((old) => old + n),
    },
    paused,
  );
  return (
    <>
      <div class="form-row live-bar">
        <Button kind={paused ? 'primary' : 'plain'} small onClick={() => setPaused(!paused)}>{paused ? 'Start' : 'Pause'}</Button>
        <Button small onClick={() => setLines([])} disabled={lines.length === 0}>Clear</Button>
        <span><LiveState of={state} paused={paused} /> <span class="muted">{count(received, 'line')} received{missed > 0 && `, ${count(missed, 'line')} left out`}</span></span>
      </div>
      {lines.length === 0 ? <Empty title="Nothing has come yet." /> : <Entries label={label} entries={lines} {...(names ? { names } : {})} />}
    </>
  );
}
