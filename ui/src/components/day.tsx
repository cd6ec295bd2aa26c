// A day at a time: back, forward, today. Days are those of the zone that the reader has chosen.
import { date } from '../format';
import { zone } from '../preferences';
import { Button } from './button';
import { TextField, valueOf } from './field';

export interface Day {
  text: string; // "2026-01-31"
  from: number; // milliseconds
  to: number; // exclusive
}

function startOf(year: number, month: number, day: number): number {
  return zone.value === 'utc' ? Date.UTC(year, month, day) : new Date(year, month, day).getTime();
}

// The day of this text, moved by so many days; today if there is no such day.
export function dayOf(text: string | undefined, move = 0, now: number = Date.now()): Day {
  const read = (from: string) => {
    const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(from);
    return found ? ([Number(found[1]), Number(found[2]) - 1, Number(found[3])] as const) : undefined;
  };
  const [year, month, day] = read(text ?? '') ?? read(date(now)) ?? [1970, 0, 1];
  const from = startOf(year, month, day + move);
  return { text: date(from), from, to: startOf(year, month, day + move + 1) };
}

export function DayPicker({ day, change }: { day: Day; change: (text: string) => void }) {
  const today = dayOf(undefined).text;
  return (
    <div class="form-row day-picker">
      <Button onClick={() => change(dayOf(day.text, -1).text)} aria-label="The day before">‹</Button>
      <TextField label="Day" hideLabel type="date" value={day.text} max={today} onChange={(event) => { if (valueOf(event) !== '') change(valueOf(event)); }} />
      <Button onClick={() => change(dayOf(day.text, 1).text)} disabled={day.text >= today} aria-label="The day after">›</Button>
      <Button onClick={() => change('')} disabled={day.text === today}>Today</Button>
    </div>
  );
}
