// Lines of charts that the reader has switched off in the legend. They stay so in this browser, by the name of the chart.
import { kept } from '../preferences';

type Charts = Readonly<Record<string, readonly string[]>>; // the one that was changed last is the last
const kMostCharts = 100;
const kMostLines = 100; // of a chart

const stored = kept<string>('hidden-lines', null, '{}');

// What is kept may be of anybody's making.
export function readHidden(text: string): Charts {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[1].every((name) => typeof name === 'string')));
  } catch {
    return {};
  }
}

// With what is hidden in one of them now; the charts that were changed longest ago are let go.
export function withHidden(charts: Charts, chart: string, hidden: readonly string[]): Charts {
  const others = Object.entries(charts).filter(([name]) => name !== chart);
  return Object.fromEntries([...others, ...(hidden.length > 0 ? [[chart, hidden.slice(0, kMostLines)] as const] : [])].slice(-kMostCharts));
}

export function hiddenLines(chart: string): Set<string> {
  return new Set(readHidden(stored.peek())[chart]);
}
export function keepHidden(chart: string, hidden: ReadonlySet<string>): void {
  stored.value = JSON.stringify(withHidden(readHidden(stored.peek()), chart, [...hidden]));
}
