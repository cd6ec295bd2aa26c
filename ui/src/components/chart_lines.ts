// How lines of a chart are told apart, and what of a chart stays while only its numbers change.
export interface ChartLine {
  label: string;
  values: readonly (number | null | undefined)[]; // null: a gap; undefined: the line goes on over it
  color?: number; // of the palette, --chart-1 …; by default in order
  bars?: boolean;
  fill?: boolean;
  width?: number;
}

const kColors = 8;
// Beyond the colours lines are dashed: pixels drawn and left out, and how the legend shows it.
const kDashes: readonly { drawn: readonly number[]; border: string }[] = [
  { drawn: [], border: 'solid' }, { drawn: [9, 5], border: 'dashed' }, { drawn: [2, 4], border: 'dotted' },
];
export const kStrokes = kColors * kDashes.length; // that no two lines share

export interface Stroke {
  color: string; // a token
  dash: readonly number[];
  border: string;
}

// Of line number `i`: the first kStrokes differ in colour or in dashes.
export function strokeOf(line: ChartLine, i: number): Stroke {
  const n = line.color ?? i;
  const dash = kDashes[line.color === undefined ? Math.floor(i / kColors) % kDashes.length : 0] ?? { drawn: [], border: 'solid' };
  return { color: `--chart-${(n % kColors) + 1}`, dash: dash.drawn, border: dash.border };
}

// Lines of the same form can be drawn by the plot that there is, with other values.
export const formOf = (lines: readonly ChartLine[]): string =>
  JSON.stringify(lines.map(({ label, color, bars, fill, width }) => [label, color, bars, fill, width]));
