// How many lines there are, when, and of which level: bars over time, over which a span is drawn. By the keyboard too.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Histogram } from '../api/types';
import { date, duration, number, shortNumber, time, timeOfDay } from '../format';
import { kLevels } from './query_text';
import './level_histogram.css';

interface LevelHistogramProps {
  of: Histogram; // by level
  select: (from: number, to: number) => void;
  pick: (level: string) => void; // of the legend
}

const kHeight = 100;

export function LevelHistogram({ of, select, pick }: LevelHistogramProps) {
  const area = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ a: number; b: number } | null>(null); // buckets, while drawing
  const [at, setAt] = useState<number | null>(null); // the bucket that is told

  const { times, levels, sums, top, paths } = useMemo(() => layOut(of), [of]);
  const n = times.length;
  const step = of.step;

  const bucketAt = (event: PointerEvent): number => {
    const box = area.current?.getBoundingClientRect();
    return box ? Math.max(0, Math.min(n - 1, Math.floor(((event.clientX - box.left) / box.width) * n))) : 0;
  };
  const finish = (a: number, b: number) => {
    setDrawn(null);
    const [first, last] = a < b ? [a, b] : [b, a];
    select(times[first] as number, (times[last] as number) + step);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at ?? 0;
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: n - 1 }[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(n - 1, to));
      setDrawn(event.shiftKey ? { a: drawn?.a ?? now, b: next } : null);
      setAt(next);
    } else if (event.key === 'Enter') finish(drawn?.a ?? now, drawn?.b ?? now);
    else if (event.key === 'Escape' && drawn) setDrawn(null);
    else return;
    event.preventDefault();
  };
  const tell = (i: number): string => {
    const parts = levels.map(({ name, counts }) => [name, counts[i] ?? 0] as const).filter(([, count]) => count > 0);
    return `${time(times[i])}, ${duration(step)}: ${number(sums[i] ?? 0)} lines${parts.length > 0 ? ` (${parts.map(([name, count]) => `${number(count)} ${name}`).join(', ')})` : ''}`;
  };
  const edge = (ms: number) => (n * step > 86_400_000 ? `${date(ms)} ${timeOfDay(ms).slice(0, 5)}` : timeOfDay(ms));
  const marked = drawn ? { from: Math.min(drawn.a, drawn.b), to: Math.max(drawn.a, drawn.b) + 1 } : null;

  return (
    <div class="histogram">
      <div
        ref={area} class="histogram-area" role="slider" tabIndex={0} aria-label="Lines over time: the arrows walk, with Shift they mark a span, Enter goes to it"
        aria-valuemin={0} aria-valuemax={n - 1} aria-valuenow={at ?? 0} aria-valuetext={tell(at ?? 0)}
        onKeyDown={onKeyDown} onFocus={() => setAt(at ?? 0)} onBlur={() => { setAt(null); setDrawn(null); }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          area.current?.setPointerCapture(event.pointerId);
          setDrawn({ a: bucketAt(event), b: bucketAt(event) });
        }}
        onPointerMove={(event) => {
          const bucket = bucketAt(event);
          setAt(bucket);
          if (drawn && event.buttons === 1) setDrawn({ a: drawn.a, b: bucket });
        }}
        onPointerUp={(event) => { if (drawn) finish(drawn.a, bucketAt(event)); }}
        onPointerCancel={() => setDrawn(null)}
        onPointerLeave={() => { if (document.activeElement !== area.current) setAt(null); }}
      >
        <svg viewBox={`0 0 ${n} ${kHeight}`} preserveAspectRatio="none" aria-hidden="true">
          {marked && <rect class="histogram-drawn" x={marked.from} y={0} width={marked.to - marked.from} height={kHeight} />}
          {at !== null && !marked && <rect class="histogram-at" x={at} y={0} width={1} height={kHeight} />}
          {paths.map(({ name, d }) => <path key={name} class={`histogram-level level-${name === '' ? 'none' : name}`} d={d} />)}
        </svg>
        <span class="histogram-top" aria-hidden="true">{shortNumber(top)}</span>
      </div>
      <div class="histogram-axis" aria-hidden="true">
        {n > 0 && [0, 0.25, 0.5, 0.75, 1].map((part) => <span key={part}>{edge((times[0] as number) + Math.round(part * n) * step)}</span>)}
      </div>
      <div class="histogram-foot">
        <ul class="histogram-legend" aria-label="Levels">
          {levels.map(({ name, total }) => (
            <li key={name}>
              <button type="button" class="bare-button" onClick={() => pick(name)} title={name === '' ? 'Only lines without a level' : `Only ${name}`}>
                <span class={`histogram-swatch level-${name === '' ? 'none' : name}`} aria-hidden="true" /> {name === '' ? 'no level' : name} {shortNumber(total)}
              </button>
            </li>
          ))}
        </ul>
        <span class="histogram-told" aria-hidden="true">{at !== null && n > 0 ? (marked ? `${time(times[marked.from])} – ${time((times[marked.to - 1] as number) + step)}` : tell(at)) : ''}</span>
      </div>
    </div>
  );
}

function layOut(of: Histogram) {
  const series = of.series ?? [];
  const times = series[0]?.buckets.map((bucket) => bucket.time) ?? [];
  const known = new Map(series.map(({ value, buckets }) => [value, buckets.map((bucket) => bucket.count)]));
  const levels = [...kLevels, '' as const]
    .map((name) => ({ name, counts: known.get(name) ?? [], total: (known.get(name) ?? []).reduce((sum, count) => sum + count, 0) }))
    .filter(({ total }) => total > 0);
  const sums = times.map((_, i) => levels.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0));
  const top = sums.reduce((most, sum) => Math.max(most, sum), 0);
  const base = times.map(() => 0);
  // The gravest at the bottom, where they are seen best. A count that is there is at least a pixel or two high.
  const paths = levels.map(({ name, counts }) => {
    let d = '';
    counts.forEach((count, i) => {
      if (count === 0) return;
      const height = Math.max((count / top) * (kHeight - 4), 1.5);
      const bottom = kHeight - (base[i] as number);
      base[i] = (base[i] as number) + height;
      d += `M${i + 0.08} ${bottom}v${-height}h.84v${height}z`;
    });
    return { name, d };
  });
  return { times, levels, sums, top, paths };
}
