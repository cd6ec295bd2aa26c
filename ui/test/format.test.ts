import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, count, date, duration, number, percent, shortNumber, time } from '../src/format';
import { zone } from '../src/preferences';

test('times are shown in the zone that is chosen', () => {
  zone.value = 'utc';
  assert.equal(time(1_321_900_000_007), '2011-11-21 18:26:40');
  assert.equal(time(1_321_900_000_007, true), '2011-11-21 18:26:40.007');
  assert.equal(date(0), '1970-01-01');
  assert.equal(time(null), '–');
});

test('durations have their two greatest parts', () => {
  for (const [ms, text] of [
    [0, '0 ms'], [90, '90 ms'], [7_840, '7.8 s'], [59_600, '1 min'], [306_000, '5 min 6 s'], [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'], [-61_000, '−1 min 1 s'],
  ] as const) assert.equal(duration(ms), text);
});

test('what was is told from now', () => {
  assert.equal(ago(1000, 61_000), '1 min ago');
  assert.equal(ago(61_000, 1000), 'in 1 min');
  assert.equal(ago(1000, 1000), 'now');
  assert.equal(ago(null), 'never');
});

test('numbers and sizes', () => {
  assert.equal(number(1_234_567), '1,234,567');
  assert.equal(shortNumber(1_234_567), '1.23 M');
  assert.equal(shortNumber(0.1234), '0.123');
  assert.equal(bytes(0), '0 B');
  assert.equal(bytes(1536), '1.50 KiB');
  assert.equal(bytes(20 * 1024 ** 3), '20.0 GiB');
  assert.equal(count(1, 'client'), '1 client');
  assert.equal(count(2000, 'entry', 'entries'), '2,000 entries');
  assert.equal(percent(1, 8), '13 %');
  assert.equal(percent(0, 0), '–');
});
