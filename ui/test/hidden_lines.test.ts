import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHidden, withHidden } from '../src/components/hidden_lines';

test('what is hidden in charts is read whatever is stored, and bounded', () => {
  for (const text of ['', 'x', '1', 'null', '[]', '{"a":1,"b":[2]}']) assert.deepEqual(readHidden(text), {});
  assert.deepEqual(readHidden('{"a":["x"],"b":"y"}'), { a: ['x'] });
  assert.deepEqual(withHidden({ a: ['x'], b: ['y'] }, 'a', ['z']), { b: ['y'], a: ['z'] });
  assert.deepEqual(withHidden({ a: ['x'] }, 'a', []), {});
  let charts = {};
  for (let i = 0; i < 150; ++i) charts = withHidden(charts, `c${i}`, ['x']);
  assert.equal(Object.keys(charts).length, 100);
  assert.ok('c149' in charts && !('c49' in charts));
});
