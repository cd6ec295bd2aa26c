// Reading in the search view: the place that one reads at, times as they are typed, and ways back.
import assert from 'node:assert/strict';
import { accessFaults, browserTest, fill, overflows, until, withPage, withServer } from './page.mjs';

const query = (page) => page.getByRole('combobox', { name: 'Query' });
const grid = (page) => page.getByRole('grid', { name: 'Lines that match' });
const status = (page, text) => page.locator('.search-status [role=status]').filter({ hasText: text }).waitFor();
const params = (page) => new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '');
const kMinute = 60_000;

// Lines a second apart, the newest, "number 0", at `end`; every third is long.
const numbered = (count, end) => Array.from({ length: count }, (_, i) => ({
  host: 'web', log: 'app', time: end - i * 1000, level: 'info', message: `number ${i} ${i % 3 === 0 ? 'long '.repeat(80) : 'short'}`,
}));
// The number of the row at the top of the list.
const topRow = (page) => grid(page).evaluate((frame) => {
  const { top } = frame.getBoundingClientRect();
  const row = [...frame.querySelectorAll('.log-row')].find((each) => each.getBoundingClientRect().bottom > top + 2);
  return Number(/number (\d+)/.exec(row?.querySelector('.log-text').textContent ?? '')?.[1] ?? -1);
});
const currentText = (page) => page.locator('.log-row[aria-selected=true] .log-text').textContent();

browserTest('the list stays at the line that is read, however wide and high it becomes, and keys begin there', () => withServer([], async (server) => {
  await fill(server, numbered(900, Date.now() - 1000));
  await withPage(server, { address: '#/search?q=number&from=all&panel=off' }, async (page) => {
    await status(page, '900 lines');
    await grid(page).hover();
    await until(async () => {
      await page.mouse.wheel(0, 3000);
      return (await topRow(page)) > 400;
    }, 'the middle of the list');
    // Until the wheel has come to rest.
    let before = -1;
    await until(async () => {
      const last = before;
      before = await topRow(page);
      return last === before;
    }, 'the list to rest');
    const stays = (what) => until(async () => (await topRow(page)) === before, `row ${before} at the top ${what}`);
    const width = () => grid(page).evaluate((frame) => frame.clientWidth);
    const wide = await width();
    await page.setViewportSize({ width: 700, height: 900 });
    await until(async () => (await width()) < wide, 'the narrow list');
    await stays('of a narrow window');
    await page.setViewportSize({ width: 1280, height: 500 });
    await until(async () => (await width()) === wide, 'the wide list');
    await stays('of a low window');
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: 'Fields' }).click();
    await page.getByRole('region', { name: 'Fields' }).waitFor();
    await until(async () => (await width()) < wide, 'the list beside the panel');
    await stays('beside the panel');

    await grid(page).focus();
    await page.keyboard.press('j');
    const first = Number(/number (\d+)/.exec(await currentText(page))[1]);
    assert.ok(first === before || first === before + 1, `the first key goes to row ${first}, and not to what is seen, ${before}`);
    await page.keyboard.press('j');
    assert.match(await currentText(page), new RegExp(`^number ${first + 1} `));
  });
}));

browserTest('a first page that breaks off is asked for again', () => withServer([], async (server) => {
  await fill(server, numbered(30, Date.now() - 1000));
  await withPage(server, { address: '#/clients' }, async (page) => {
    let asked = 0;
    await page.route('**/api/v1/search?**', async (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      const answer = await route.fetch();
      return route.fulfill({ response: answer, body: (await answer.text()).split('\n').slice(0, 5).concat('').join('\n') });
    });
    await page.goto(`${server.url}#/search?q=number`);
    await page.getByRole('alert').filter({ hasText: 'broke off' }).waitFor();
    await status(page, '5 of 30');
    assert.equal(await page.getByText('These are all.').count(), 0);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('These are all.').waitFor();
    await status(page, '30 lines');
    assert.equal(asked, 2);
  });
}));

browserTest('times are typed as they are shown, in the zone of the reader', () => withServer([], async (server) => {
  // 20:53 of the 26th in New York.
  const at = Date.parse('2026-11-27T01:53:49Z');
  await fill(server, Array.from({ length: 60 }, (_, i) => ({ host: 'web', log: 'app', time: at - i * kMinute, message: `number ${i}` })));
  await withPage(server, { address: '#/search?from=all', timezoneId: 'America/New_York' }, async (page) => {
    await status(page, '60 lines');
    assert.match(await page.locator('.log-time').first().textContent(), /^2026-11-26 20:53:49/);
    await page.getByLabel('Time', { exact: true }).selectOption('custom');
    const [from, to] = [page.getByLabel('From'), page.getByLabel('To', { exact: true })];
    await from.fill('2026-11-26T20:30');
    await to.fill('2026-11-26 20:40:00');
    await page.getByRole('button', { name: 'Set' }).click();
    await status(page, '10 lines');
    assert.equal(params(page).get('from'), '2026-11-27T01:30:00.000Z');
    assert.equal(await from.inputValue(), '2026-11-26 20:30:00');

    // What is drawn is shown in the same form.
    await page.locator('.histogram-area').focus();
    for (const key of ['Home', 'ArrowRight', 'Shift+End', 'Enter']) await page.keyboard.press(key);
    await until(() => params(page).get('from') !== '2026-11-27T01:30:00.000Z', 'the time that was drawn');
    await until(async () => /^2026-11-26 20:3\d:\d\d$/.test(await from.inputValue()) && (await from.inputValue()) !== '2026-11-26 20:30:00', 'the fields');
    await page.locator('.log-row').first().waitFor();

    // What is no time is told beside its field; the lines stay.
    const address = page.url();
    await from.fill('yesterday');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByText('This is no time.').waitFor();
    assert.equal(await from.getAttribute('aria-invalid'), 'true');
    assert.equal(await query(page).getAttribute('aria-invalid'), null);
    assert.equal(page.url(), address);
    assert.notEqual(await page.locator('.log-row').count(), 0);
    for (const width of [1280, 380]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await accessFaults(page), [], `${width} px wide`);
      assert.equal(await overflows(page), false, `${width} px wide`);
    }
    await from.fill('2026-11-26 20:30');
    await page.getByText('This is no time.').waitFor({ state: 'detached' });
  });
}));

browserTest('a wrong time of an address is told beside its field, and not as one of the query', () => withServer([], (server) => withPage(server, { address: '#/search?q=x&from=yesterday', expected: [/status of 400/] }, async (page) => {
  await page.getByText('This is no time.').waitFor();
  await page.getByRole('alert').filter({ hasText: 'is not a time' }).waitFor();
  assert.equal(await query(page).getAttribute('aria-invalid'), null);
})));

browserTest('another time is searched for the query that stands in the box', () => withServer([], async (server) => {
  await fill(server, numbered(30, Date.now() - 1000));
  await withPage(server, { address: '#/search?q=number' }, async (page) => {
    await status(page, '30 lines');
    await query(page).fill('number short');
    await page.getByLabel('Time', { exact: true }).selectOption('-1h');
    await status(page, '20 lines');
    assert.equal(params(page).get('q'), 'number short');
    assert.equal(params(page).get('from'), '-1h');
    await query(page).fill('long');
    await page.getByLabel('Order').selectOption('asc');
    await status(page, '10 lines');
    assert.equal(params(page).get('q'), 'long');
  });
}));

browserTest('the lines around one: more of them leave it where it is, and Back does not open them again', () => withServer([], async (server) => {
  await fill(server, numbered(200, Date.now() - 1000));
  await withPage(server, { address: '#/search?q=number' }, async (page) => {
    await status(page, '200 lines');
    await query(page).fill('long');
    await query(page).press('Enter');
    await status(page, '67 lines');
    await grid(page).focus();
    for (let i = 0; i < 20; ++i) await page.keyboard.press('j');
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog', { name: 'Lines around it' });
    const current = dialog.locator('.entry[aria-current]');
    await current.waitFor();
    const place = async () => Math.round((await current.boundingBox()).y);
    for (const count of [61, 101]) {
      const button = dialog.getByRole('button', { name: 'More before' });
      await button.scrollIntoViewIfNeeded();
      const before = await place();
      await button.click();
      await until(async () => (await dialog.locator('.entry').count()) === count, `${count} lines`);
      assert.ok(Math.abs((await place()) - before) < 3, `the line went from ${before} to ${await place()}`);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(params(page).get('q'), 'long');
    await page.goBack();
    await status(page, '200 lines');
    assert.equal(await dialog.count(), 0);
  });
}));
