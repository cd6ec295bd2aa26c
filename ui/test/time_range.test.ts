import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTime } from '../src/components/time_range';

test('times are read as the server reads them', () => {
  const now = 1_321_900_000_000;
  assert.equal(readTime('', now), null);
  assert.equal(readTime('now', now), now);
  assert.equal(readTime('-15m', now), now - 900_000);
  assert.equal(readTime('now-1h', now), now - 3_600_000);
  assert.equal(readTime('1321900000001', now), 1_321_900_000_001);
  assert.equal(readTime('2011-11-21T18:26:40Z', now), now);
  assert.equal(readTime('yesterday', now), null);
});
