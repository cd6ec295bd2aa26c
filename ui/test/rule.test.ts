import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf } from '../src/components/alert';
import { draftOf, faultOf, ruleOf, sentenceOf } from '../src/views/alerts/rule';
import { verdictOf } from '../src/views/alerts/verdict';
import { headOf, plainValue } from '../src/views/admin/value';

test('a rule comes back from its form as it was, but for what the server has by itself', () => {
  for (const rule of [
    { kind: 'lines', enabled: true, query: 'error', count: 3, within: '5m', by: 'client' },
    { kind: 'lines', enabled: false, query: '', description: 'all' },
    { kind: 'reading', enabled: true, plugin: 'df', below: -1.5, for: '10m' },
    { kind: 'silent', enabled: true, after: '1h', overrides: [{ client: 'a=b*', after: '1d' }] },
    { kind: 'severe', enabled: false },
    { kind: 'lines', enabled: true, query: 'x', webhook: { url: 'https://a.example/x', secret: '***' } },
    { kind: 'lines', enabled: true, query: 'x', webhook: { url: 'https://a.example/x' } },
  ] as const) {
    assert.deepEqual(ruleOf(draftOf(structuredClone(rule) as Parameters<typeof draftOf>[0])), rule);
  }
});

test('a secret is kept, replaced, or given up', () => {
  const draft = draftOf({ kind: 'lines', query: 'x', webhook: { url: 'https://a', secret: '***' } });
  assert.deepEqual(ruleOf({ ...draft, secret: 'new' }).webhook, { url: 'https://a', secret: 'new' });
  assert.deepEqual(ruleOf({ ...draft, keepSecret: false }).webhook, { url: 'https://a' });
  assert.equal(ruleOf({ ...draft, url: '' }).webhook, undefined);
});

test('what is no number goes to the server as it was typed', () => {
  const draft = draftOf({ kind: 'lines', query: 'x' });
  assert.equal(ruleOf({ ...draft, count: ' 7 ' }).count, 7);
  assert.equal(ruleOf({ ...draft, count: 'many' }).count, 'many');
  assert.equal(ruleOf({ ...draft, kind: 'reading', limit: '' }).above, '');
});

test("the server's words stand at the field that they name", () => {
  const draft = draftOf({ kind: 'lines' });
  const fault = (message: string) => faultOf(message, draft);
  assert.deepEqual(fault('count: expected a whole number'), { field: 'count', text: 'expected a whole number' });
  assert.deepEqual(fault('query: column 3: expected a word'), { field: 'query', text: 'column 3: expected a word', column: 3 });
  assert.deepEqual(fault('webhook.url: it has blanks'), { field: 'url', text: 'it has blanks' });
  assert.deepEqual(fault('below: too great'), { field: 'limit', text: 'too great' });
  assert.deepEqual(fault('overrides.after: it is needed'), { field: 'overrides', text: 'overrides.after: it is needed' });
  assert.deepEqual(fault('the rule is not JSON'), { field: null, text: 'the rule is not JSON' });
  assert.deepEqual(fault('constructor: no'), { field: null, text: 'constructor: no' });
});

test('a rule is told in a sentence', () => {
  assert.equal(sentenceOf({ kind: 'lines', query: 'a b', count: 2, within: '1h', by: 'log' }), '2 lines match a b within 1h, for each log');
  assert.equal(sentenceOf({ kind: 'reading', plugin: 'df', client: 'web*', below: 5 }), 'df * of web* below 5');
  assert.equal(sentenceOf({ kind: 'silent', client: '*' }), 'Nothing from any client for 10m');
});

test('an alert is read from what a rule has written, and from anything else', () => {
  const entry = (line: string) => ({ time: 5, client: '', log: '', kind: 'alerts' as const, line, id: 'x' });
  const alert = alertOf(entry('{"value":"text","rule":"r","state":"firing","since":3,"count":2,"line":"l","client":7}'));
  assert.deepEqual([alert.text, alert.rule, alert.state, alert.since, alert.count, alert.line, alert.client], ['text', 'r', 'firing', 3, 2, 'l', null]);
  for (const line of ['plain', '[1]', 'null', '7', '{"state":"else"}', '']) {
    const other = alertOf(entry(line));
    assert.deepEqual([other.text, other.state, other.rule], [line, null, null]);
  }
});

test('a value is unescaped twice at most, and JSON is laid out', () => {
  assert.equal(plainValue('plain'), null);
  assert.equal(plainValue('%7B%22a%22%3A%22%u20AC%22%7D'), '{\n  "a": "€"\n}');
  assert.equal(plainValue('a%2520b'), 'a b');
  assert.equal(plainValue('a%252520b'), 'a%20b');
  assert.equal(plainValue('100%'), null);
  assert.equal(headOf('a\nb', 10), 'a b');
  assert.equal(headOf('abcdef', 3), 'abc…');
});

test('a preview that would have fired says so, also where nothing fires at its end', () => {
  const alert = (state: string) => ({ state, rule: 'new', date: 5, value: 'x' });
  const verdict = (trial: Partial<Parameters<typeof verdictOf>[0]>) => verdictOf({ fires: false, groups: [], ...trial });
  assert.deepEqual(
    verdict({ alerts: [alert('firing'), alert('resolved'), alert('firing'), alert('resolved')] }),
    { tone: 'warn', text: 'It would have fired 2 times', end: 'At the end it does not fire.' },
  );
  assert.deepEqual(verdict({ fires: true, alerts: [alert('firing')], groups: [{ fires: true }] }), { tone: 'bad', text: 'It would have fired once', end: 'At the end it fires.' });
  assert.deepEqual(verdict({ alerts: [] }), { tone: 'good', text: 'It would not have fired', end: '' });
  assert.equal(verdict({ alerts: [alert('firing')], alerts_left_out: 3 }).text, 'It would have fired at least once');
  // SEVERE lines, which nothing resolves, and silent clients, of which there are no alerts.
  assert.deepEqual(verdict({ fires: true, alerts: [alert('firing')] }), { tone: 'bad', text: 'It would have fired once', end: '' });
  assert.deepEqual([verdict({}).text, verdict({ fires: true }).text], ['It would not fire', 'It would fire']);
});
