import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldPattern } from '../src/components/field_choice';

test('a field is asked for by its name, by a part of it, or by a glob', () => {
  const known = ['value.f1', 'value.f10'];
  assert.equal(fieldPattern(' ', known), undefined);
  assert.deepEqual(fieldPattern('value.f1', known), ['value.f1'], 'and not value.f10 too');
  assert.deepEqual(fieldPattern(' f1 ', known), ['*f1*']);
  assert.deepEqual(fieldPattern('value.f?', known), ['value.f?']);
  assert.deepEqual(fieldPattern('f1', undefined), ['f1'], 'while it is not known what there is');
});
