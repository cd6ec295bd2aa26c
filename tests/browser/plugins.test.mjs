// Readings as charts: by day and over any time, of several clients.
import assert from 'node:assert/strict';
import { fleet, kHostile, kMinute, tabTo } from './agents.mjs';
import { accessFaults, browserTest, fillPlugin, overflows, until, withPage, withServer } from './page.mjs';

const kHour = 60 * kMinute;
const withPlugins = (options, body) => withServer([], async (server) => {
  await fleet(server);
  await fillPlugin(server, kHostile, kHostile, [[Date.now() - kMinute, '5']]);
  await withPage(server, { address: '#/plugins?plugin=lsof&mode=range&from=-1h', ...options }, async (page) => {
    await page.getByRole('main').locator('select').first().waitFor();
    await body(page, server);
  });
});
const numbers = (page, field) => page.getByRole('region', { name: `${field}, in numbers` }).locator('tbody tr');
// Client, last, min, mean, max, readings.
const textsOf = async (row) => (await row.locator('td').allTextContents()).slice(0, 6);
const painted = (page) => page.locator('.chart canvas').first().evaluate((element) => element.getContext('2d').getImageData(0, 0, element.width, element.height).data.some((byte) => byte > 0));

browserTest('several clients stand in one chart, with least, mean and greatest', () => withPlugins({}, async (page) => {
  const rows = numbers(page, 'lsof');
  await rows.nth(1).waitFor();
  assert.deepEqual(await textsOf(rows.nth(0)), ['db1', '301', '300', '303', '306', '30']);
  assert.deepEqual(await textsOf(rows.nth(1)), ['front', '101', '100', '103', '106', '30']);
  assert.equal(await page.locator('.chart').count(), 1);
  assert.deepEqual(await page.locator('.u-legend .u-series .u-label').allTextContents().then((all) => all.slice(1)), ['db1', 'front']);
  assert.ok(await painted(page));
  // One client alone.
  await page.getByLabel('db1').uncheck();
  await rows.nth(1).waitFor({ state: 'detached' });
  assert.match(page.url(), /clients=web1/);
  await page.getByRole('button', { name: 'None', exact: true }).click();
  await page.getByText('No client is chosen.').waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await rows.nth(1).waitFor();
}));

browserTest('a day at a time: back, forward, today', () => withServer([], async (server) => {
  const noon = Date.parse('2025-03-10T12:00:00Z');
  await fillPlugin(server, 'a1', 'df', [[noon, '{"x":1}'], [noon + kHour, '7'], [noon + 24 * kHour, '9'], [noon + 25 * kHour, '11'], [noon + 25 * kHour + 30_000, '13']]);
  await withPage(server, { address: '#/plugins?plugin=df&day=2025-03-11' }, async (page) => {
    const row = numbers(page, 'df').first();
    await row.getByText('9', { exact: true }).first().waitFor();
    assert.deepEqual(await textsOf(row), ['a1', '13', '9', '11', '13', '3'], 'the last reading, and not the mean of its step');
    assert.equal(await row.locator('td').nth(6).textContent(), '2025-03-11 13:00:30');
    await page.getByRole('button', { name: 'The day before' }).click();
    await page.waitForURL(/day=2025-03-10/);
    await row.getByText('7', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'The day before' }).click();
    await page.getByText('There are no readings in this time.').waitFor();
    await page.getByRole('button', { name: 'The day after' }).click();
    await row.getByText('7', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Today' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    assert.doesNotMatch(page.url(), /day=/);
    await page.getByLabel('Day', { exact: true }).fill('2025-03-11');
    await row.getByText('9', { exact: true }).first().waitFor();
  });
}));

browserTest('new readings come by themselves, and a time drawn over the chart is shown', () => withPlugins({ clock: true }, async (page, server) => {
  const row = numbers(page, 'lsof').first();
  await row.waitFor();
  await fillPlugin(server, 'db1', 'lsof', [[Date.now() - 1000, '900']]);
  await page.clock.fastForward(11_000);
  await row.getByText('900', { exact: true }).first().waitFor();
  const over = page.locator('.chart .u-over').first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 20, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+/);
  await page.getByText('past', { exact: true }).waitFor();
}));

browserTest('what is switched off in the legend stays off when new readings come', () => withPlugins({ clock: true, address: '#/plugins?plugin=lsof&mode=range&from=-1h&clients=db1%2Cweb1%2Clate1' }, async (page, server) => {
  await numbers(page, 'lsof').nth(1).waitFor();
  const off = page.locator('.u-legend .u-series.u-off');
  await page.locator('.u-legend .u-series').filter({ hasText: 'front' }).locator('th').click();
  assert.equal(await off.count(), 1);
  await fillPlugin(server, 'db1', 'lsof', [[Date.now() - 1000, '900']]);
  await page.clock.fastForward(11_000);
  await numbers(page, 'lsof').first().getByText('900', { exact: true }).first().waitFor();
  assert.deepEqual(await off.locator('.u-label').allTextContents(), ['front']);
  // Another client that begins to report makes another chart, in which it is off as well.
  await fillPlugin(server, 'late1', 'lsof', [[Date.now() - 1000, '7']]);
  await page.clock.fastForward(11_000);
  await numbers(page, 'lsof').nth(2).waitFor();
  assert.deepEqual(await off.locator('.u-label').allTextContents(), ['front']);
  // So it is once the page is loaded anew, until it is switched on.
  await page.reload();
  await off.waitFor();
  assert.deepEqual(await off.locator('.u-label').allTextContents(), ['front']);
  await off.locator('th').click();
  await page.reload();
  await page.locator('.u-legend .u-series').filter({ hasText: 'front' }).waitFor();
  assert.equal(await off.count(), 0);
}));

browserTest('twelve clients in one chart can be told apart', () => withServer([], async (server) => {
  for (let i = 0; i < 12; ++i) await fillPlugin(server, `c${i}`, 'load', [[Date.now() - 2 * kMinute, String(i)], [Date.now() - kMinute, String(i)]]);
  const clients = Array.from({ length: 12 }, (_, i) => `c${i}`).join(',');
  await withPage(server, { address: `#/plugins?plugin=load&mode=range&from=-1h&clients=${encodeURIComponent(clients)}` }, async (page) => {
    await numbers(page, 'load').nth(11).waitFor();
    const signs = await page.locator('.u-legend .u-series:not(:first-child) .u-marker').evaluateAll((all) => all.map((each) => `${each.style.borderStyle} ${each.style.borderColor}`));
    assert.equal(signs.length, 12);
    assert.equal(new Set(signs).size, 12, signs.join(', '));
  });
}));

browserTest('of forty fields each can be reached, by pages, by a part of its name, and by what is offered', () => withServer([], async (server) => {
  const value = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, i]));
  await fillPlugin(server, 'a1', 'many', [[Date.now() - kMinute, value]]);
  for (const address of ['#/plugins?plugin=many&mode=range&from=-1h', '#/clients?client=a1&tab=plugins']) {
    await withPage(server, { address }, async (page) => {
      await page.getByText('1–24 of 40 fields').waitFor();
      const charts = (count) => until(async () => (await page.locator('.chart').count()) === count, `${count} charts`);
      await charts(24);
      await page.getByRole('button', { name: 'Next fields' }).click();
      await page.getByText('25–40 of 40 fields').waitFor();
      const fields = page.getByLabel('Fields', { exact: true });
      await until(async () => (await page.locator('datalist option').count()) === 40, 'what is offered');
      assert.ok((await page.locator('datalist option').evaluateAll((all) => all.map((each) => each.value))).includes('value.f39'));
      await fields.fill('f39');
      await fields.press('Enter');
      await numbers(page, 'many: value.f39').waitFor();
      await charts(1);
      assert.match(page.url(), /field=f39/);
      await fields.fill('value.f3');
      await fields.press('Enter');
      await numbers(page, 'many: value.f3').waitFor();
      await charts(1);
    });
  }
}));

browserTest('names of plugins and clients are text', () => withPlugins({ address: `#/plugins?mode=range&from=-1h&plugin=${encodeURIComponent(kHostile)}` }, async (page) => {
  await numbers(page, kHostile).first().waitFor();
  assert.deepEqual(await textsOf(numbers(page, kHostile).first()), [kHostile, '5', '5', '5', '5', '1']);
  assert.equal(await page.locator('main img').count(), 0);
}));

browserTest('plugin, client and time are chosen with the keyboard alone', () => withPlugins({}, async (page) => {
  await numbers(page, 'lsof').nth(1).waitFor();
  await tabTo(page, page.getByLabel('db1'));
  await page.keyboard.press('Space');
  await numbers(page, 'lsof').nth(1).waitFor({ state: 'detached' });
  await tabTo(page, page.getByLabel('Plugin', { exact: true }));
  await page.keyboard.type('uptime');
  await numbers(page, 'uptime').first().waitFor();
  await tabTo(page, page.getByRole('link', { name: 'A day', exact: true }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'The day before' }));
  await page.keyboard.press('Enter');
  await page.waitForURL(/day=\d{4}-\d\d-\d\d/);
}));

for (const width of [1280, 380]) {
  browserTest(`plugins are accessible, ${width} px wide`, () => withPlugins({ width }, async (page) => {
    await numbers(page, 'lsof').nth(1).waitFor();
    assert.deepEqual(await accessFaults(page), []);
    assert.equal(await overflows(page), false);
    await page.getByRole('link', { name: 'A day', exact: true }).click();
    await page.getByRole('button', { name: 'The day before' }).waitFor();
    assert.deepEqual(await accessFaults(page), [], 'by day');
    assert.equal(await overflows(page), false);
  }));
}
