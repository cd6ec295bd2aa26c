// Times as somebody types them, and as they stand in an address. In an address a time is one that the server reads the same, whoever
// opens it: "-1h", or an instant with its zone; without a zone it is UTC. In a field it is of the zone in which the page shows times.
import { date, iso, timeOfDay } from '../format';
import { zone } from '../preferences';

const kUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const kInstant = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+\- ])(\d\d):?(\d\d))?)?$/;

interface Instant {
  ms: number;
  hasZone: boolean;
}

// Without a zone it is one of the reader's if `own`, and UTC otherwise. null: there is no such time.
function readInstant(text: string, own: boolean): Instant | null {
  const found = kInstant.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const days = new Date(0);
  days.setUTCFullYear(year, month - 1, day);
  if (days.getUTCMonth() !== month - 1 || days.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60) return null;
  const fraction = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const hasZone = found[8] !== undefined || found[9] !== undefined;
  if (!hasZone && own && zone.value === 'local') {
    const at = new Date(0);
    at.setFullYear(year, month - 1, day);
    at.setHours(hour, minute, second, fraction);
    return { ms: at.getTime(), hasZone };
  }
  const offset = found[9] === undefined ? 0 : (found[9] === '-' ? -1 : 1) * (Number(found[10]) * 60 + Number(found[11])) * 60_000;
  return { ms: days.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset, hasZone };
}

// A time of an address, in milliseconds, as the server reads it. null: open, or not to be read.
export function readTime(text: string, now: number = Date.now()): number | null {
  if (text === 'now') return now;
  if (/^\d+$/.test(text)) return Number(text);
  const relative = /^(?:now)?([+-])((?:\d+(?:ms|[smhdw]))+)$/.exec(text);
  if (!relative) return readInstant(text, false)?.ms ?? null;
  const distance = [...(relative[2] ?? '').matchAll(/(\d+)(ms|[smhdw])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * (kUnits[unit ?? ''] ?? 0), 0);
  return now + (relative[1] === '-' ? -distance : distance);
}

// A time of an address as it is shown in a field: "2026-01-31 23:59:59"; what is relative, or cannot be read, as it is.
export function fieldTime(address: string): string {
  const at = /^\d{5,}$/.test(address) ? Number(address) : readInstant(address, false)?.ms;
  return at === undefined || Math.abs(at) > 8.64e15 ? address : `${date(at)} ${timeOfDay(at, at % 1000 !== 0)}`;
}

// What was typed into a field as a time of an address.
export function addressTime(typed: string): string {
  const text = typed.trim();
  const read = readInstant(text, true);
  return read === null ? text : iso(read.ms);
}

export interface TimeFaults {
  from?: string;
  to?: string;
}

// What is wrong with two times of an address, in words; null: nothing.
export function timeFaults({ from, to }: { from: string; to: string }, now: number = Date.now()): TimeFaults | null {
  const faults: TimeFaults = {};
  const [begin, end] = [readTime(from, now), readTime(to, now)];
  for (const [name, text, at] of [['from', from, begin], ['to', to, end]] as const) {
    if (text !== '' && at === null) faults[name] = 'This is no time. A time is 2026-01-31 12:00, now, or -2h.';
  }
  if (begin !== null && end !== null && begin > end) faults.to = 'It ends before it begins.';
  return faults.from === undefined && faults.to === undefined ? null : faults;
}
