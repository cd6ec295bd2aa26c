// A chart over time, drawn by uPlot. What it shows must also be there as text or a table: `label` sums it up for those
// who cannot see it.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shortNumber } from '../format';
import { isDark, zone } from '../preferences';
import { formOf, strokeOf, type ChartLine } from './chart_lines';
import { hiddenLines, keepHidden } from './hidden_lines';

export type { ChartLine };

interface ChartProps {
  label: string;
  name?: string; // under which it is kept which lines are switched off; without one only as long as the chart is there
  times: readonly number[]; // milliseconds, ascending
  lines: readonly ChartLine[];
  height?: number; // pixels
  span?: { from: number; to: number }; // what the axis shows; by default from the first to the last time
  value?: (n: number) => string;
  select?: (from: number, to: number) => void; // the reader has drawn over a time
}

// How times stand at the axis, in uPlot's manner: for marks so many seconds apart, what stands at each, and what is added
// where the year, the day or the minute is another.
const kDate = '\n{YYYY}-{MM}-{DD}';
const kAxisTimes: uPlot.Axis.Values = [
  [365 * 86_400, '{YYYY}', null, null, null, null, null, null, 1],
  [28 * 86_400, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', kDate, null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', kDate, null, '\n{MM}-{DD}', null, null, null, 1],
  [0.001, ':{ss}.{fff}', `${kDate} {HH}:{mm}`, null, '\n{MM}-{DD} {HH}:{mm}', null, '\n{HH}:{mm}', null, 1],
];

type Span = ChartProps['span'];
const dataOf = (times: readonly number[], lines: readonly ChartLine[]) =>
  [times.map((ms) => ms / 1000), ...lines.map((line) => [...line.values])] as uPlot.AlignedData;
const scaleOf = (span: NonNullable<Span>) => ({ min: span.from / 1000, max: span.to / 1000 });

// Other values of the same lines go into the plot that is there, so that what the reader does with it goes on.
export function Chart({ label, name: chart, times, lines, height = 180, span, value = shortNumber, select }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const hidden = useRef<Set<string> | null>(null); // lines that the reader has switched off, by name
  const off = (hidden.current ??= chart === undefined ? new Set<string>() : hiddenLines(chart));
  const newest = useRef({ select, value, shown: [times, lines, span] as const });
  newest.current = { select, value, shown: [times, lines, span] };
  const drawn = useRef(newest.current.shown);
  const dark = isDark.value;
  const utc = zone.value === 'utc';

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const css = getComputedStyle(element);
    const token = (name: string) => css.getPropertyValue(name).trim();
    const axis = { stroke: token('--text-muted'), grid: { stroke: token('--chart-grid'), width: 1 }, ticks: { stroke: token('--chart-grid'), width: 1 }, font: `11px ${token('--font')}` };
    const strokes = lines.map(strokeOf);
    const made = new uPlot(
      {
        width: Math.max(element.clientWidth, 100),
        height,
        ...(utc ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'UTC') } : {}),
        scales: { x: span ? { time: true, ...scaleOf(span) } : { time: true }, y: { range: (_, min, max) => (lines.some((line) => line.bars || line.fill) ? [Math.min(0, min), Math.max(max, 1)] : uPlot.rangeNum(min, max, 0.1, true)) } },
        axes: [{ ...axis, values: kAxisTimes }, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => newest.current.value(tick)) }],
        legend: { show: lines.length > 1, live: true, markers: { dash: (_, i) => strokes[i - 1]?.border ?? 'solid' } },
        cursor: { drag: { x: select !== undefined, y: false, setScale: false } },
        series: [
          { label: 'Time', value: '{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}' },
          ...lines.map((line, i) => {
            const color = token(strokes[i]?.color ?? '');
            return {
              label: line.label,
              show: lines.length === 1 || !off.has(line.label), // of one alone there is no legend to switch it on again
              stroke: color,
              dash: strokes[i]?.dash.length ? [...strokes[i].dash] : undefined,
              width: line.width ?? (line.bars ? 0 : 1.5),
              fill: line.bars ? color : line.fill ? `${color}33` : undefined,
              paths: line.bars ? uPlot.paths.bars?.({ size: [0.9, 64] }) : undefined,
              points: { show: line.bars ? false : undefined },
              value: (_: uPlot, n: number | null | undefined) => (n === null || n === undefined ? '–' : newest.current.value(n)),
            } as uPlot.Series;
          }),
        ],
        hooks: {
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              const from = Math.round(u.posToVal(u.select.left, 'x') * 1000);
              const to = Math.round(u.posToVal(u.select.left + u.select.width, 'x') * 1000);
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              newest.current.select?.(from, to);
            },
          ],
          setSeries: [
            (u, _, { show: switched }) => {
              if (switched === undefined) return; // only the mouse is over it
              for (const { label: name, show } of u.series.slice(1)) {
                if (show) off.delete(String(name));
                else off.add(String(name));
              }
              if (chart !== undefined) keepHidden(chart, off);
            },
          ],
        },
      },
      dataOf(times, lines),
      element,
    );
    plot.current = made;
    drawn.current = newest.current.shown;
    const resize = new ResizeObserver(() => made.setSize({ width: Math.max(element.clientWidth, 100), height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [formOf(lines), height, span === undefined, dark, utc, select !== undefined]);

  useEffect(() => {
    const there = plot.current;
    if (!there || drawn.current.every((part, i) => part === newest.current.shown[i])) return;
    drawn.current = newest.current.shown;
    there.batch(() => {
      there.setData(dataOf(times, lines), span === undefined);
      if (span) there.setScale('x', scaleOf(span));
    });
  }, [times, lines, span?.from, span?.to]);

  return <div class="chart" ref={frame} role="img" aria-label={label} />;
}
