import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formOf, kStrokes, strokeOf, type ChartLine } from '../src/components/chart_lines';

const line = (label: string, more: Partial<ChartLine> = {}): ChartLine => ({ label, values: [], ...more });

test('twenty clients in a chart have twenty strokes, of which the legend tells each', () => {
  assert.ok(kStrokes >= 20);
  const strokes = Array.from({ length: kStrokes }, (_, i) => strokeOf(line(`c${i}`), i));
  assert.equal(new Set(strokes.map(({ color, dash }) => JSON.stringify([color, dash]))).size, kStrokes);
  assert.equal(new Set(strokes.map(({ color, border }) => `${color} ${border}`)).size, kStrokes);
  assert.deepEqual(strokes[0], { color: '--chart-1', dash: [], border: 'solid' });
});

test('a line that has its colour by name is drawn through', () => {
  assert.deepEqual(strokeOf(line('max', { color: 2 }), 12), { color: '--chart-3', dash: [], border: 'solid' });
});

test('other values make no other chart, other lines do', () => {
  const form = formOf([line('a'), line('b')]);
  assert.equal(formOf([line('a', { values: [1, null] }), line('b')]), form);
  for (const other of [[line('a')], [line('b'), line('a')], [line('a', { bars: true }), line('b')], [line('a', { color: 3 }), line('b')]]) assert.notEqual(formOf(other), form);
});
