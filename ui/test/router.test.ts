import assert from 'node:assert/strict';
import { test } from 'node:test';
import { href, parseRoute } from '../src/router';

test('an address is read as it was written', () => {
  const params = { q: 'a&b=c "d e" +1 %', from: '-1h', log: '/var/log/ä' };
  assert.deepEqual(parseRoute(href('search', params)), { view: 'search', params });
});

test('what is empty is not in the address', () => {
  assert.equal(href('tail', { q: '', level: null, client: undefined, paused: false, n: 0 }), '#/tail?n=0');
  assert.equal(href(''), '#/');
});

test('the start, and what is no view', () => {
  for (const start of ['', '#', '#/']) assert.deepEqual(parseRoute(start), { view: '', params: {} });
  assert.equal(parseRoute('#main'), null);
  assert.deepEqual(parseRoute('#/clients/'), { view: 'clients', params: {} });
});
