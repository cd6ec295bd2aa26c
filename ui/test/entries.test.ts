import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces } from '../src/components/entries';

test('terms are marked where they stand, and nothing is lost', () => {
  const rows: [string, string[], [string, boolean][]][] = [
    ['Failed password', ['failed'], [['Failed', true], [' password', false]]],
    ['a.b axb', ['a.b'], [['a.b', true], [' axb', false]]],
    ['errors error', ['error', 'errors'], [['errors', true], [' ', false], ['error', true]]],
    ['aaa', ['a'], [['a', true], ['a', true], ['a', true]]],
    ['<b>[x]</b>', ['[x]', ''], [['<b>', false], ['[x]', true], ['</b>', false]]],
    ['plain', [], [['plain', false]]],
    ['', ['x'], []],
    ['\udcff😀 x', ['😀'], [['\udcff', false], ['😀', true], [' x', false]]],
  ];
  for (const [text, terms, expected] of rows) assert.deepEqual(pieces(text, terms), expected, text);
});
