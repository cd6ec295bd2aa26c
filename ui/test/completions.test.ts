import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logNames } from '../src/components/completions';
import { matching } from '../src/components/query_box';

test('logs are completed by the names that lines show', () => {
  const names = logNames(['_var_log_app.log', '_var_log_other.log', 'plain'], ['/var/log/app.log']);
  assert.deepEqual(names, ['/var/log/app.log', '_var_log_other.log', 'plain']);
  const offered = names.map((text) => ({ text, note: 'log', path: true }));
  const found = (typed: string) => matching(offered, typed).map(({ text }) => text);
  assert.deepEqual(found('/var'), ['/var/log/app.log', '_var_log_other.log']);
  assert.deepEqual(found('_var_log_a'), ['/var/log/app.log']);
  assert.deepEqual(found('log/A'), ['/var/log/app.log']);
  assert.deepEqual(matching([{ text: 'a_b', note: 'word' }], 'a/b'), [], 'in other texts the two are not the same');
});
