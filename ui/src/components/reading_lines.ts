// Series of readings as lines of charts.
import type { Series } from '../api/types';
import type { ChartLine } from './chart_lines';

export interface Field {
  key: string;
  title: string;
  series: readonly Series[];
}

// Fields of one plugin stand together, in the order of their names.
export function fieldsOf(series: readonly Series[]): Field[] {
  const fields = new Map<string, { title: string; series: Series[] }>();
  for (const one of series) {
    const key = JSON.stringify([one.plugin, one.field]);
    const field = fields.get(key) ?? { title: one.field === 'value' ? one.plugin : `${one.plugin}: ${one.field}`, series: [] };
    field.series.push(one);
    fields.set(key, field);
  }
  return [...fields].map(([key, field]) => ({ key, ...field })).sort((a, b) => a.title.localeCompare(b.title, undefined, { numeric: true }));
}

// On common times. Where a series has no point it is undefined, over which the line goes on; where it has none for much
// longer than usual there is a null, a gap.
export function alignedLines(series: readonly Series[], nameOf: (client: string) => string): { times: number[]; lines: ChartLine[] } {
  const all = new Set<number>();
  for (const one of series) for (const [at] of one.points) all.add(at);
  const gaps = series.map((one) => {
    const steps = one.points.slice(1).map((point, i) => point[0] - (one.points[i]?.[0] ?? 0)).sort((a, b) => a - b);
    const usual = steps[Math.floor(steps.length / 2)] ?? Infinity;
    const found = new Set<number>();
    one.points.slice(1).forEach((point, i) => {
      const before = one.points[i]?.[0] ?? 0;
      if (point[0] - before <= 4 * usual) return;
      found.add(before + 1);
      all.add(before + 1);
    });
    return found;
  });
  const times = [...all].sort((a, b) => a - b);
  const alone = series.length === 1;
  const lines = series.flatMap((one, i): ChartLine[] => {
    const points = new Map(one.points.map((point) => [point[0], point]));
    const values = (part: 1 | 2 | 3) => times.map((at) => points.get(at)?.[part] ?? (gaps[i]?.has(at) ? null : undefined));
    const name = nameOf(one.client);
    if (!alone) return [{ label: name, values: values(2) }];
    const several = one.points.some(([, , , , n]) => n > 1);
    const mean: ChartLine = { label: several ? 'mean' : name, values: values(2), color: 0, width: 2 };
    return several ? [mean, { label: 'min', values: values(1), color: 7, width: 1 }, { label: 'max', values: values(3), color: 2, width: 1 }] : [mean];
  });
  return { times, lines };
}

// What a client's readings of a field come to. The last is the newest reading itself, not what its step comes to; null where
// the server has not found it.
export interface Sum {
  client: string;
  name: string;
  last: number | null;
  at: number | null;
  min: number;
  mean: number;
  max: number;
  n: number;
}

export function sumOf(one: Series, name: string): Sum {
  const n = one.points.reduce((sum, point) => sum + point[4], 0);
  return {
    client: one.client, name, n, last: one.last?.[1] ?? null, at: one.last?.[0] ?? null,
    min: one.points.reduce((least, point) => Math.min(least, point[1]), Infinity),
    mean: one.points.reduce((sum, point) => sum + point[2] * point[4], 0) / Math.max(n, 1),
    max: one.points.reduce((most, point) => Math.max(most, point[3]), -Infinity),
  };
}
