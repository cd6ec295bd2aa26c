// A search through what comes between: a server that goes, counting that takes long, and the focus, which stays in the list.
import assert from 'node:assert/strict';
import { browserTest, fill, until, withPage, withServer } from './page.mjs';

const grid = (page) => page.getByRole('grid', { name: 'Lines that match' });
const status = (page, text) => page.locator('.search-status [role=status]').filter({ hasText: text }).waitFor();
const currentText = (page) => page.locator('.log-row[aria-selected=true] .log-text').textContent();
const inList = (page) => grid(page).evaluate((element) => element === document.activeElement);
const lines = (count, end = Date.now() - 1000) => Array.from({ length: count }, (_, i) => ({ host: 'web', log: 'app', time: end - (count - 1 - i) * 1000, level: 'info', message: `number${i} ${i % 2 ? 'odd' : 'even'}` }));
const kLost = [/ERR_/, /Failed to load resource/];

browserTest('what a search could not load is loaded once the server answers again', () => withServer([], async (server) => {
  await fill(server, lines(3000));
  await withPage(server, { address: '#/search?panel=off', expected: kLost }, async (page) => {
    await status(page, '1,000 of 3,000 lines');
    await server.stop();
    await grid(page).focus();
    await page.keyboard.press('End');
    await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    await server.start();
    await status(page, '2,000 of 3,000 lines');
    await page.keyboard.press('End');
    await status(page, '3,000 lines');

    // Also the first page.
    await server.stop();
    await page.getByRole('combobox', { name: 'Query' }).fill('odd');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    await server.start();
    await status(page, '1,000 of 1,500 lines');
    await page.locator('.histogram-area').waitFor();
  });
}));

browserTest('a search that is stopped counts no more either, and what was not counted is told', () => withServer([], async (server) => {
  await fill(server, lines(1500));
  await withPage(server, { address: '#/clients', expected: kLost }, async (page) => {
    const failed = [];
    page.on('requestfailed', (request) => failed.push(new URL(request.url()).pathname.split('/').at(-1)));
    const box = page.getByRole('region', { name: 'Lines over time' });
    for (const call of ['histogram', 'words']) await page.route(`**/api/v1/${call}?**`, () => undefined);
    await page.goto(`${server.url}#/search?panel=words`);
    await status(page, '1,000 lines');
    await box.getByText('Counting the lines over time').waitFor();
    await box.getByRole('button', { name: 'Stop counting' }).waitFor();
    await page.route('**/api/v1/search?**', () => undefined);
    await grid(page).focus();
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await status(page, 'stopped');
    await box.getByText('The lines over time were not counted.').waitFor();
    await until(() => ['histogram', 'search', 'words'].every((call) => failed.includes(call)), 'all requests to be given up');
    await page.unroute('**/api/v1/histogram?**');
    await box.getByRole('button', { name: 'Count them' }).click();
    await page.locator('.histogram-area').waitFor();
    await page.unroute('**/api/v1/search?**');
    await page.getByRole('button', { name: 'Go on' }).click();
    await status(page, '1,500 lines');
  });
}));

browserTest('where counting all lines takes long those that were counted are drawn, and the rest can be asked for', () => withServer([], async (server) => {
  await fill(server, lines(20));
  await withPage(server, { address: '#/clients' }, async (page) => {
    await page.route('**/api/v1/histogram?**within**', async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      await route.fulfill({ response, json: { ...json, stats: { ...json.stats, complete: false, stopped_by: 'within' } } });
    });
    await page.goto(`${server.url}#/search`);
    const box = page.getByRole('region', { name: 'Lines over time' });
    await box.getByText('Only the newest lines were counted: to count all would take long').waitFor();
    await page.locator('.histogram-area').waitFor();
    await box.getByRole('button', { name: 'Count all' }).click();
    await box.getByText('Only the newest').waitFor({ state: 'detached' });
    await page.locator('.histogram-area').waitFor();
  });
}));

browserTest('where the words of all lines take long those that were counted are shown, and the rest can be asked for', () => withServer([], async (server) => {
  await fill(server, lines(20));
  await withPage(server, { address: '#/clients' }, async (page) => {
    await page.route('**/api/v1/words?**within**', async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      await route.fulfill({ response, json: { ...json, words: json.words.slice(0, 2), stats: { ...json.stats, complete: false, stopped_by: 'within' } } });
    });
    await page.goto(`${server.url}#/search?panel=words`);
    const box = page.getByRole('region', { name: 'Words' });
    await box.getByText('Of the newest lines only: to count all would take long').waitFor();
    assert.equal(await box.getByRole('listitem').count(), 2);
    await box.getByRole('button', { name: 'Count all' }).click();
    await box.getByText('Lines that have a word').waitFor();
    assert.equal(await box.getByRole('listitem').count(), 22);
  });
}));

browserTest('what is found far out in a very long line is shown, with a word that there is more before it', () => withServer([], async (server) => {
  const hay = 'hay '.repeat(12_500);
  await fill(server, [{ host: 'web', log: 'app', time: Date.now(), message: `${hay}needle ${hay}` }]);
  await withPage(server, { address: '#/search?q=needle' }, async (page) => {
    await status(page, '1 line');
    const row = page.locator('.log-row');
    assert.deepEqual(await row.locator('mark').allTextContents(), ['needle']);
    const [before] = /^[\d,]+/.exec(await row.getByRole('button', { name: 'characters before' }).textContent());
    const from = Number(before.replace(',', ''));
    const text = await row.locator('.log-text').textContent();
    assert.ok(from < 50_000 && from + text.indexOf('needle') === 50_000, `${from}: ${text.slice(0, 100)}`);
    // Its words are those of the line.
    await grid(page).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowRight');
    assert.equal(await row.locator('.word-chosen').textContent(), 'hay');
    await row.locator('mark').click();
    await page.getByRole('menu', { name: 'needle' }).waitFor();
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'characters before' }).click();
    await until(async () => (await row.locator('.log-text').textContent()).length === 100_007, 'the whole line');
  });
}));

browserTest('a value that only has the name of a level or kind is searched for as the field that it is', () => withServer([], async (server) => {
  const said = (fields) => ({ host: 'web', log: 'app', time: Date.now(), message: JSON.stringify(fields) });
  await fill(server, [said({ level: 'audit', kind: 'Pod' }), said({ level: 'error', kind: 'Node' })]);
  await withPage(server, { address: '#/search' }, async (page) => {
    await status(page, '2 lines');
    const field = (name) => page.locator('.search-field').filter({ has: page.locator('summary').filter({ hasText: name }) });
    for (const [name, value, query] of [['level', 'audit', '"level":audit'], ['kind', 'Pod', '"kind":Pod']]) {
      const box = field(name);
      if (!(await box.evaluate((element) => element.open))) await box.locator('summary').click();
      await box.getByRole('button', { name: value }).click();
      await page.getByRole('menuitem', { name: 'Search for it alone' }).click();
      await status(page, '1 line');
      assert.equal(await page.getByRole('combobox', { name: 'Query' }).inputValue(), query);
      await page.locator('.log-text').filter({ hasText: 'audit' }).waitFor();
      await page.goBack();
      await status(page, '2 lines');
    }
  });
}));

browserTest('the keyboard stays in the list from one search to the next, and leads there from nowhere', () => withServer([], async (server) => {
  await fill(server, lines(20));
  await withPage(server, { address: '#/search?q=number*' }, async (page) => {
    await status(page, '20 lines');
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
    await page.keyboard.press('j');
    await until(() => inList(page), 'the list to have the focus');
    assert.equal(await currentText(page), 'number19 odd');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.locator('[role=menu] :focus').waitFor();
    await page.keyboard.press('Enter');
    await status(page, '10 lines');
    await until(() => inList(page), 'the list of the narrower search to have the focus');
    await page.keyboard.press('j');
    assert.equal(await currentText(page), 'number19 odd');
    await page.keyboard.press('j');
    assert.equal(await currentText(page), 'number17 odd');
    // The same search once more; the line of before is not the current one in its list.
    await page.keyboard.press('r');
    await until(async () => await page.locator('.log-row[aria-selected=true]').count() === 0 && await inList(page), 'the new list to have the focus');
    await page.keyboard.press('j');
    assert.equal(await currentText(page), 'number19 odd');
    // Who is somewhere else stays there.
    await page.getByRole('combobox', { name: 'Query' }).fill('even');
    await page.keyboard.press('Enter');
    await status(page, '10 lines');
    await page.locator('.log-text').filter({ hasText: 'number18 even' }).waitFor();
    assert.equal(await inList(page), false);
  });
}));
