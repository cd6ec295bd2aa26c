import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerptOf } from '../src/components/line_excerpt';
import { fieldsOf, summarize } from '../src/components/line_fields';
import { kShownChars, piecesOf, shownLength, visible, wordSpans } from '../src/components/line_text';
import { matching } from '../src/components/query_box';
import { marksOf } from '../src/components/query_text';
import { storedBytes } from '../src/views/search/download';

test('a line in pieces is the line, whatever is marked', () => {
  const line = 'an error, error2, Error';
  const pieces = piecesOf(line, /(?<![\p{L}\p{N}])error(?![\p{L}\p{N}])/giu, { from: 3, to: 8 });
  assert.equal(pieces.map(({ text }) => text).join(''), line);
  assert.deepEqual(pieces.filter(({ mark }) => mark), [{ text: 'error', mark: 'chosen' }, { text: 'Error', mark: 'found' }]);
  assert.deepEqual(piecesOf('', null, null), []);
});

test('of a long line so much is shown as some rows hold', () => {
  assert.equal(shownLength('short', 50), 5);
  assert.equal(shownLength('', 50), 0);
  assert.equal(shownLength('x'.repeat(600), 50), 600, 'twelve rows');
  assert.equal(shownLength('x'.repeat(601), 50), 600);
  assert.equal(shownLength(`${'x'.repeat(60)}\n${'y'.repeat(700)}`, 50), 61 + 500);
  assert.equal(shownLength('a\n'.repeat(100), 50), 23, 'the twelfth row ends before its break');
  assert.equal(shownLength('x'.repeat(9000), Infinity), kShownChars, 'in a single row there is room, but not for all');
  assert.equal(shownLength('a\n'.repeat(5), Infinity), 10);
});

test('of a long line the first find is shown, wherever it stands', () => {
  const marks = marksOf('needle') as RegExp;
  const hay = 'hay '.repeat(30_000);
  const begin = hay.slice(0, 600);
  assert.deepEqual(excerptOf(hay, 50, marks), { from: 0, text: begin, further: false }, 'nothing was found');
  assert.deepEqual(excerptOf(`needle ${hay}needle`, 50, marks), { from: 0, text: `needle ${hay}`.slice(0, 600), further: true });
  const line = `${hay}needle ${hay}`;
  const { from, text, further } = excerptOf(line, 50, marks);
  assert.deepEqual([text, further], [line.slice(from, from + 600), false]);
  assert.ok(text.startsWith('hay ') && text.indexOf('needle') > 50 && text.indexOf('needle') <= 80, text.slice(0, 100));
  assert.equal(excerptOf(`${hay}needle ${hay}needle`, 50, marks).further, true);
  // One that is half within the beginning is shown whole; a sign of two units is not cut.
  assert.ok(excerptOf(`${'x '.repeat(298)}needle ${hay}`, 50, marks).text.includes('needle'));
  assert.equal(excerptOf(`${'\u{1f600}'.repeat(1000)} needle`, 50, marks).text.charCodeAt(0), 0xd83d);
  assert.deepEqual(excerptOf(line, 50, null), { from: 0, text: begin, further: false });
});

test('what cannot be seen is made visible, one sign for one', () => {
  assert.equal(visible('a\0b\x1b[31m\x7f\x85\u202ec\tz\n'), 'a\u2400b\u241b[31m\u2421\u2426\u2194c\tz\n');
  assert.deepEqual(wordSpans('grün_2 b').map(({ from, to }) => [from, to]), [[0, 4], [5, 6], [7, 8]]);
});

test('fields are read from what came with a line, JSON and pairs', () => {
  assert.deepEqual(fieldsOf({ line: '{"a":{"b":1},"c":[1,2],"d":"x"}', fields: { d: 'first' } }), [['d', 'first'], ['a.b', '1'], ['c', '[1,2]']]);
  assert.deepEqual(fieldsOf({ line: 'status=200 msg="by \\"peer\\"", x=; {no json' }), [['status', '200'], ['msg', 'by "peer"'], ['x', '']]);
});

test('fields are summed up, the most frequent first', () => {
  const entry = (line: string, client = 'web') => ({ time: 0, client, log: 'app', kind: 'logs' as const, line, id: line });
  const found = summarize([entry('s=1'), entry('s=2'), entry('s=2 t=9', 'db')]);
  assert.deepEqual(found.map(({ name, lines }) => [name, lines]), [['client', 3], ['log', 3], ['s', 3], ['t', 1]]);
  assert.deepEqual(summarize([{ ...entry('level=high'), level: 'info' }, entry('level=audit')])[2]?.values.map(({ value }) => value), ['info', 'audit']);
  assert.deepEqual(found[2]?.values, [{ value: '2', count: 2 }, { value: '1', count: 1 }]);
});

test('completions that begin with what is typed go first', () => {
  const of = (...texts: string[]) => texts.map((text) => ({ text, note: '' }));
  assert.deepEqual(matching(of('my_user', 'other', 'User'), 'us').map(({ text }) => text), ['User', 'my_user']);
});

test('bytes that are no UTF-8 are saved as they were', () => {
  assert.deepEqual([...storedBytes('a\udcffé')], [0x61, 0xff, 0xc3, 0xa9]);
  assert.deepEqual([...storedBytes('😀')], [0xf0, 0x9f, 0x98, 0x80]);
});
