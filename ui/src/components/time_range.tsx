// Which time a view shows: a choice of usual ones, or two times that somebody has typed. It stands in the address as
// `from` and `to`, in a form that the server reads as well ("-1h", RFC 3339).
import { useEffect, useState } from 'preact/hooks';
import { Button } from './button';
import { Select, TextField, valueOf } from './field';

export interface TimeRangeValue {
  from: string; // "" is open
  to: string;
}

const kUsual: readonly (readonly [string, string])[] = [
  ['-15m', 'Last 15 minutes'], ['-1h', 'Last hour'], ['-6h', 'Last 6 hours'], ['-1d', 'Last day'],
  ['-7d', 'Last week'], ['-30d', 'Last 30 days'], ['', 'All'], ['custom', 'From … to …'],
];

export function TimeRange({ value, change }: { value: TimeRangeValue; change: (value: TimeRangeValue) => void }) {
  const usual = value.to === '' && kUsual.some(([from]) => from === value.from);
  const [custom, setCustom] = useState(!usual);
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    setTyped(value);
    setCustom(!usual);
  }, [value.from, value.to]);
  return (
    <div class="time-range">
      <Select
        label="Time" options={kUsual} value={custom ? 'custom' : value.from}
        onChange={(event) => {
          const chosen = valueOf(event);
          setCustom(chosen === 'custom');
          if (chosen !== 'custom') change({ from: chosen, to: '' });
        }}
      />
      {custom && (
        <form class="time-range-custom" onSubmit={(event) => { event.preventDefault(); change(typed); }}>
          <TextField label="From" value={typed.from} placeholder="2026-01-31T12:00:00Z, -2h" onInput={(event) => setTyped({ ...typed, from: valueOf(event) })} />
          <TextField label="To" value={typed.to} placeholder="now" onInput={(event) => setTyped({ ...typed, to: valueOf(event) })} />
          <Button type="submit">Set</Button>
        </form>
      )}
    </div>
  );
}

const kUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

// A time as the server reads it, in milliseconds: for axes. null: open, or not to be read.
export function readTime(text: string, now: number = Date.now()): number | null {
  if (text === '') return null;
  if (text === 'now') return now;
  const relative = /^(?:now)?([+-])(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text);
  if (relative) return now + (relative[1] === '-' ? -1 : 1) * Number(relative[2]) * (kUnits[relative[3] ?? 's'] ?? 1000);
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
