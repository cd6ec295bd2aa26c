import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf } from '../src/components/day';
import { phraseQuery, sourceQuery } from '../src/components/source_query';
import { zone } from '../src/preferences';
import { readList, writeList } from '../src/views/plugins/chosen';

test('a query for a source holds whatever names have', () => {
  assert.equal(sourceQuery({ client: 'web 1', log: '/var/log/x', kind: 'logs' }), 'client:"web 1" log:"/var/log/x" kind:logs');
  assert.equal(sourceQuery({ client: 'a"b\\c)' }), 'client:"a\\"b\\\\c)"');
  assert.equal(sourceQuery({}), '');
  assert.equal(phraseQuery('x | y'), '"x | y"');
});

test('clients in an address come back, whatever their names', () => {
  for (const names of [['a'], ['-'], ['a,b', 'c%2C', '-', '10.0.0.1'], []]) assert.deepEqual(readList(writeList(names)), names);
  assert.deepEqual(readList('%zz,ok'), ['ok'], 'what cannot be read is left out');
  assert.equal(readList(Array.from({ length: 100 }, (_, i) => `c${i}`).join(',')).length, 20);
});

test('days follow each other, over months and years', () => {
  zone.value = 'utc';
  assert.deepEqual(dayOf('2024-02-28', 1), { text: '2024-02-29', from: Date.UTC(2024, 1, 29), to: Date.UTC(2024, 2, 1) });
  assert.equal(dayOf('2025-01-01', -1).text, '2024-12-31');
  const now = Date.UTC(2025, 5, 1, 23, 59);
  for (const wrong of [undefined, '', 'x', '2025-6-1']) assert.equal(dayOf(wrong, 0, now).text, '2025-06-01');
});
