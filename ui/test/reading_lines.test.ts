import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Series } from '../src/api/types';
import { alignedLines, fieldsOf, sumOf } from '../src/components/reading_lines';

const kMinute = 60_000;
const one = (client: string, minutes: readonly number[], count = 1): Series => ({
  client, plugin: 'df', field: 'free',
  points: minutes.map((minute) => [minute * kMinute, minute - 1, minute, minute + 1, count]),
});
const name = (client: string) => client.toUpperCase();

test('clients that report at other times stand on common times, and their lines go on over those of others', () => {
  const { times, lines } = alignedLines([one('a', [0, 2, 4]), one('b', [1, 3])], name);
  assert.deepEqual(times, [0, 1, 2, 3, 4].map((minute) => minute * kMinute));
  assert.deepEqual(lines.map((line) => line.label), ['A', 'B']);
  assert.deepEqual(lines[0]?.values, [0, undefined, 2, undefined, 4]);
  assert.deepEqual(lines[1]?.values, [undefined, 1, undefined, 3, undefined]);
});

test('where a client was silent for much longer than usual there is a gap', () => {
  const { times, lines } = alignedLines([one('a', [0, 1, 2, 3, 30, 31])], name);
  assert.deepEqual(times, [0, 1, 2, 3].map((minute) => minute * kMinute).concat(3 * kMinute + 1, 30 * kMinute, 31 * kMinute));
  assert.deepEqual(lines[0]?.values, [0, 1, 2, 3, null, 30, 31]);
});

test('one client has its least and greatest too, if a step has more than one reading', () => {
  assert.deepEqual(alignedLines([one('a', [1, 2])], name).lines.map((line) => line.label), ['A']);
  const { lines } = alignedLines([one('a', [1, 2], 5)], name);
  assert.deepEqual(lines.map((line) => [line.label, line.values]), [['mean', [1, 2]], ['min', [0, 1]], ['max', [2, 3]]]);
});

test('nothing makes no lines', () => {
  assert.deepEqual(alignedLines([], name), { times: [], lines: [] });
  assert.deepEqual(fieldsOf([]), []);
});

test('fields are in the order of their names, with the plugin before them', () => {
  const of = (plugin: string, field: string): Series => ({ client: 'a', plugin, field, points: [] });
  const fields = fieldsOf([of('disk', 'sda10'), of('disk', 'sda9'), of('uptime', 'value'), { ...of('disk', 'sda9'), client: 'b' }]);
  assert.deepEqual(fields.map(({ title, series }) => [title, series.length]), [['disk: sda9', 2], ['disk: sda10', 1], ['uptime', 1]]);
});

test('the last reading is the newest itself, with its own time, and none where it was not found', () => {
  const step: Series = { ...one('a', [2], 2), last: [3 * kMinute, 59] };
  assert.deepEqual([sumOf(step, 'A').last, sumOf(step, 'A').at, sumOf(step, 'A').mean], [59, 3 * kMinute, 2]);
  assert.deepEqual([sumOf(one('a', [2], 2), 'A').last, sumOf(one('a', [2], 2), 'A').at], [null, null]);
});
