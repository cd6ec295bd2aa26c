// What of a long line is shown in a list: its beginning, or, where nothing was found in that, what stands around the first find.
import { shownLength } from './line_text';

export interface Excerpt {
  from: number; // in the line
  text: string;
  further: boolean; // something was found behind it
}

const kBefore = 80; // characters in front of the first find

// columns: characters of a row. What is found is looked for in all of the line.
export function excerptOf(line: string, columns: number, marks: RegExp | null): Excerpt {
  const begin = line.slice(0, shownLength(line, columns));
  if (marks === null || begin.length === line.length) return { from: 0, text: begin, further: false };
  const first = firstIn(line, marks);
  if (first === null) return { from: 0, text: begin, further: false };
  const from = first.to <= begin.length ? 0 : beginBefore(line, first.from);
  const rest = line.slice(from);
  const text = rest.slice(0, Math.max(shownLength(rest, columns), from === 0 ? 0 : first.to - from));
  return { from, text, further: firstIn(line.slice(from + text.length), marks) !== null };
}

function firstIn(line: string, marks: RegExp): { from: number; to: number } | null {
  const from = line.search(marks);
  if (from < 0) return null;
  const all = new RegExp(marks.source, marks.flags.replace('g', '') + 'y');
  all.lastIndex = from;
  const length = all.exec(line)?.[0].length ?? 0;
  return { from, to: from + length };
}

// Some way before a place, where a word begins if one does soon.
function beginBefore(line: string, place: number): number {
  const from = Math.max(0, place - kBefore);
  if (from === 0) return 0;
  const gap = /[^\p{L}\p{N}](?=[\p{L}\p{N}])/u.exec(line.slice(from, place - kBefore / 2));
  if (gap) return from + gap.index + gap[0].length;
  return /[\udc00-\udfff]/.test(line[from] ?? '') ? from - 1 : from; // no sign of two units is cut
}
