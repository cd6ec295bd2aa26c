// The live tail: what is written appears, through pauses, scrolling, and a restart of the server.
import assert from 'node:assert/strict';
import { hide } from './agents.mjs';
import { accessFaults, browserTest, fill, overflows, until, withPage, withServer } from './page.mjs';

const rows = (page) => page.locator('.log-row');
const texts = (page) => page.locator('.log-text').allTextContents();
const grid = (page) => page.getByRole('grid', { name: 'Lines as they come' });
const connection = (page, text) => page.locator('.tail-connection [role=status]').filter({ hasText: text }).waitFor();
const received = (page, count) => page.locator('.tail-rate').filter({ hasText: `${count} received` }).waitFor();
const numbered = (from, to, more = {}) => Array.from({ length: to - from }, (_, i) => ({ host: 'web', log: 'app', time: Date.now(), level: 'info', message: `number ${from + i}`, ...more }));
const expectedTexts = (from, to) => Array.from({ length: to - from }, (_, i) => `number ${from + i}`);
const atEnd = (page) => grid(page).evaluate((element) => element.scrollTop + element.clientHeight >= element.scrollHeight - 8);

browserTest('lines appear as they are written, behind those that are there', () => withServer([], async (server) => {
  await fill(server, [...numbered(0, 30), ...numbered(0, 5, { message: 'something else' })]);
  await withPage(server, { address: '#/tail?q=number' }, async (page) => {
    await connection(page, 'Live');
    await until(async () => (await texts(page)).at(-1) === 'number 29', 'the lines that are there');
    await fill(server, numbered(30, 60));
    await received(page, '30 lines');
    await until(async () => (await texts(page)).at(-1) === 'number 59', 'the newest line');
    assert.ok(await atEnd(page));
    assert.equal(await page.locator('.log-text mark').first().textContent(), 'number');

    // Who scrolls up stays there; at the end it follows again.
    await grid(page).hover();
    await page.mouse.wheel(0, -300);
    const follow = page.getByLabel('Follow the end');
    await until(async () => !(await follow.isChecked()), 'the end to be left');
    const top = await grid(page).evaluate((element) => element.scrollTop);
    await fill(server, numbered(60, 70));
    await received(page, '40 lines');
    assert.equal(await grid(page).evaluate((element) => element.scrollTop), top);
    await page.getByRole('button', { name: 'To the newest' }).click();
    await until(async () => (await texts(page)).at(-1) === 'number 69' && await atEnd(page), 'the end');
    assert.ok(await follow.isChecked());

    // A pause loses nothing.
    await page.getByRole('button', { name: 'Pause' }).click();
    await connection(page, 'Paused');
    await fill(server, numbered(70, 75));
    await page.getByText('5 lines wait').waitFor();
    assert.equal((await texts(page)).at(-1), 'number 69');
    await page.getByRole('button', { name: 'Go on' }).click();
    await until(async () => (await texts(page)).at(-1) === 'number 74', 'what had waited');
    await page.getByRole('button', { name: 'Clear' }).click();
    await until(async () => await rows(page).count() === 0, 'the list to be empty');
    await fill(server, numbered(75, 77));
    await until(async () => (await texts(page)).join() === 'number 75,number 76', 'lines behind the cleared ones');

    // Another query begins anew; a word of a line is one. What is typed and not sent yet is part of it.
    await page.getByRole('combobox', { name: 'Query' }).fill('number -76');
    await rows(page).first().locator('.log-text').click({ position: { x: 60, y: 8 } });
    await page.getByRole('menuitem', { name: 'Add to the query' }).click();
    await until(async () => (await texts(page)).join() === 'number 75', 'the narrower tail');
    assert.ok(page.url().includes('number+-76+75'));
  });
}));

browserTest('what is read stays where it is while lines come', () => withServer([], async (server) => {
  await fill(server, numbered(0, 60));
  await withPage(server, { address: '#/tail?q=number' }, async (page) => {
    await connection(page, 'Live');
    await until(async () => (await texts(page)).at(-1) === 'number 59', 'the lines that are there');
    const shows = (text) => until(async () => (await texts(page)).at(-1) === text && await atEnd(page), `${text} at the end`);
    await shows('number 59');

    // The menu of a word holds the list; once it is closed the list goes on at the end.
    await rows(page).last().locator('.log-text').click({ position: { x: 60, y: 8 } });
    const menu = page.getByRole('menu', { name: '59' });
    await menu.waitFor();
    const top = () => grid(page).evaluate((element) => element.scrollTop);
    const before = await top();
    await fill(server, numbered(60, 70));
    await received(page, '10 lines');
    await page.locator('.tail-rate').filter({ hasText: '70 shown' }).waitFor();
    assert.equal(await top(), before);
    assert.equal(await menu.count(), 1);
    await page.keyboard.press('Escape');
    await shows('number 69');

    // By the keyboard: from the last line that is seen, and a word of it holds the list, too.
    const current = () => page.locator('.log-row[aria-selected=true] .log-text').textContent();
    await grid(page).focus();
    await page.keyboard.press('x');
    await until(async () => await rows(page).count() === 0, 'the list to be empty');
    await fill(server, numbered(70, 170));
    await shows('number 169');
    await page.keyboard.press('k');
    assert.equal(await current(), 'number 169');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('menu', { name: 'number' }).waitFor();
    await fill(server, numbered(170, 180));
    await page.locator('.tail-rate').filter({ hasText: '110 shown' }).waitFor();
    await page.getByRole('menuitem', { name: 'Copy' }).waitFor();
  });
}));

browserTest('who reads further up stays there when the oldest lines are let go', () => withServer([], async (server) => {
  await withPage(server, { address: '#/tail' }, async (page) => {
    await connection(page, 'Live');
    for (let from = 0; from < 9900; from += 3300) await fill(server, numbered(from, from + 3300));
    await page.locator('.tail-rate').filter({ hasText: '9,900 shown' }).waitFor();
    await until(async () => (await texts(page)).at(-1) === 'number 9899' && await atEnd(page), 'the newest line');
    await grid(page).evaluate((element) => { element.scrollTop = element.scrollHeight / 2; });
    // The rows that there are: their texts, and how far they are from the top.
    const rows = () => grid(page).evaluate((frame) => {
      const { top } = frame.getBoundingClientRect();
      return [...frame.querySelectorAll('.log-row')].map((row) => [row.querySelector('.log-text').textContent, row.getBoundingClientRect().top - top]);
    });
    const firstSeen = async () => (await rows()).find(([, at]) => at >= 0);
    await until(async () => /number [45]\d{3}$/.test((await firstSeen())?.[0]), 'the middle');
    const [read, place] = await firstSeen();
    const stays = async () => {
      const now = (await rows()).find(([text]) => text === read)?.[1]; // a part of a pixel may hide it
      assert.ok(Math.abs(now - place) <= 2, `${read} was ${place} px from the top, and is now ${now}`);
    };
    await fill(server, numbered(9900, 11_000));
    await page.getByText('Older lines are not shown any more: 1,000').waitFor();
    await stays();
    // The note that tells of it has taken room from the list.
    for (const from of [11_000, 11_500]) {
      await fill(server, numbered(from, from + 500));
      await page.getByText(`not shown any more: ${(from - 9500).toLocaleString('en-US')}`).waitFor();
      await stays();
    }
  });
}));

browserTest('what is written is shown while the lines before are still looked for, and where they cannot be found', () => withServer([], async (server) => {
  await fill(server, numbered(0, 3));
  await withPage(server, { address: '#/clients', expected: [/status of 503/] }, async (page) => {
    let held;
    await page.route('**/api/v1/search?**', (route) => { held = route; });
    await page.goto(`${server.url}#/tail?q=number`);
    await connection(page, 'Live');
    await page.getByText('looking for the lines before').waitFor();
    await until(() => held, 'the search');
    await fill(server, numbered(3, 5));
    await until(async () => (await texts(page)).join() === 'number 3,number 4', 'what was written');
    await held.fulfill({ status: 503, json: { error: { code: 'busy', message: 'too many queries' } } });
    await page.getByText('The lines before could not be looked for: too many queries').waitFor();
    await fill(server, numbered(5, 6));
    await until(async () => (await texts(page)).at(-1) === 'number 5', 'what is written afterwards');
    await page.unroute('**/api/v1/search?**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await until(async () => (await texts(page)).join() === expectedTexts(0, 6).join(), 'all lines');
  });
}));

const kLost = [/ERR_/, /Failed to load resource/];

browserTest('through a restart of the server nothing is lost, and nothing comes twice', () => withServer([], async (server) => {
  await fill(server, numbered(0, 10));
  await withPage(server, { address: '#/tail?q=number', height: 3000, expected: kLost }, async (page) => {
    await connection(page, 'Live');
    await until(async () => await rows(page).count() === 10, 'the lines that are there');
    // Not one event has come yet when the server goes.
    await server.stop();
    await connection(page, 'Connection lost');
    await server.start();
    await fill(server, numbered(10, 30));
    await received(page, '20 lines');
    await fill(server, numbered(30, 40));
    await received(page, '30 lines');
    await server.stop();
    await connection(page, 'Connection lost');
    await server.start();
    await fill(server, numbered(40, 60));
    await connection(page, 'Live');
    await received(page, '50 lines');
    await until(async () => await rows(page).count() === 60, 'all lines');
    assert.deepEqual(await texts(page), expectedTexts(0, 60));
  });
}));

browserTest('eight tabs side by side all follow, and leave a search its connection', () => withServer([], async (server) => {
  await fill(server, numbered(0, 5));
  await withPage(server, { address: '#/tail?q=number' }, async (page) => {
    // A browser has six connections to a server for all its tabs, and as many WebSockets as it likes.
    const tabs = [page];
    while (tabs.length < 8) {
      const tab = await page.context().newPage();
      await tab.goto(`${server.url}#/tail?q=number`);
      tabs.push(tab);
    }
    for (const tab of tabs) await connection(tab, 'Live');
    const search = await page.context().newPage();
    await search.goto(`${server.url}#/search?q=number`);
    await until(async () => await rows(search).count() === 5, 'the lines of a search');
    await fill(server, numbered(5, 6));
    for (const tab of tabs) await until(async () => (await texts(tab)).join() === expectedTexts(0, 6).join(), 'the line in each');
  });
}));

browserTest('who must sign in follows as well', () => withServer(['--token', 'tök:a/c+c?'], async (server) => {
  await withPage(server, { address: '#/tail', expected: [/status of 401/, /WebSocket connection to/] }, async (page) => {
    const enter = async (account) => {
      await page.getByLabel('Token').fill('tök');
      await page.getByLabel('Account').fill(account);
      await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    };
    await enter('a/c+c?');
    await connection(page, 'Live');
    await fill(server, numbered(0, 3), Buffer.from('tök:a/c+c?').toString('base64'));
    await until(async () => (await texts(page)).join() === expectedTexts(0, 3).join(), 'the lines');
  });
}));

browserTest('a tab that nobody looks at follows nothing, and loses nothing', () => withServer([], async (server) => {
  await fill(server, numbered(0, 5));
  await withPage(server, { address: '#/tail?q=number', clock: true }, async (page) => {
    await connection(page, 'Live');
    await until(async () => await rows(page).count() === 5, 'the lines that are there');
    await hide(page, true);
    await until(async () => {
      await page.clock.fastForward(15_000);
      return (await server.call('GET', 'api/v1/connections')).connections.every(({ following }) => following.length === 0);
    }, 'the end of the stream');
    await fill(server, numbered(5, 8));
    await received(page, '0 lines');
    await hide(page, false);
    await received(page, '3 lines');
    await connection(page, 'Live');
    await until(async () => (await texts(page)).join() === expectedTexts(0, 8).join(), 'all lines, once');
  });
}));

browserTest('what a long pause cannot hold is kept by the server; what the list cannot hold is told', () => withServer([], async (server) => {
  await withPage(server, { address: '#/tail' }, async (page) => {
    await connection(page, 'Live');
    await page.getByText('No line yet.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    for (let from = 0; from < 12_000; from += 4000) await fill(server, numbered(from, from + 4000));
    await page.getByText('10,000 lines wait, more are kept by the server').waitFor();
    await page.locator('.tail-rate').filter({ hasText: 'Lines/s not known' }).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await received(page, '12,000 lines');
    await page.getByText('Older lines are not shown any more: 2,000').waitFor();
    await until(async () => (await texts(page)).at(-1) === 'number 11999', 'the newest line');
    assert.ok(await rows(page).count() < 200);
    await grid(page).focus();
    await page.keyboard.press('Home');
    await until(async () => (await texts(page))[0] === 'number 2000', 'the oldest line that is kept');
  });
}));

browserTest('hostile lines are text, and the keyboard does it all', () => withServer([], (server) => withPage(server, { address: '#/tail' }, async (page) => {
  await connection(page, 'Live');
  const hostile = ['<img src=x onerror="document.title=1">', 'esc \u001b[2J \u0000 \u202egpj', `${'x'.repeat(200_000)}`];
  await fill(server, hostile.map((message) => ({ host: '<b>web</b>', log: 'app', time: Date.now(), message })));
  await until(async () => await rows(page).count() === 3, 'the lines');
  const [first, second, third] = await texts(page);
  assert.deepEqual([first, second], [hostile[0], 'esc \u241b[2J \u2400 \u2194gpj']);
  assert.ok(hostile[2].startsWith(third) && third.length < 2000, `${third.length} characters of a very long line`);
  assert.equal(await page.locator('main :is(img, b)').count(), 0);
  assert.equal(await page.title(), 'Live tail – nm-store');
  assert.equal(await overflows(page), false);
  await grid(page).focus();
  await page.keyboard.press('Space');
  await connection(page, 'Paused');
  await page.keyboard.press('s');
  await connection(page, 'Live');
  await page.keyboard.press('g');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Line' }).getByText(hostile[0]).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('x');
  await until(async () => await rows(page).count() === 0, 'the list to be empty');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys and queries' }).waitFor();
})));

browserTest('a query that cannot be read marks its place', () => withServer([], (server) => withPage(server, { address: '#/tail?q=(a', expected: [/status of 400/, /WebSocket connection to .* 400/] }, async (page) => {
  await page.getByRole('alert').filter({ hasText: 'column 3' }).waitFor();
  await page.getByRole('combobox', { name: 'Query' }).fill('a');
  await page.getByRole('button', { name: 'Follow' }).click();
  await connection(page, 'Live');
})));

for (const width of [1280, 380]) {
  browserTest(`the tail is accessible, ${width} px wide`, () => withServer([], async (server) => {
    await fill(server, numbered(0, 50, { level: 'error' }));
    await withPage(server, { width, address: '#/tail?q=number', expected: kLost }, async (page) => {
      const well = async (what) => {
        assert.deepEqual(await accessFaults(page), [], what);
        assert.equal(await overflows(page), false, what);
      };
      await until(async () => (await texts(page)).at(-1) === 'number 49', 'the lines');
      await connection(page, 'Live');
      await well('live');
      await grid(page).focus();
      await page.keyboard.press('g');
      await page.getByRole('button', { name: 'Pause' }).click();
      await well('paused, and scrolled up');
      await server.stop();
      await connection(page, 'Connection lost');
      await well('without a server');
      await server.start();
    });
  }));
}
