// The text of a log line: with what was searched for marked, and what cannot be seen made visible. It is text, whatever it holds.

// Lines that are longer are shown in part until somebody asks for all.
export const kShownChars = 4000;

// Rows of a line in a list. So that one line does not fill it.
const kShownRows = 12;

// How much of a line is shown where a row has so many characters.
export function shownLength(line: string, columns: number): number {
  let rows = 0;
  for (let at = 0; at < line.length; ) {
    const end = line.indexOf('\n', at);
    const length = (end < 0 ? line.length : end) - at;
    const left = kShownRows - rows;
    const needed = Math.max(1, Math.ceil(length / columns));
    if (needed > left) return Math.min(at + left * columns, kShownChars);
    rows += needed;
    at += length + 1;
    if (rows === kShownRows && at < line.length) return Math.min(at - 1, kShownChars);
  }
  return Math.min(line.length, kShownChars);
}

export type Mark = 'found' | 'chosen';
export interface Piece {
  text: string;
  mark: Mark | null;
}
export interface Span {
  from: number;
  to: number;
}

const kMarksAtMost = 500; // of a line

// The line in pieces, in order; all of them together are the line.
export function piecesOf(line: string, marks: RegExp | null, chosen: Span | null): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const add = (from: number, to: number, mark: Mark | null) => {
    if (from > end) pieces.push({ text: line.slice(end, from), mark: null });
    if (to > Math.max(from, end)) pieces.push({ text: line.slice(Math.max(from, end), to), mark });
    end = Math.max(end, to);
  };
  const spans: (Span & { mark: Mark })[] = chosen ? [{ ...chosen, mark: 'chosen' }] : [];
  if (marks) {
    let left = kMarksAtMost;
    for (const match of line.matchAll(marks)) {
      if (match[0] === '' || left-- === 0) break;
      const span = { from: match.index, to: match.index + match[0].length };
      if (!chosen || span.to <= chosen.from || span.from >= chosen.to) spans.push({ ...span, mark: 'found' });
    }
  }
  for (const span of spans.sort((a, b) => a.from - b.from)) add(span.from, span.to, span.mark);
  add(line.length, line.length, null);
  return pieces;
}

// Control characters as signs for them, one for one, and what turns the direction of the text around as an arrow: who reads must see that they are there, and
// they must change nothing.
export function visible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    const code = sign.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : code < 0xa0 ? '\u2426' : '\u2194';
  });
}

// The words of a line, in order.
export function wordSpans(line: string): Span[] {
  return [...line.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
}

interface LineTextProps {
  line: string; // or its beginning
  marks: RegExp | null;
  chosen?: Span | null;
  chosenId?: string; // the id of the chosen word's element
}

export function LineText({ line, marks, chosen = null, chosenId }: LineTextProps) {
  return (
    <>
      {piecesOf(line, marks, chosen).map(({ text, mark }, i) =>
        mark === null ? visible(text) : mark === 'found' ? <mark key={i}>{visible(text)}</mark> : <span key={i} id={chosenId} class="word-chosen">{visible(text)}</span>)}
    </>
  );
}

// Where in the line somebody has clicked; null: beside its text. `element` holds the line and nothing else.
export function offsetAt(element: Element, x: number, y: number): number | null {
  const host = document as Document & {
    caretPositionFromPoint?: (x: number, y: number) => { offsetNode: Node; offset: number } | null;
    caretRangeFromPoint?: (x: number, y: number) => Range | null;
  };
  const position = host.caretPositionFromPoint?.(x, y);
  const range = position ? null : host.caretRangeFromPoint?.(x, y);
  const node = position?.offsetNode ?? range?.startContainer;
  const offset = position?.offset ?? range?.startOffset;
  if (!node || offset === undefined || !element.contains(node)) return null;
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(node, offset);
  return before.toString().length;
}
