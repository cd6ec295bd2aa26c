// The machines that there should be, and which of them report.
import assert from 'node:assert/strict';
import { fleet, heard, kHostile, tabTo } from './agents.mjs';
import { accessFaults, browserTest, overflows, withPage, withServer } from './page.mjs';

const kList = [{ machine: 'web1', name: 'front', group: 'web' }, { machine: 'old1', name: 'old', group: 'db' }, { machine: 'i-77' }, { machine: `m${kHostile}`, name: kHostile }];
const setList = (server, list) => server.call('PUT', 'api/v1/inventory', { body: JSON.stringify(list) });
const getList = async (server) => (await server.call('GET', 'api/v1/inventory')).machines;

const withInventory = (options, body) => withServer([], async (server) => {
  await fleet(server);
  await setList(server, kList);
  await withPage(server, { address: '#/inventory', ...options }, async (page) => {
    await page.getByRole('cell', { name: 'web1' }).first().waitFor();
    await body(page, server);
  });
});
const rowOf = (page, machine) => page.locator('tbody tr').filter({ has: page.locator('td:first-child').getByText(machine, { exact: true }) });
const state = (page, machine) => rowOf(page, machine).locator('td').nth(1).textContent();
const figure = (page, label) => page.locator('.figure').filter({ has: page.getByText(label, { exact: true }) }).locator('.figure-value').textContent();

browserTest('what is listed, what reports, and what does one without the other', () => withInventory({}, async (page) => {
  assert.equal(await state(page, 'web1'), 'reports');
  assert.equal(await state(page, 'old1'), 'silent');
  assert.equal(await state(page, 'i-77'), 'never reported');
  assert.equal(await state(page, 'db1'), 'not listed, reports');
  assert.equal(await state(page, 'gone1'), 'not listed, silent');
  assert.deepEqual(
    await Promise.all(['Machines listed', 'Listed, and reporting', 'Listed, not reporting', 'Reporting, not listed'].map((label) => figure(page, label))),
    ['4', '1', '3', '2'],
  );
  await page.getByLabel('Show').selectOption('unlisted');
  await rowOf(page, 'web1').waitFor({ state: 'detached' });
  assert.equal(await page.locator('tbody tr').count(), 2);
  assert.match(page.url(), /show=unlisted/);
  await page.getByLabel('Show').selectOption('');
  await page.getByLabel('Filter').fill('DB');
  await rowOf(page, 'web1').waitFor({ state: 'detached' });
  assert.deepEqual((await page.locator('tbody td:first-child').allTextContents()).sort(), ['db1', 'old1'], 'by machine and by group');
  assert.equal(await page.locator('main img').count(), 0);
}));

browserTest('a machine is added, and removed after a question; what reports is taken in', () => withInventory({}, async (page, server) => {
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('The address or name by which it reports is needed').waitFor();
  await page.getByLabel('Machine', { exact: true }).fill('10.0.0.7');
  await page.getByLabel('Name').fill('100%41 ü');
  await page.getByLabel('Group').fill('mail');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await rowOf(page, '10.0.0.7').waitFor();
  const added = (await getList(server)).find((m) => m.machine === '10.0.0.7');
  assert.deepEqual([added.name, added.group, added.expected], ['100%41 ü', 'mail', true]);

  const remove = page.getByRole('button', { name: 'Remove 10.0.0.7 from the list' });
  await remove.click();
  await page.getByRole('dialog', { name: 'Remove 10.0.0.7 from the list?' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await rowOf(page, '10.0.0.7').waitFor();
  assert.ok((await getList(server)).some((m) => m.machine === '10.0.0.7'));
  await remove.click();
  await page.getByRole('button', { name: 'Remove it', exact: true }).click();
  await rowOf(page, '10.0.0.7').waitFor({ state: 'detached' });
  assert.ok(!(await getList(server)).some((m) => m.machine === '10.0.0.7'));

  await page.getByRole('button', { name: 'Add db1 to the list' }).click();
  await page.getByRole('button', { name: 'Remove db1 from the list' }).waitFor();
  assert.equal(await state(page, 'db1'), 'reports');
}));

// The browser tells of each answer 400 by itself.
browserTest('a whole list is set, and what is wrong with it is told', () => withInventory({ expected: [/status of 400/] }, async (page, server) => {
  await page.getByRole('button', { name: 'Whole list…' }).click();
  const list = page.getByLabel('List', { exact: true });
  await list.fill('a b c d');
  await page.getByRole('button', { name: 'Set the list' }).click();
  await page.locator('.field-error').filter({ hasText: 'line 1' }).waitFor();
  assert.equal((await getList(server)).filter((m) => m.expected).length, kList.length);
  await list.fill('# ours\ndb1 data db\nweb1 front web\n');
  await page.getByRole('button', { name: 'Set the list' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('The list has 2 machines now.').waitFor();
  assert.deepEqual((await getList(server)).filter((m) => m.expected).map((m) => [m.machine, m.name]), [['db1', 'data'], ['web1', 'front']]);
  // What is there can be edited.
  await page.getByRole('button', { name: 'Whole list…' }).click();
  assert.equal(await list.inputValue(), 'db1 data db\nweb1 front web');
}));

browserTest('a CSV is read, or refused with its line; an empty list asks first', () => withInventory({}, async (page, server) => {
  const listed = async () => (await getList(server)).filter((m) => m.expected).map((m) => [m.machine, m.name, m.group]);
  await page.getByRole('button', { name: 'Whole list…' }).click();
  await page.getByLabel('From a file').setInputFiles({ name: 'machines.csv', mimeType: 'text/csv', buffer: Buffer.from('address,name,group\n10.0.0.1,android,mobile\nweb1,"front, left",\nx,y,z,4\n') });
  const set = page.getByRole('button', { name: 'Set the list' });
  await set.click();
  await page.locator('.field-error').filter({ hasText: 'line 4' }).waitFor();
  assert.equal((await listed()).length, kList.length);
  const list = page.getByLabel('List', { exact: true });
  await list.fill((await list.inputValue()).replace('x,y,z,4\n', ''));
  await set.click();
  await page.getByText('The list has 2 machines now.').waitFor();
  assert.deepEqual(await listed(), [['10.0.0.1', 'android', 'mobile'], ['web1', 'front, left', null]]);

  await page.getByRole('button', { name: 'Whole list…' }).click();
  await list.fill('');
  await set.click();
  const question = page.getByRole('dialog', { name: 'Empty the list?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  assert.equal((await listed()).length, 2);
  await set.click();
  await question.getByRole('button', { name: 'Empty it' }).click();
  await page.getByText('The list has 0 machines now.').waitFor();
  assert.deepEqual(await listed(), []);
}));

browserTest('a machine that is listed keeps what is not typed, and is changed after a question only', () => withInventory({}, async (page, server) => {
  const old = async () => (await getList(server)).filter((m) => m.machine === 'old1').map((m) => [m.name, m.group])[0];
  const add = page.getByRole('button', { name: 'Add', exact: true });
  await page.getByLabel('Machine', { exact: true }).fill('old1');
  await add.click();
  await page.getByText('old1 is in the list already').waitFor();
  await page.getByLabel('Name').fill('older');
  await add.click();
  const question = page.getByRole('dialog', { name: 'Change old1?' });
  await question.getByText('name old, group db').waitFor();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  assert.deepEqual(await old(), ['old', 'db']);
  await add.click();
  await question.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('old1 is changed.').waitFor();
  assert.deepEqual(await old(), ['older', 'db']);
}));

browserTest('at 380 px a machine shows when it was seen and its buttons', () => withInventory({ width: 380 }, async (page) => {
  const row = rowOf(page, 'db1');
  for (const shown of [row.getByText(/ ago$/), row.getByRole('button', { name: 'Add db1 to the list' })]) {
    await shown.scrollIntoViewIfNeeded();
    const { x, width } = await shown.boundingBox();
    assert.ok(x >= 0 && x + width <= 380, `from ${x}, ${width} wide`);
  }
  assert.ok(await page.locator('.table-frame').evaluate((frame) => frame.scrollWidth <= frame.clientWidth), 'nothing is behind a sideways scroll');
}));

browserTest('who begins to report is seen without a reload', () => withInventory({ clock: true }, async (page, server) => {
  await heard(server, { 'i-77': 0 });
  await page.clock.fastForward(11_000);
  await rowOf(page, 'i-77').getByText('reports', { exact: true }).waitFor();
}));

browserTest('a machine is added and removed with the keyboard alone', () => withInventory({}, async (page, server) => {
  await tabTo(page, page.getByLabel('Machine', { exact: true }));
  await page.keyboard.type('k1');
  await page.keyboard.press('Enter');
  const remove = page.getByRole('button', { name: 'Remove k1 from the list' });
  await tabTo(page, remove);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Remove it', exact: true }));
  await page.keyboard.press('Enter');
  await remove.waitFor({ state: 'detached' });
  assert.ok(!(await getList(server)).some((m) => m.machine === 'k1'));
}));

for (const width of [1280, 380]) {
  browserTest(`the inventory is accessible, ${width} px wide`, () => withInventory({ width }, async (page) => {
    assert.deepEqual(await accessFaults(page), []);
    assert.equal(await overflows(page), false);
    await page.getByRole('button', { name: 'Whole list…' }).click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await accessFaults(page), [], 'with the whole list');
  }));
}
