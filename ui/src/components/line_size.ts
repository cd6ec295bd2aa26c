// What lines take in memory, so that lists of them are bounded by that, too.
import type { Entry } from '../api/types';

export const kListBytes = 32 * 1024 * 1024; // of a list of lines that come by themselves
const kOfEntry = 200; // what there is beside the texts

const known = new WeakMap<Entry, number>(); // of entries with fields, which take long to measure

// About so many bytes.
export function sizeOf(entry: Entry): number {
  if (!entry.fields) return kOfEntry + entry.line.length;
  let size = known.get(entry);
  if (size === undefined) known.set(entry, (size = kOfEntry + entry.line.length + JSON.stringify(entry.fields).length));
  return size;
}

// How many entries at the end there may be: at most so many, and the newest is always one of them.
export function fitting(entries: readonly Entry[], most: number, bytes: number = kListBytes): number {
  let left = bytes;
  let n = 0;
  while (n < entries.length && n < most) {
    left -= sizeOf(entries[entries.length - 1 - n] as Entry);
    if (left < 0 && n > 0) break;
    n += 1;
  }
  return n;
}
