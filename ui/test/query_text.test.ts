import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heights } from '../src/components/heights';
import { completed, fieldTerm, marksOf, queryTokens, typingAt, withTerm, wordTerm } from '../src/components/query_text';

const marked = (query: string, line: string) => {
  const marks = marksOf(query);
  return marks ? [...line.matchAll(marks)].map((found) => found[0]) : [];
};

test('what a query looks for is marked as the server finds it', () => {
  assert.deepEqual(marked('error', 'an Error, errors, my_error'), ['Error', 'error']);
  assert.deepEqual(marked('conn*', 'connection reconnect'), ['conn']);
  assert.deepEqual(marked('*onnec*', 'reconnected'), ['onnec']);
  assert.deepEqual(marked('"refused by" c"X.y"', 'refused by X.y'), ['refused by', 'X.y']);
  assert.deepEqual(marked('10.0.0.1', '10.0.0.1:80 10.0.0.12 110.0.0.1'), ['10.0.0.1']);
  assert.deepEqual(marked('GRÜN', 'grün'), ['grün']);
  assert.deepEqual(marked('status:404 client:web took>5', 'status=404 web 5'), ['404']);
  assert.deepEqual(marked('a -b NOT c -(d OR e) !f', 'a b c d e f'), ['a']);
  assert.deepEqual(marked('-(-x)', 'x'), ['x']);
  for (const query of ['', '*', '/a+/', '-x', '(', '"']) assert.equal(marksOf(query), null, query);
});

test('terms are told apart', () => {
  const kinds = (query: string) => queryTokens(query).map((token) => `${token.kind} ${token.text}`);
  assert.deepEqual(kinds('a OR (b -c:"d e") /x y/i /var/log C:\\x http://y c"Q" f:[1 TO 2] |'), [
    'text a', 'keyword OR', 'open (', 'text b', 'field c:"d e"', 'close )', 'regex /x y/i', 'text /var/log', 'text C:\\x', 'text http://y',
    'exact c"Q"', 'field f:[1 TO 2]', 'bar |',
  ]);
});

test('a term is put into a query', () => {
  assert.equal(withTerm('', 'x'), 'x');
  assert.equal(withTerm(' * ', 'x', true), '-x');
  assert.equal(withTerm('a b', 'x'), 'a b x');
  assert.equal(withTerm('a OR b', 'x', true), '(a OR b) -x');
  assert.equal(withTerm('a x', 'x'), 'a x');
  assert.equal(withTerm('a -x b', 'x'), 'a x b');
  assert.equal(withTerm('a x b', 'x', true), 'a -x b');
  assert.equal(withTerm('Error', 'error', true), '-error', 'texts are found in either case');
});

test('a term that stands within an OR or a group is not turned round there', () => {
  assert.equal(withTerm('error OR notice', 'error', true), '(error OR notice) -error');
  assert.equal(withTerm('error OR notice', 'error'), '(error OR notice) error');
  assert.equal(withTerm('a b OR c', 'b', true), '(a b OR c) -b', 'AND binds closer than OR');
  assert.equal(withTerm('(error OR notice) x', 'error', true), '(error OR notice) x -error');
  assert.equal(withTerm('(error OR notice) x', 'error'), '(error OR notice) x error');
  assert.equal(withTerm('(error OR notice) x', 'x', true), '(error OR notice) -x');
  assert.equal(withTerm('-(a x) b', 'x'), '-(a x) b x');
  assert.equal(withTerm('"a OR b" x', 'x', true), '"a OR b" -x', 'a quoted OR is text');
  assert.equal(withTerm('a AND NOT x', 'x'), 'a AND x');
});

test('words and values are quoted where they must be', () => {
  assert.equal(wordTerm('grün'), 'grün');
  assert.equal(wordTerm('OR'), '"OR"');
  assert.equal(fieldTerm('status', '200'), 'status:200');
  assert.equal(fieldTerm('msg', 'say "no"\\'), 'msg:"say \\"no\\"\\\\"');
  assert.equal(fieldTerm('odd name', '-5'), '"odd name":"-5"');
  assert.equal(fieldTerm('a', ''), 'a=""');
  // What only has the name of a source is a field: the language refuses level:audit.
  assert.equal(fieldTerm('level', 'error'), 'level:error');
  assert.equal(fieldTerm('level', 'audit'), '"level":audit');
  assert.equal(fieldTerm('level', ''), '"level"=""');
  assert.equal(fieldTerm('kind', 'Pod'), '"kind":Pod');
  assert.equal(withTerm('x -"level":audit', fieldTerm('level', 'audit')), 'x "level":audit');
});

test('what is typed is completed', () => {
  assert.deepEqual(typingAt('err', 3), { from: 0, to: 3, name: null, typed: 'err' });
  assert.deepEqual(typingAt('a -client:we rest', 12), { from: 10, to: 12, name: 'client', typed: 'we' });
  assert.deepEqual(typingAt('(log:"a b', 9), { from: 5, to: 9, name: 'log', typed: 'a b' });
  assert.equal(typingAt('"a b', 4), null);
});

test('heights add up, and tell the row at a place', () => {
  const heights = new Heights(1000, () => 20);
  assert.equal(heights.before(1000), 20_000);
  heights.set(10, 120);
  assert.equal(heights.before(10), 200);
  assert.equal(heights.before(11), 320);
  assert.equal(heights.before(1000), 20_100);
  assert.deepEqual([0, 19, 20, 200, 319, 320, 20_099, 99_999, -5].map((at) => heights.at(at)), [0, 0, 1, 10, 10, 11, 999, 999, 0]);
  assert.equal(new Heights(0, () => 1).at(5), 0);
});

test('what is seen of rows between two heights', () => {
  const heights = new Heights(100, () => 20);
  assert.deepEqual(heights.within(40, 100), { from: 2, to: 4, first: 2, last: 4 });
  assert.deepEqual(heights.within(50, 110), { from: 2, to: 5, first: 3, last: 4 });
  assert.deepEqual(heights.within(40.4, 99.6), { from: 2, to: 4, first: 2, last: 4 }, 'places are rounded to pixels');
  heights.set(3, 500);
  assert.deepEqual(heights.within(70, 200), { from: 3, to: 3, first: 3, last: 3 }, 'a row that is higher than the view');
});

test('a completion takes the place of what is typed, quoted where it must be, with a blank unless one goes on', () => {
  const put = (query: string, text: string, goesOn = false) => {
    const caret = query.indexOf('^');
    const plain = query.replace('^', '');
    const at = typingAt(plain, caret);
    assert.ok(at);
    const next = completed(plain, at, { text, goesOn });
    return `${next.text.slice(0, next.caret)}^${next.text.slice(next.caret)}`;
  };
  assert.equal(put('lev^', 'level:', true), 'level:^');
  assert.equal(put('level:er^', 'error'), 'level:error ^');
  assert.equal(put('(client:w^) x', 'web 1'), '(client:"web 1"^) x');
  assert.equal(put('-tim^ x', 'timeout'), '-timeout^ x');
});
