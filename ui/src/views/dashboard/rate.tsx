// How fast lines come in: by what the store's own count says from one look to the next.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { StoreStats } from '../../api';
import { Chart, Empty, Panel } from '../../components';
import { shortNumber } from '../../format';

const kMostLooks = 200; // ten minutes, at one in three seconds
const kLongestGapMs = 15_000;
const kLeastSpanMs = 120_000;

interface Look {
  time: number;
  rate: number | null; // lines a second since the look before; null: not known (the first, or the server began anew)
}

export function useRates(now: StoreStats | undefined): readonly Look[] {
  const [kept, setKept] = useState<{ looks: readonly Look[]; last?: StoreStats }>({ looks: [] });
  useEffect(() => {
    if (!now) return;
    setKept(({ looks, last }) => {
      const took = last ? now.time - last.time : 0;
      if (last && took === 0) return { looks, last };
      const came = last ? now.lines_written - last.lines_written : 0;
      // After a pause (the tab was hidden) the mean of that time would look like a reading.
      const known = last !== undefined && came >= 0 && took > 0 && took < kLongestGapMs;
      return { looks: [...looks, { time: now.time, rate: known ? (came * 1000) / took : null }].slice(-kMostLooks), last: now };
    });
  }, [now]);
  return kept.looks;
}

// The newest that is known.
export const rateOf = (looks: readonly Look[]): number | null => [...looks].reverse().find((look) => look.rate !== null)?.rate ?? null;

export function Rate({ looks }: { looks: readonly Look[] }) {
  const times = useMemo(() => looks.map((look) => look.time), [looks]);
  const lines = useMemo(() => [{ label: 'lines a second', values: looks.map((look) => look.rate), fill: true }], [looks]);
  const to = times[times.length - 1] ?? 0;
  const span = useMemo(() => ({ from: Math.min(times[0] ?? to, to - kLeastSpanMs), to }), [times, to]);
  const known = looks.filter((look) => look.rate !== null);
  const most = shortNumber(known.reduce((rate, look) => Math.max(rate, look.rate ?? 0), 0));
  return (
    <Panel title="Lines coming in">
      {known.length < 2
        ? <Empty title="Counting…" />
        : (
          <>
            <Chart label={`Lines a second since this page looks, at most ${most}`} times={times} lines={lines} span={span} />
            <p class="muted">Lines a second since this page looks, at most {most}</p>
          </>
        )}
    </Panel>
  );
}
