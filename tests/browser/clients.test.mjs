// Clients, one client, one of its logs, and what an agent is told from here.
import assert from 'node:assert/strict';
import { cellsOf, fleet, heard, kHostile, setRows, tabTo } from './agents.mjs';
import { accessFaults, browserTest, fill, overflows, someLines, until, withPage, withServer } from './page.mjs';

const withClients = (options, body) => withServer([], async (server) => {
  await fleet(server);
  await withPage(server, { address: '#/clients', ...options }, (page) => body(page, server));
});
const kLog = encodeURIComponent('_var_log_syslog');
const rowOf = (page, name) => page.locator('tbody tr').filter({ has: page.locator('td:first-child').getByText(name, { exact: true }) });
const texts = (row) => row.locator('td').allTextContents();

browserTest('the list has each client with its tag, address, state, logs and plugins', () => withClients({}, async (page) => {
  await rowOf(page, 'front').getByText('2', { exact: true }).waitFor();
  assert.deepEqual((await texts(rowOf(page, 'front'))).slice(0, 3), ['front', 'web1', 'reports']);
  assert.deepEqual((await texts(rowOf(page, 'front'))).slice(4, 6), ['2', '1']);
  assert.deepEqual((await texts(rowOf(page, 'db1'))).slice(4, 6), ['1', '2']);
  assert.equal((await texts(rowOf(page, 'gone1')))[2], 'silent');
  assert.match((await texts(rowOf(page, 'gone1')))[3], /^2 h.* ago$/);
  await page.getByText('5 clients, 2 silent for 10 minutes').waitFor();
  assert.equal(await page.locator('main img').count(), 0);

  await page.getByRole('button', { name: 'Last seen' }).click();
  assert.equal(await page.locator('tbody td:first-child').first().textContent(), 'gone1');
  await page.getByLabel('Filter').fill('WEB');
  await page.getByText('1 of 5 clients').waitFor();
  assert.match(page.url(), /q=WEB/);
  await page.getByLabel('Filter').fill('');
  await page.getByLabel('Show').selectOption('down');
  await page.getByText('2 of 5 clients').waitFor();
}));

browserTest('how the list is sorted, and its page, stand in the address: back comes back to them', () => withServer([], async (server) => {
  await heard(server, Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`c${i}`, 1000 + i * 1000])));
  await withPage(server, { address: '#/clients' }, async (page) => {
    const first = page.locator('tbody td:first-child').first();
    await page.getByRole('button', { name: 'Client', exact: true }).click();
    await first.getByText('c129', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await first.getByText('c29', { exact: true }).waitFor();
    await rowOf(page, 'c7').getByRole('link').click();
    await page.getByRole('heading', { name: 'c7' }).waitFor();
    await page.goBack();
    await first.getByText('c29', { exact: true }).waitFor();
    await page.reload();
    await first.getByText('c29', { exact: true }).waitFor();
    await page.getByLabel('Filter').fill('c1');
    await first.getByText('c129', { exact: true }).waitFor();
  });
}));

// What is needed of each row is seen without scrolling sideways.
browserTest('at 380 px a client shows when it was seen and its buttons', () => withClients({ width: 380 }, async (page) => {
  const row = rowOf(page, 'gone1');
  await row.getByText(/^2 h.* ago$/).waitFor();
  for (const shown of [row.getByText(/^2 h.* ago$/), row.getByRole('button', { name: 'Tag gone1' }), row.getByRole('button', { name: 'Remove gone1' })]) {
    await shown.scrollIntoViewIfNeeded();
    const { x, width } = await shown.boundingBox();
    assert.ok(x >= 0 && x + width <= 380, `from ${x}, ${width} wide`);
  }
  assert.ok(await page.locator('.table-frame').evaluate((frame) => frame.scrollWidth <= frame.clientWidth), 'nothing is behind a sideways scroll');
  // Without the head of the table it is sorted all the same.
  await page.getByRole('button', { name: 'Last seen' }).click();
  await page.locator('tbody tr').first().getByText('gone1').first().waitFor();
}));

browserTest('a tag is set and taken away, with the keyboard alone', () => withClients({}, async (page, server) => {
  const tag = page.getByRole('button', { name: 'Tag db1' });
  await tabTo(page, tag);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Tag of db1' }).waitFor();
  await tabTo(page, page.getByLabel('Tag', { exact: true }));
  await page.keyboard.type(`the ${kHostile}`);
  await page.keyboard.press('Enter');
  await rowOf(page, `the ${kHostile}`).waitFor();
  assert.deepEqual((await server.call('GET', 'api/v1/tags')).tags.find((each) => each.client === 'db1').tag, `the ${kHostile}`);
  await tabTo(page, tag);
  await page.keyboard.press('Enter');
  await page.getByLabel('Tag', { exact: true }).fill('');
  await page.keyboard.press('Enter');
  await rowOf(page, 'db1').waitFor();
  assert.ok(!(await server.call('GET', 'api/v1/tags')).tags.some((each) => each.client === 'db1'));
}));

browserTest('a client is removed after a question that says what goes', () => withClients({}, async (page, server) => {
  const remove = page.getByRole('button', { name: 'Remove old1' });
  const dialog = page.getByRole('dialog', { name: 'Remove the client old1?' });
  await remove.click();
  await dialog.getByText('Also remove what it wrote: 1 day of logs and readings, for ever').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await server.call('GET', 'api/v1/search?q=client:old1')).entries.length, 1);

  // Its lines may stay; then it stays in the list by them.
  await remove.click();
  await dialog.getByText('so it stays in the list').waitFor();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('old1 was removed.').waitFor();
  assert.ok(!('old1' in (await cellsOf(server, 'clients'))));
  assert.equal((await server.call('GET', 'api/v1/search?q=client:old1')).entries.length, 1);

  await remove.click();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Remove with what it wrote…' }).click();
  // For ever: that takes the name.
  const sure = dialog.getByRole('button', { name: 'Remove with what it wrote', exact: true });
  await dialog.getByLabel('Type its name, old1').fill('old');
  assert.equal(await sure.isDisabled(), true);
  await dialog.getByLabel('Type its name, old1').fill('old1');
  await sure.click();
  await rowOf(page, 'old1').waitFor({ state: 'detached' });
  assert.equal((await server.call('GET', 'api/v1/search?q=client:old1')).entries.length, 0);
  assert.ok((await server.call('GET', 'api/v1/search?q=client:web1')).entries.length > 0);
}));

browserTest('a client whose name nobody can type is removed, too, with what it wrote', () => withClients({}, async (page, server) => {
  await fill(server, [{ host: 'bell\u0007', log: 'x', message: 'of the bell' }]);
  await page.reload();
  const removes = page.getByRole('button', { name: /^Remove bell/ });
  await removes.click();
  await page.getByRole('dialog').getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Remove with what it wrote', exact: true }).click();
  await removes.waitFor({ state: 'detached' });
  assert.equal((await server.call('GET', 'api/v1/search?q=bell')).entries.length, 0);
}));

browserTest('a client whose name stands for others takes none with it', () => withClients({}, async (page, server) => {
  await heard(server, { '*': 1000 });
  await fill(server, [{ host: '*', log: 'x', message: 'of the star' }]);
  await page.reload();
  await page.getByRole('button', { name: 'Remove *' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove the client *?' });
  await dialog.getByText('signs that stand for other names').waitFor();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('* was removed.').waitFor();
  assert.ok((await server.call('GET', 'api/v1/search?q=client:web1')).entries.length > 0);
}));

browserTest('a client that begins to report is seen without a reload', () => withClients({ clock: true }, async (page, server) => {
  await rowOf(page, 'gone1').getByText('silent').waitFor();
  await heard(server, { gone1: 0, new1: 0 });
  await page.clock.fastForward(11_000);
  await rowOf(page, 'gone1').getByText('reports').waitFor();
  await rowOf(page, 'new1').waitFor();
}));

browserTest('one client has its logs, newest lines and charts; a log and a plugin are removed', () => withClients({ address: '#/clients?client=web1' }, async (page, server) => {
  await page.getByRole('heading', { name: 'front', level: 1 }).waitFor();
  await rowOf(page, '/var/log/nginx').waitFor();
  assert.equal(await page.getByRole('list', { name: 'Newest lines' }).locator('li').count(), 20);
  assert.match(await rowOf(page, '/var/log/syslog').getByRole('link', { name: 'Search' }).getAttribute('href'), /^#\/search\?q=client%3A%22web1%22\+log%3A%22_var_log_syslog%22/);
  await page.getByRole('button', { name: 'Remove the log /var/log/nginx' }).click();
  await page.getByRole('dialog').getByText('1 day of logs').waitFor();
  await page.getByRole('dialog').getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Remove with what it wrote…' }).click();
  await page.getByLabel('Type its name, /var/log/nginx').fill('/var/log/nginx');
  await page.keyboard.press('Enter');
  await rowOf(page, '/var/log/nginx').waitFor({ state: 'detached' });
  assert.deepEqual((await server.call('GET', 'api/v1/logs?client=web1')).logs.map((each) => each.log), ['_var_log_syslog']);

  await page.getByRole('link', { name: 'Plugins', exact: true }).last().click();
  await page.getByRole('region', { name: 'lsof, in numbers' }).locator('tbody tr').waitFor();
  await page.locator('.chart canvas').first().waitFor();
  await page.getByRole('button', { name: 'Remove the plugin lsof' }).click();
  await page.getByRole('dialog').getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Remove with what it wrote…' }).click();
  await page.getByLabel('Type its name, lsof').fill('lsof');
  await page.keyboard.press('Enter');
  await page.getByText('It has no plugins.').waitFor();
  assert.deepEqual(await cellsOf(server, 'web1:plugins'), {});
}));

browserTest('its lines are there as they are written, and can be held', () => withClients({ address: '#/clients?client=web1&tab=live' }, async (page, server) => {
  await page.getByText('live', { exact: true }).waitFor();
  // Held before anything has come.
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused', { exact: true }).waitFor();
  await fill(server, [{ host: 'web1', log: 'app', message: 'the first' }]);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('1 line received').waitFor();
  await fill(server, [{ host: 'web1', log: 'app', message: `one ${kHostile}` }, { host: 'db1', log: 'app', message: 'of another' }]);
  const lines = page.getByRole('list', { name: 'Lines of web1 as they come' });
  await lines.getByText(`one ${kHostile}`).waitFor();
  await page.getByText('2 lines received').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused', { exact: true }).waitFor();
  await fill(server, [{ host: 'web1', log: 'app', message: 'while it was held' }]);
  await page.getByRole('button', { name: 'Start' }).click();
  await lines.getByText('while it was held').waitFor();
  assert.deepEqual(await lines.locator('.entry-line').allTextContents(), ['while it was held', `one ${kHostile}`, 'the first'], 'newest on top, none twice');
  assert.equal(await page.locator('main img').count(), 0);
}));

browserTest('what an agent tails and its settings are edited, and told on its channel', () => withClients({ address: '#/clients?client=web1&tab=config' }, async (page, server) => {
  const stream = await fetch(`${server.url}api/v1/channel?channel=/CFUTF8Type/web1:config`);
  const told = [];
  const reading = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const part of stream.body) {
      const pieces = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = pieces.pop();
      for (const { columnname, columnvalue } of pieces.map((piece) => JSON.parse(piece))) if (columnname) told.push([columnname, columnvalue]);
    }
  })().catch(() => undefined);

  const logs = page.getByLabel('Logs', { exact: true });
  await logs.fill('var/log/x');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('var/log/x: expected a path').waitFor();
  await logs.fill('/var/log/x\n\n /var/log/y z \n/var/log/x');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The agent is told to tail 2 logs.').waitFor();
  await page.getByLabel('Setting', { exact: true }).fill('df.interval');
  await page.getByLabel('Value', { exact: true }).fill('60 %41&=');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await rowOf(page, 'df.interval').waitFor();
  assert.deepEqual(await cellsOf(server, 'web1:config'), { 'df.interval': '60 %41&=', tail: '/var/log/x\n/var/log/y z' });

  await page.getByRole('button', { name: 'Edit the setting df.interval' }).click();
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), '60 %41&=');
  await page.getByRole('button', { name: 'Remove the setting df.interval' }).click();
  await page.getByRole('dialog', { name: 'Remove the setting df.interval?' }).waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
  await page.getByText('Nothing is set').waitFor();
  assert.deepEqual(await cellsOf(server, 'web1:config'), { tail: '/var/log/x\n/var/log/y z' });
  await until(() => told.length >= 3, 'what is told');
  assert.deepEqual(told, [['tail', '/var/log/x\n/var/log/y z'], ['df.interval', '60 %41&='], ['df.interval', '']]);
  await stream.body.cancel().catch(() => undefined);
  void reading;
}));

browserTest('what somebody else has saved meanwhile is not written over without a question, and what is typed is not lost', () => withClients({ address: '#/clients?client=web1&tab=config' }, async (page, server) => {
  const saved = async () => (await cellsOf(server, 'web1:config')).tail;
  const saveElsewhere = (tail) => setRows(server, { 'web1:config': { tail } });
  const logs = page.getByLabel('Logs', { exact: true });
  const question = page.getByRole('dialog', { name: 'Save over what somebody else has saved?' });
  await logs.waitFor();
  await saveElsewhere('/var/log/theirs');
  await logs.fill('/var/log/mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await question.waitFor();
  assert.deepEqual(await question.locator('pre').allTextContents(), ['/var/log/theirs', '/var/log/mine']);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('It was changed by somebody else since.').waitFor();
  assert.deepEqual([await saved(), await logs.inputValue()], ['/var/log/theirs', '/var/log/mine']);

  await page.getByRole('button', { name: 'Save' }).click();
  await question.getByRole('button', { name: 'Save over it' }).click();
  await page.getByText('The agent is told to tail 1 log.').waitFor();
  assert.equal(await saved(), '/var/log/mine');
  await logs.fill('/var/log/other');
  await saveElsewhere('/var/log/theirs again');
  await page.getByRole('button', { name: 'Save' }).click();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'As it was' }).click();
  assert.equal(await logs.inputValue(), '/var/log/theirs again');

  // A setting, too, of which the list here knows nothing yet.
  await setRows(server, { 'web1:config': { 'df.interval': '60' } });
  await page.getByLabel('Setting', { exact: true }).fill('df.interval');
  await page.getByLabel('Value', { exact: true }).fill('5');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await question.waitFor();
  assert.deepEqual(await question.locator('pre').allTextContents(), ['60', '5']);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await rowOf(page, 'df.interval').filter({ hasText: '60' }).waitFor();

  // Who leaves is asked.
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' });
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await leave.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), '5');
  await logs.fill('/var/log/typed');
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await leave.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
}));

browserTest('a log is read a day at a time, filtered, counted, and told by its words', () => withServer([], async (server) => {
  const noon = Date.parse('2025-03-10T12:00:00Z');
  await fill(server, [...someLines('a1', 'app', 1200, noon), ...someLines('a1', 'app', 3, noon + 86_400_000), ...someLines('a1', 'app', 30)]);
  await withPage(server, { address: '#/clients?client=a1&log=app&day=2025-03-10' }, async (page) => {
    await page.getByText('1,000 of 1,000 lines that are loaded; there are older ones').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 25);
    assert.match(await page.locator('tbody tr').first().textContent(), /^2025-03-10 12:00:00.000/);
    await page.getByLabel('Rows').selectOption('100');
    await page.locator('tbody tr').nth(99).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('101–200 of 1,000').waitFor();
    // Pages stand in the address, and lead both ways.
    const pages = page.getByRole('navigation', { name: 'Pages of the day' });
    await pages.getByRole('link', { name: 'Older 1,000' }).click();
    await page.getByText('200 of 200 lines that are loaded').waitFor();
    await pages.getByRole('link', { name: 'Newer 1,000' }).click();
    await page.getByText('1,000 of 1,000 lines that are loaded; there are older ones').waitFor();
    assert.match(await page.locator('tbody tr').first().textContent(), /^2025-03-10 12:00:00.000/);
    await page.goBack();
    await page.getByText('200 of 200 lines that are loaded').waitFor();
    await page.reload();
    await page.getByText('200 of 200 lines that are loaded').waitFor();
    await page.getByLabel('Filter what is loaded').fill('REQUEST 7 ');
    await page.getByText('1 of 200 lines').waitFor();
    await page.getByRole('button', { name: 'The day after' }).click();
    await page.waitForURL(/day=2025-03-11/);
    await page.getByLabel('Filter what is loaded').fill('');
    await page.getByText('3 of 3 lines').waitFor();

    await page.getByRole('link', { name: 'Count', exact: true }).click();
    await page.getByText('30 lines').waitFor();
    await page.getByLabel('Text to find').fill('of user3 took');
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByText('4 lines with of user3 took').waitFor();
    await page.getByLabel('Text to find').fill('ques');
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByText('30 lines with ques').waitFor(); // also parts of words
    const words = page.getByRole('region', { name: 'Words of today' }).locator('tbody tr');
    assert.deepEqual(await texts(words.filter({ hasText: 'request' })), ['request', '30']);
  });
}));

browserTest('a log has the name that its lines have, and leads to the others of its client', () => withServer([], async (server) => {
  await fill(server, [...someLines('a1', '/var/log/app.log', 3), ...someLines('a1', 'other', 5)]);
  await withPage(server, { address: '#/clients?client=a1' }, async (page) => {
    await page.getByRole('link', { name: '/var/log/app.log', exact: true }).waitFor();
    await page.getByRole('link', { name: 'other', exact: true }).click();
    await page.getByRole('link', { name: 'Count', exact: true }).click();
    await page.getByText('5 lines').waitFor();
    await page.getByLabel('Log of this client').selectOption('_var_log_app.log');
    await page.getByRole('heading', { name: '/var/log/app.log', level: 1 }).waitFor();
    await page.getByText('3 lines').waitFor();
    assert.match(page.url(), /log=_var_log_app.log&tab=count/);
  });
}));

browserTest('hostile names of clients and logs are text wherever they lead', () => withClients({}, async (page) => {
  await page.getByRole('link', { name: kHostile }).click();
  await page.getByRole('heading', { name: kHostile, level: 1 }).waitFor();
  await page.getByRole('list', { name: 'Newest lines' }).getByText(`SEVERE: ${kHostile}`).waitFor();
  await page.getByRole('region', { name: 'Logs' }).locator('tbody a').first().click();
  await page.getByText('1 of 1 line').waitFor();
  assert.equal(await page.locator('main img').count(), 0);
}));

for (const width of [1280, 380]) {
  browserTest(`clients are accessible, ${width} px wide`, () => withClients({ width }, async (page, server) => {
    await setRows(server, { 'web1:config': { tail: '/var/log/x', 'df.interval': '60' } });
    const look = async (address, shown) => {
      await page.goto(`${server.url}${address}`);
      await shown.first().waitFor();
      assert.deepEqual(await accessFaults(page), [], address);
      assert.equal(await overflows(page), false, address);
    };
    await look('#/clients', rowOf(page, 'front'));
    await look('#/clients?client=web1', rowOf(page, '/var/log/syslog'));
    await look('#/clients?client=web1&tab=plugins', page.locator('.chart canvas'));
    await look('#/clients?client=web1&tab=live', page.getByText('live', { exact: true }));
    await look('#/clients?client=web1&tab=config', rowOf(page, 'df.interval'));
    await look(`#/clients?client=web1&log=${kLog}`, page.locator('td.line'));
    await look(`#/clients?client=web1&log=${kLog}&tab=count`, page.locator('.chart canvas'));
    await look('#/clients', rowOf(page, 'old1'));
    await page.getByRole('button', { name: 'Remove old1' }).click();
    await page.getByRole('dialog').getByRole('checkbox').waitFor();
    assert.deepEqual(await accessFaults(page), [], 'with a question');
  }));
}
