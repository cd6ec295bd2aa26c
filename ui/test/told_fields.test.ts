import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldIsBetter } from '../src/views/search/told_fields';
import { stats } from './answers';

test('fields of fewer lines than are loaded do not take the place of those', () => {
  const told = (more: object) => ({ fields: [], stats: { ...stats, ...more } });
  assert.equal(toldIsBetter(undefined, 10), false);
  assert.equal(toldIsBetter(told({ complete: true, lines_matched: 2 }), 10), true);
  assert.equal(toldIsBetter(told({ complete: false, lines_matched: 5000 }), 1000), true);
  assert.equal(toldIsBetter(told({ complete: false, lines_matched: 0 }), 1000), false);
  assert.equal(toldIsBetter(told({ complete: false, lines_matched: 0 }), 0), false);
});
