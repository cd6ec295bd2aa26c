// The frame around the views: navigation, history, colours, keyboard, sign-in.
import assert from 'node:assert/strict';
import { accessFaults, browserTest, fill, fillPlugin, overflows, someLines, until, withPage, withServer } from './page.mjs';

const VIEWS = ['Dashboard', 'Clients', 'Search', 'Live tail', 'Plugins', 'Alerts', 'Inventory', 'Admin'];

const heading = (page) => page.locator('main h1').first();
const link = (page, name) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true });

browserTest('every link reaches its view, and back leads back', () => withServer([], (server) => withPage(server, {}, async (page) => {
  await fill(server, someLines('web1', '/var/log/syslog', 20));
  for (const name of VIEWS) {
    await link(page, name).click();
    await page.locator(`nav a[aria-current="page"]:text-is("${name}")`).waitFor();
    await heading(page).filter({ hasText: name }).waitFor();
    assert.equal(await page.title(), `${name} – nm-store`);
  }
  await page.goBack();
  await heading(page).filter({ hasText: 'Inventory' }).waitFor();
  await page.goForward();
  await heading(page).filter({ hasText: 'Admin' }).waitFor();
  await page.reload();
  await heading(page).filter({ hasText: 'Admin' }).waitFor();
})));

browserTest('an address that is no view says so', () => withServer([], (server) => withPage(server, { address: '#/nothing' }, async (page) => {
  await page.getByText('There is no such view.').waitFor();
  await page.getByRole('link', { name: 'To the start' }).click();
  await heading(page).filter({ hasText: 'Dashboard' }).waitFor();
})));

for (const width of [1280, 380]) {
  browserTest(`every view is accessible, ${width} px wide`, () => withServer([], async (server) => {
    await fill(server, someLines('web1', '/var/log/syslog', 20));
    await withPage(server, { width }, async (page) => {
      for (const name of VIEWS) {
        await link(page, name).click();
        await heading(page).filter({ hasText: name }).waitFor();
        assert.deepEqual(await accessFaults(page), [], name);
        assert.equal(await overflows(page), false, `${name} is wider than the window`);
      }
    });
  }));
}

browserTest('the choice of colours is kept', () => withServer([], (server) => withPage(server, { colorScheme: 'light' }, async (page) => {
  const theme = () => page.locator('html').getAttribute('data-theme');
  assert.equal(await theme(), 'light');
  await page.getByRole('button', { name: 'Colours: Auto' }).click();
  await page.getByRole('button', { name: 'Colours: Dark' }).waitFor();
  assert.equal(await theme(), 'dark');
  await page.reload();
  await page.getByRole('button', { name: 'Colours: Dark' }).waitFor();
  assert.equal(await theme(), 'dark');
})));

browserTest('the keyboard reaches the content, and a new view is told by its heading', () => withServer([], (server) => withPage(server, {}, async (page) => {
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  assert.ok(await skip.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await link(page, 'Alerts').focus();
  await page.keyboard.press('Enter');
  await heading(page).filter({ hasText: 'Alerts' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
})));

const signIn = async (page, token, account) => {
  await page.getByLabel('Token').fill(token);
  await page.getByLabel('Account').fill(account);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
};
// The browser tells of each answer 401 by itself.
const kRefused = [/status of 401/];

browserTest('who has no credentials is asked for them', () => withServer(['--token', 'tok:acc'], (server) => withPage(server, { address: '#/search?q=x', expected: kRefused }, async (page) => {
  await heading(page).filter({ hasText: 'Sign in' }).waitFor();
  assert.deepEqual(await accessFaults(page), []);
  await signIn(page, 'tok', 'wrong');
  await page.getByRole('alert').filter({ hasText: 'does not know' }).waitFor();
  await signIn(page, 'tok', 'acc');
  await heading(page).filter({ hasText: 'Search' }).waitFor();
  assert.equal(new URL(page.url()).hash, '#/search?q=x');
  await page.reload();
  await heading(page).filter({ hasText: 'Search' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();

  // Another tab of this browser does not know of it, as nobody asked to remember it.
  const other = await page.context().newPage();
  await other.goto(server.url);
  await heading(other).filter({ hasText: 'Sign in' }).waitFor();
  await other.getByLabel('Remember in this browser').check();
  await signIn(other, 'tok', 'acc');
  await heading(other).filter({ hasText: 'Dashboard' }).waitFor();
  const third = await page.context().newPage();
  await third.goto(server.url);
  await third.getByRole('button', { name: 'Sign out' }).click();
  await heading(third).filter({ hasText: 'Sign in' }).waitFor();
  assert.deepEqual(await third.evaluate(() => [sessionStorage.length, localStorage.getItem('nm-store.credential')]), [0, null]);
})));

const kGone = [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_INCOMPLETE_CHUNKED_ENCODING/];
const banner = (page) => page.locator('.banner[role=alert]').filter({ hasText: 'cannot be reached' });

browserTest('a page whose server is gone says so, and soon that it is back', () => withServer([], (server) => withPage(server, { clock: true, expected: kGone }, async (page) => {
  await page.getByText('nm-store 0').waitFor();
  await server.stop();
  await page.clock.fastForward(31_000);
  await banner(page).waitFor();
  assert.deepEqual(await accessFaults(page), []);
  await server.start();
  await page.clock.fastForward(3100);
  await banner(page).waitFor({ state: 'detached' });
})));

browserTest('nothing is green while the server is gone, and any answer says that it is back', () => withServer([], async (server) => {
  await fillPlugin(server, 'web1', 'df', [[Date.now() - 60_000, '5']]);
  await withPage(server, { address: '#/admin', clock: true, expected: kGone }, async (page) => {
    const badge = page.getByRole('heading', { name: 'Server' }).locator('.badge');
    await badge.getByText('ok', { exact: true }).waitFor();
    const ask = async (name) => link(page, name).click();
    await ask('Plugins');
    await page.getByText('live', { exact: true }).waitFor();
    await ask('Admin');
    await badge.getByText('ok', { exact: true }).waitFor();
    await server.stop();
    await page.clock.fastForward(5100);
    await badge.getByText('no answer', { exact: true }).waitFor();
    await banner(page).waitFor();
    assert.equal(await page.locator('.badge.tone-good').count(), 0);
    await server.start();
    // Another view asks by itself: its answer takes the banner away, and what had failed is loaded at once.
    await ask('Clients');
    await banner(page).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'web1' }).waitFor();
    await ask('Plugins');
    await page.getByText('live', { exact: true }).waitFor();
    await server.stop();
    await page.clock.fastForward(10_100);
    await page.getByText('not up to date', { exact: true }).waitFor();
    assert.equal(await page.locator('.badge.tone-good').count(), 0);
    await server.start();
  });
}));

browserTest('one lost answer about roles is asked for again, and until then nothing that needs one can be pressed', () => withServer([], (server) => withPage(server, { expected: [/ERR_FAILED/], clock: true }, async (page) => {
  await page.getByText('nm-store 0').waitFor();
  let lost = 0;
  let answers = false;
  await page.route('**/api/v1/session', (route) => (answers ? route.fallback() : (++lost, route.abort())));
  await page.goto(`${server.url}#/inventory`);
  await page.reload();
  const add = page.getByRole('button', { name: 'Add', exact: true });
  await add.waitFor();
  await until(() => lost > 0, 'the lost answer');
  assert.equal(await add.isDisabled(), true);
  answers = true;
  await page.clock.fastForward(3100);
  await until(() => add.isEnabled(), 'the button');
})));
