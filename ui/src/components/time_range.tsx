// Which time a view shows: a choice of usual ones, or two times that somebody has typed. It stands in the address as
// `from` and `to`, in a form that the server reads as well ("-1h", RFC 3339).
import { useEffect, useState } from 'preact/hooks';
import { zoneName } from '../format';
import { zone } from '../preferences';
import { Button } from './button';
import { Select, TextField, valueOf } from './field';
import { addressTime, fieldTime, timeFaults } from './typed_time';

export interface TimeRangeValue {
  from: string; // "" is open
  to: string;
}

const kUsual: readonly (readonly [string, string])[] = [
  ['-15m', 'Last 15 minutes'], ['-1h', 'Last hour'], ['-6h', 'Last 6 hours'], ['-1d', 'Last day'],
  ['-7d', 'Last week'], ['-30d', 'Last 30 days'], ['', 'All'], ['custom', 'From … to …'],
];

const asTyped = ({ from, to }: TimeRangeValue): TimeRangeValue => ({ from: fieldTime(from), to: fieldTime(to) });

export function TimeRange({ value, change }: { value: TimeRangeValue; change: (value: TimeRangeValue) => void }) {
  const usual = value.to === '' && kUsual.some(([from]) => from === value.from);
  const [custom, setCustom] = useState(!usual);
  const [typed, setTyped] = useState(() => asTyped(value));
  const [sent, setSent] = useState(value); // what was to be shown last: it may be wrong
  useEffect(() => {
    setTyped(asTyped(value));
    setSent(value);
    setCustom(!usual);
  }, [value.from, value.to, zone.value]);
  const type = (change: Partial<TimeRangeValue>) => {
    setTyped({ ...typed, ...change });
    setSent(value);
  };
  const set = () => {
    // A field that was not touched keeps its instant, also one that its text does not tell from another (an hour that comes twice).
    const shown = asTyped(value);
    const wanted = { from: typed.from === shown.from ? value.from : addressTime(typed.from), to: typed.to === shown.to ? value.to : addressTime(typed.to) };
    setSent(wanted);
    if (!timeFaults(wanted)) change(wanted);
  };
  const faults = custom ? timeFaults(sent) : null;
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
        <form class="time-range-custom" onSubmit={(event) => { event.preventDefault(); set(); }}>
          <TextField label="From" value={typed.from} error={faults?.from} placeholder="2026-01-31 12:00, -2h" onInput={(event) => type({ from: valueOf(event) })} />
          <TextField label="To" value={typed.to} error={faults?.to} placeholder="now" onInput={(event) => type({ to: valueOf(event) })} />
          <Button type="submit">Set</Button>
          <span class="muted time-range-zone">{zoneName()}</span>
        </form>
      )}
    </div>
  );
}
