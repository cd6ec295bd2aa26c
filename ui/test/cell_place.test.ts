import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellPlace } from '../src/views/admin/cell_place';

test('a cell is looked for by its name, or by a time where names are times', () => {
  const noon = String(Date.UTC(2026, 0, 31, 12));
  assert.equal(cellPlace(' 2026-01-31 12:00 ', false, true), '2026-01-31 12:00');
  for (const text of ['2026-01-31 12:00', '2026-01-31T12:00:00.000', '2026-01-31T12:00Z', '2026-01-31T13:00+01:00', noon]) assert.equal(cellPlace(text, true, true), noon, text);
  assert.equal(cellPlace('2026-01-31', true, true), String(Date.UTC(2026, 0, 31)));
  assert.equal(cellPlace('2026-01-31 12:00', true, false), String(new Date(2026, 0, 31, 12).getTime()));
  assert.equal(cellPlace('2026-01-31', true, false), String(new Date(2026, 0, 31).getTime()));
  assert.equal(cellPlace('at noon', true, true), null);
});
