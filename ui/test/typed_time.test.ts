import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressTime, fieldTime, readTime, timeFaults } from '../src/components/typed_time';
import { zone } from '../src/preferences';

// The zone of the reader's browser. New York is five hours behind UTC in November.
function withZone(name: string, body: () => void): void {
  const before = process.env.TZ;
  process.env.TZ = name;
  try {
    body();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
    zone.value = 'local';
  }
}

test('times of an address are read as the server reads them', () => {
  const now = 1_321_900_000_000;
  const read = (text: string) => readTime(text, now);
  assert.equal(read(''), null);
  assert.equal(read('now'), now);
  assert.equal(read('-15m'), now - 900_000);
  assert.equal(read('now-1h'), now - 3_600_000);
  assert.equal(read('-1h30m'), now - 5_400_000);
  assert.equal(read('1321900000001'), 1_321_900_000_001);
  assert.equal(read('2011-11-21T18:26:40Z'), now);
  assert.equal(read('2011-11-21 13:26:40.000-05:00'), now);
  withZone('America/New_York', () => {
    assert.equal(read('2011-11-21T18:26:40'), now, 'without a zone it is UTC, wherever the reader is');
    assert.equal(read('2011-11-22'), Date.UTC(2011, 10, 22));
  });
  for (const text of ['yesterday', '-1.5h', '-100', '2011-02-30', '2011-11-21T25:00', 'x2011-11-21']) assert.equal(read(text), null, text);
});

test('what is typed is of the zone in which times are shown', () => withZone('America/New_York', () => {
  assert.equal(addressTime('2026-11-26T20:00:00'), '2026-11-27T01:00:00.000Z');
  assert.equal(addressTime(' 2026-11-26 20:00 '), '2026-11-27T01:00:00.000Z');
  assert.equal(addressTime('2026-11-27'), '2026-11-27T05:00:00.000Z');
  assert.equal(addressTime('2026-11-26T20:00:00Z'), '2026-11-26T20:00:00.000Z');
  assert.equal(addressTime('2026-11-26T20:00:00+01:00'), '2026-11-26T19:00:00.000Z');
  zone.value = 'utc';
  assert.equal(addressTime('2026-11-26 20:00'), '2026-11-26T20:00:00.000Z');
  for (const text of ['-2h', 'now', '', '1795669200000', 'yesterday', '2026-02-30']) assert.equal(addressTime(text), text);
}));

test('a field shows the times of an address as the page does', () => withZone('America/New_York', () => {
  assert.equal(fieldTime('2026-11-27T00:25:00.000Z'), '2026-11-26 19:25:00');
  assert.equal(fieldTime('1795669200000'), '2026-11-26 00:00:00');
  assert.equal(fieldTime('1795739114461'), '2026-11-26 19:25:14.461');
  assert.equal(fieldTime('2026-11-27'), '2026-11-26 19:00:00');
  for (const text of ['2026-11-26 19:25:14.461', '2026-07-01 00:00:00']) assert.equal(fieldTime(addressTime(text)), text);
  zone.value = 'utc';
  assert.equal(fieldTime('1795739114461'), '2026-11-27 00:25:14.461');
  for (const text of ['', 'now', '-1h', 'yesterday', '99999999999999999999']) assert.equal(fieldTime(text), text);
}));

test('what is wrong with a time is told of it', () => {
  assert.equal(timeFaults({ from: '-1h', to: '' }), null);
  assert.equal(timeFaults({ from: '', to: 'now' }), null);
  assert.deepEqual(Object.keys(timeFaults({ from: 'yesterday', to: '' }) ?? {}), ['from']);
  assert.deepEqual(Object.keys(timeFaults({ from: '', to: 'soon' }) ?? {}), ['to']);
  assert.equal(timeFaults({ from: '-1h', to: '-2h' })?.to, 'It ends before it begins.');
});
