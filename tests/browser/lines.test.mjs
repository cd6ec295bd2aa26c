// Lines outside of the two large lists: of a client, around another one; and what tabs keep for each other.
import assert from 'node:assert/strict';
import { browserTest, fill, until, withPage, withServer } from './page.mjs';

const kLong = 200_000;
const kHostile = ['<img src=x onerror="document.title=1">', 'esc \u001b[2J \u0000 \u202egpj', 'x'.repeat(kLong)];

async function checkLines(lines) {
  await lines.filter({ hasText: 'esc' }).waitFor();
  const [markup, signs, long] = await lines.evaluateAll((all) => all.map((line) => line.textContent));
  assert.equal(markup, kHostile[0]);
  assert.equal(signs, 'esc \u241b[2J \u2400 \u2194gpj');
  assert.ok(long.length < 2000, `${long.length} characters of a very long line`);
  const button = lines.nth(2).getByRole('button', { name: 'all 200,000 characters' });
  await button.click();
  await until(async () => (await lines.nth(2).textContent()).length === kLong, 'all of it');
}

browserTest('hostile lines are text wherever they stand, and very long ones are shown in part', () => withServer([], async (server) => {
  const now = Date.now() - 5000;
  await fill(server, kHostile.map((message, i) => ({ host: 'constructor', log: 'app', time: now - i, message })));
  await withPage(server, { address: '#/clients?client=constructor' }, async (page) => {
    await checkLines(page.getByRole('list', { name: 'Newest lines' }).locator('.entry-line'));
    await page.goto(`${server.url}#/search?q=esc&panel=off`);
    // A client that is called like what every object has keeps its name.
    await page.locator('.log-source').filter({ hasText: 'constructor' }).first().waitFor();
    await page.getByRole('grid', { name: 'Lines that match' }).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    const around = page.getByRole('list', { name: 'Lines around it' }).locator('.entry-line');
    await around.filter({ hasText: 'esc' }).waitFor();
    assert.ok((await around.allTextContents()).includes('esc \u241b[2J \u2400 \u2194gpj'));
  });
}));

browserTest('tabs keep what each other keeps', () => withServer([], async (server) => {
  await fill(server, [{ host: 'web', log: 'app', time: Date.now() - 5000, message: 'alpha beta' }]);
  await withPage(server, { address: '#/search?panel=off' }, async (page) => {
    const other = await page.context().newPage();
    await other.goto(`${server.url}#/search?panel=off`);
    const ask = async (tab, query) => {
      await tab.getByRole('combobox', { name: 'Query' }).fill(query);
      await tab.keyboard.press('Escape');
      await tab.getByRole('combobox', { name: 'Query' }).press('Enter');
      await until(async () => (await kept(tab))[0] === query, query);
    };
    const kept = (tab) => tab.evaluate(() => JSON.parse(localStorage.getItem('nm-store.query-history')));
    await ask(page, 'alpha');
    await ask(other, 'beta');
    await ask(page, 'alpha beta');
    await ask(other, 'beta alpha');
    assert.deepEqual(await kept(page), ['beta alpha', 'alpha beta', 'beta', 'alpha']);
    await other.close();
  });
}));
