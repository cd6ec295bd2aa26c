// Times, sizes, numbers and durations as a person reads them.
import { zone } from './preferences';

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

interface Clock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function clockOf(ms: number): Clock {
  const at = new Date(ms);
  return zone.value === 'utc'
    ? {
        year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(),
        hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), ms: at.getUTCMilliseconds(),
      }
    : {
        year: at.getFullYear(), month: at.getMonth() + 1, day: at.getDate(),
        hour: at.getHours(), minute: at.getMinutes(), second: at.getSeconds(), ms: at.getMilliseconds(),
      };
}
const two = (n: number) => String(n).padStart(2, '0');

// "2026-01-31"
export function date(ms: number): string {
  const c = clockOf(ms);
  return `${String(c.year).padStart(4, '0')}-${two(c.month)}-${two(c.day)}`;
}
// "23:59:59"; with `millis` "23:59:59.123"
export function timeOfDay(ms: number, millis = false): string {
  const c = clockOf(ms);
  return `${two(c.hour)}:${two(c.minute)}:${two(c.second)}${millis ? `.${String(c.ms).padStart(3, '0')}` : ''}`;
}
// "2026-01-31 23:59:59", in the zone that the reader has chosen; "–" for what is not known.
export function time(ms: number | null | undefined, millis = false): string {
  return ms === null || ms === undefined ? '–' : `${date(ms)} ${timeOfDay(ms, millis)}`;
}
// "UTC", or the name of the browser's zone.
export function zoneName(): string {
  return zone.value === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}
export const iso = (ms: number): string => new Date(ms).toISOString();

// "3 d 4 h", "5 min 6 s", "7.8 s", "90 ms": the two greatest parts.
export function duration(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const rest = Math.abs(ms);
  if (rest < kSecond) return `${sign}${Math.round(rest)} ms`;
  if (rest < 10 * kSecond) return `${sign}${Math.round(rest / 100) / 10} s`;
  const whole = Math.round(rest / kSecond) * kSecond;
  const parts: [number, string][] = [
    [Math.floor(whole / kDay), 'd'],
    [Math.floor((whole % kDay) / kHour), 'h'],
    [Math.floor((whole % kHour) / kMinute), 'min'],
    [Math.floor((whole % kMinute) / kSecond), 's'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return sign + parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(' ');
}

// "5 min 6 s ago", "in 3 h", "now"; "never" for what is not known.
export function ago(ms: number | null | undefined, now: number = Date.now()): string {
  if (ms === null || ms === undefined) return 'never';
  const past = now - ms;
  if (Math.abs(past) < kSecond) return 'now';
  return past > 0 ? `${duration(past)} ago` : `in ${duration(-past)}`;
}

// "1,234,567"
export function number(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
// "1.23 M", for where there is little room.
export function shortNumber(n: number): string {
  const size = Math.abs(n);
  for (const [unit, name] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= unit) return `${Number((n / unit).toPrecision(3))} ${name}`;
  }
  return String(Number(n.toPrecision(3)));
}
// "1.5 GiB"
export function bytes(n: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let size = n;
  while (Math.abs(size) >= 1024 && unit < names.length - 1) {
    size /= 1024;
    ++unit;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${names[unit]}`;
}
// "1 client", "2 clients"
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}
// "12 %"; "–" of nothing.
export const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`);
