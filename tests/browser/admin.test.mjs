// The admin's view: figures, what is stored as it is, and long work on the store.
import assert from 'node:assert/strict';
import { accessFaults, browserTest, fill, overflows, pageTool, someLines, until, withPage, withServer } from './page.mjs';

const kHostile = '<img src=x onerror=alert(1)>';
const data = (family, more = '') => `#/admin?tab=data&family=${family}${more}`;

const write = (server, family, rowkeys) => server.call('POST', `v0.3/DATA/${family}`, { body: JSON.stringify({ rowkeys }) });
const cells = (count, value) => Array.from({ length: count }, (_, i) => ({ columnname: String(i).padStart(5, '0'), columnvalue: value(i) }));
const row = (page, table, text) => page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });
const sure = (page, name) => page.getByRole('dialog').getByRole('button', { name }).click();

browserTest('a row is found among 2,500 by its prefix, and pages lead through all of them', () => withServer([], async (server) => {
  await write(server, 'CFUTF8Type', Array.from({ length: 2500 }, (_, i) => ({ rowkey: `host${String(i).padStart(4, '0')}:logs`, columns: [{ columnname: 'x', columnvalue: '1' }] })));
  await withPage(server, { address: '#/admin' }, async (page) => {
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'CFUTF8Type' }).click();
    const list = page.getByRole('list', { name: 'Rows', exact: true });
    await list.getByRole('link', { name: 'host0000:logs' }).waitFor();
    await page.getByLabel('Rows that begin with').fill('host1234');
    await page.getByRole('button', { name: 'Find' }).click();
    await list.getByRole('link', { name: 'host1234:logs' }).waitFor();
    await until(async () => (await list.getByRole('link').count()) === 1, 'the one row');
    await page.getByLabel('Rows that begin with').fill('host1');
    await page.getByRole('button', { name: 'Find' }).click();
    await list.getByRole('link', { name: 'host1000:logs' }).waitFor();
    let found = 0;
    for (;;) {
      found += await list.getByRole('link').count();
      const next = page.getByRole('link', { name: 'Next page' });
      if ((await next.count()) === 0) break;
      const last = `host${1000 + found - 1}:logs`;
      await list.getByRole('link', { name: last }).waitFor();
      await next.click();
      await list.getByRole('link', { name: `host${1000 + found}:logs` }).waitFor();
    }
    assert.equal(found, 1000);
    await page.reload();
    await list.getByRole('link', { name: 'host1999:logs' }).waitFor();
    await page.getByRole('link', { name: 'First page' }).click();
    await list.getByRole('link', { name: 'host1000:logs' }).waitFor();
    await page.getByLabel('Rows that begin with').fill('nothing');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No row begins so.').waitFor();
  });
}));

browserTest('a row of 2,500 cells is paged through in both orders, and a value is shown whole', () => withServer([], async (server) => {
  const long = `${'long '.repeat(500)}end of it`;
  await write(server, 'CFUTF8Type', [{ rowkey: 'big', columns: cells(2500, (i) => (i === 0 ? escape(JSON.stringify({ date: 1, returned: `${kHostile}\n${long}` })) : `value ${i}`)) }]);
  await withPage(server, { address: data('CFUTF8Type', '&row=big') }, async (page) => {
    const body = page.getByRole('table', { name: 'Cells of big' }).locator('tbody tr');
    const first = body.first();
    await first.getByText('00000', { exact: true }).waitFor();
    assert.equal(await body.count(), 1000);
    assert.equal((await first.textContent()).includes('end of it'), false, 'only the beginning of a value stands in the table');
    await first.getByRole('button', { name: 'Show 00000' }).click();
    const value = page.getByRole('dialog', { name: 'Value of 00000' });
    await value.getByText('As it is read').waitFor();
    assert.equal(await value.locator('pre').first().textContent(), JSON.stringify({ date: 1, returned: `${kHostile}\n${long}` }, null, 2));
    assert.ok((await value.locator('pre').nth(1).textContent()).startsWith('%7B%22date%22'));
    assert.deepEqual(await accessFaults(page), []);
    await page.keyboard.press('Escape');
    await value.waitFor({ state: 'detached' });

    const next = page.getByRole('link', { name: 'Next page' });
    await next.click();
    await first.getByText('01000', { exact: true }).waitFor();
    await next.click();
    await first.getByText('02000', { exact: true }).waitFor();
    assert.equal(await body.count(), 500);
    assert.equal(await next.count(), 0);
    await page.getByLabel('Go to a name').fill('0123');
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await first.getByText('01230', { exact: true }).waitFor();
    assert.match(page.url(), /at=0123/);
    await page.getByRole('link', { name: 'Last to first' }).click();
    await first.getByText('02499', { exact: true }).waitFor();
    await next.click();
    await first.getByText('01499', { exact: true }).waitFor();
    await page.goBack();
    await first.getByText('02499', { exact: true }).waitFor();
  });
}));

browserTest('a cell, a row and a family are deleted once somebody is sure', () => withServer([], async (server) => {
  const odd = `a/b?c=d&e ${kHostile}`;
  await server.call('POST', 'v0.3/COLUMNFAMILY/Scratch/UTF8Type');
  await write(server, 'Scratch', [{ rowkey: odd, columns: [{ columnname: 'keep/it', columnvalue: '1' }, { columnname: 'drop/it?', columnvalue: '2' }] }, { rowkey: 'other', columns: [{ columnname: 'x', columnvalue: '3' }] }]);
  const stored = async (key) => (await server.call('GET', `api/v1/row?family=Scratch&row=${encodeURIComponent(key)}`)).cells.map((cell) => cell.column);
  await withPage(server, { address: data('Scratch') }, async (page) => {
    await page.getByRole('link', { name: odd }).click();
    const caption = `Cells of ${odd}`;
    await row(page, caption, 'drop/it?').getByRole('button', { name: 'Delete drop/it?' }).click();
    await sure(page, 'Cancel');
    assert.deepEqual(await stored(odd), ['drop/it?', 'keep/it']);
    await row(page, caption, 'drop/it?').getByRole('button', { name: 'Delete drop/it?' }).click();
    await sure(page, 'Delete');
    await row(page, caption, 'drop/it?').waitFor({ state: 'detached' });
    assert.deepEqual(await stored(odd), ['keep/it']);

    await page.getByRole('button', { name: 'Delete the row' }).click();
    await page.getByRole('dialog').getByText(odd).waitFor();
    await sure(page, 'Delete');
    await page.getByRole('link', { name: 'other' }).waitFor();
    assert.equal(await page.getByRole('link', { name: odd }).count(), 0);

    await page.getByRole('link', { name: 'All families' }).click();
    await page.getByRole('button', { name: 'Drop Scratch' }).click();
    const yes = page.getByRole('dialog').getByRole('button', { name: 'Drop it' });
    assert.equal(await yes.isDisabled(), true);
    await page.getByRole('dialog').getByRole('textbox').fill('scratch');
    assert.equal(await yes.isDisabled(), true, 'the name is not this one');
    await page.getByRole('dialog').getByRole('textbox').fill('Scratch');
    await yes.click();
    await row(page, 'All families', 'Scratch').waitFor({ state: 'detached' });
    assert.deepEqual((await server.call('GET', 'api/v1/families')).families.map((family) => family.name), ['CFLongType', 'CFUTF8Type']);
  });
}));

browserTest('a row and a cell whose names are no UTF-8 are shown and deleted', () => withServer([], async (server) => {
  await server.call('POST', 'v0.3/DATA/CFLongType/row%FFend', { body: '7=one&8=two%FE', type: 'application/x-www-form-urlencoded' });
  await withPage(server, { address: data('CFLongType') }, async (page) => {
    await page.getByRole('link', { name: /^row.end$/ }).click();
    await page.getByRole('button', { name: 'Delete 7' }).click();
    await sure(page, 'Delete');
    await page.getByRole('button', { name: 'Delete 7' }).waitFor({ state: 'detached' });
    assert.deepEqual((await server.call('GET', 'api/v1/row?row=row%FFend')).cells, [{ column: '8', value: 'two\udcfe' }]);
    await page.reload();
    await page.getByRole('button', { name: 'Delete 8' }).waitFor();
    await page.getByRole('button', { name: 'Delete the row' }).click();
    await sure(page, 'Delete');
    await page.getByText('The family has no rows.').waitFor();
  });
}));

browserTest('the names of a time family are told as times, newest first if wished', () => withServer([], async (server) => {
  const at = Date.UTC(2026, 0, 31, 12);
  await fill(server, someLines('web1', 'app', 3, at));
  await withPage(server, { address: data('CFLongType', '&row=web1:logs:app:2026:0:31') }, async (page) => {
    await row(page, 'Cells of web1:logs:app:2026:0:31', '2026-01-31 11:59:58.000').waitFor();
    await page.getByRole('link', { name: 'Newest first' }).click();
    await page.getByRole('table').locator('tbody tr').first().getByText('2026-01-31 12:00:00.000').waitFor();
  });
}));

browserTest('figures, connections and counters are shown, and follow the server', () => withServer([], async (server) => {
  await server.call('POST', 'v0.3/COUNTER/connections/connections-total', { body: 'increment=41', type: 'application/x-www-form-urlencoded' });
  await server.call('POST', 'v0.3/COUNTER/web1:logs:app:2026:0:31/logs', { body: 'increment=1234', type: 'application/x-www-form-urlencoded' });
  await fill(server, someLines('web1', 'app', 20));
  await withPage(server, { address: '#/admin', clock: true }, async (page) => {
    const socket = new (pageTool('ws').WebSocket)(server.url.replace('http', 'ws')); // as the old page opens
    try {
      await until(() => socket.readyState === socket.OPEN, 'the session');
      await page.getByText('ok', { exact: true }).waitFor();
      await page.clock.fastForward(6000);
      await row(page, 'Sessions', 'page-').waitFor();
      await row(page, 'Counters of connections', 'connections-total').waitFor();
      await row(page, 'Numbers of the store', 'lines_written').filter({ hasText: '20' }).waitFor();
    } finally {
      socket.close();
    }
    await until(async () => (await server.call('GET', 'api/v1/users')).users.length === 0, 'the end of the session');
    await page.clock.fastForward(6000);
    await page.getByText('No session of the old page is connected.').waitFor();
    await page.getByRole('link', { name: 'Counters' }).click();
    await page.getByLabel('Rows that begin with').fill('web1:');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'web1:logs:app:2026:0:31' }).click();
    await row(page, 'Counters of web1:logs:app:2026:0:31', 'logs').filter({ hasText: '1,234' }).waitFor();
  });
}));

browserTest('who has this page open is listed, with what they follow, to an admin', () => withServer([], (server) => withPage(server, { address: '#/admin', clock: true }, async (page) => {
  const me = row(page, 'Browsers', '127.0.0.1');
  await me.filter({ hasText: /Chrome \d+ on Linux/ }).waitFor();
  const held = await fetch(`${server.url}api/v1/tail`); // as a program does
  await page.clock.fastForward(6000);
  await row(page, 'Programs', 'node').filter({ hasText: 'lines' }).waitFor();
  await held.body.cancel();
  const other = await page.context().newPage();
  await other.goto(`${server.url}#/tail`);
  await other.getByText('Live', { exact: true }).first().waitFor();
  await page.clock.fastForward(6000);
  await me.filter({ hasText: 'lines' }).waitFor();
  await other.close();
  await until(async () => (await server.call('GET', 'api/v1/connections')).connections.every(({ following }) => following.length === 0), 'the end of the stream');
  await page.clock.fastForward(6000);
  await me.filter({ hasText: 'lines' }).waitFor({ state: 'detached' });
  await page.goto(`${server.url}#/dashboard`);
  await page.getByRole('listitem').filter({ hasText: /Chrome \d+ on Linux, 127\.0\.0\.1/ }).waitFor();
})));

browserTest('a counter, and all of a row, are deleted once somebody is sure', () => withServer([], async (server) => {
  for (const name of ['a', 'b', 'c']) await server.call('POST', `v0.3/COUNTER/counted/${name}`, { body: 'increment=7', type: 'application/x-www-form-urlencoded' });
  const left = async () => (await server.call('GET', 'api/v1/counters?row=counted')).counters.map((counter) => counter.column);
  await withPage(server, { address: '#/admin?tab=counters&row=counted' }, async (page) => {
    await page.getByRole('button', { name: 'Delete b' }).click();
    await page.getByRole('dialog', { name: 'Delete the counter?' }).getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(await left(), ['a', 'b', 'c']);
    await page.getByRole('button', { name: 'Delete b' }).click();
    await sure(page, 'Delete');
    await page.getByRole('button', { name: 'Delete b' }).waitFor({ state: 'detached' });
    assert.deepEqual(await left(), ['a', 'c']);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await sure(page, 'Delete');
    await page.getByText('Nothing has been counted.').waitFor();
    assert.deepEqual(await left(), []);
  });
}));

browserTest('compaction, backup, verify, reindex and retention run, and tell what came of it', () => withServer([], async (server) => {
  await fill(server, someLines('web1', 'app', 500));
  await fill(server, someLines('web1', 'old', 5, Date.UTC(2020, 0, 31, 12)));
  await withPage(server, { address: '#/admin?tab=work', expected: [/status of 400/] }, async (page) => {
    const job = (name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) }).first();
    const done = (name, text) => job(name).filter({ hasText: 'done' }).filter({ hasText: text }).waitFor();
    await page.getByText('There are none yet.').waitFor();
    await page.getByRole('button', { name: 'Compact now' }).click();
    await done('Compaction', 'disk bytes');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await done('Backup', 'files');
    await row(page, 'All backups', '1').waitFor();
    assert.equal((await server.call('GET', 'api/v1/admin/backups')).backups.length, 1);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await done('Verify', 'problem count');
    await page.getByLabel('Client').fill('web*');
    await page.getByRole('button', { name: 'Reindex' }).click();
    await done('Reindex', 'rebuilt');

    await page.getByRole('button', { name: 'What would go' }).click();
    await job('Retention').filter({ hasText: 'failed' }).getByText('the server keeps everything').waitFor();
    await page.getByLabel('Keep').fill('30d');
    await page.getByRole('button', { name: 'What would go' }).click();
    await row(page, 'Rows that would go', 'web1:logs:old:2020:0:31').filter({ hasText: 'too old' }).waitFor();
    const rows = async () => (await server.call('GET', 'api/v1/rows')).rows.length;
    assert.equal(await rows(), 2);
    await page.getByRole('button', { name: 'Drop it' }).click();
    await sure(page, 'Drop');
    await row(page, 'Rows that went', 'web1:logs:old:2020:0:31').waitFor();
    assert.equal(await rows(), 1);
    assert.deepEqual(await accessFaults(page), []);
  });
}));

// An answer to long work that the test gives piece by piece: the page's fetch of `path` is answered by it.
async function heldWork(page, path) {
  await page.evaluate((wanted) => {
    const real = window.fetch;
    window.heldAborted = false;
    window.fetch = (target, init) => {
      if (!String(target).includes(wanted)) return real(target, init);
      init.signal.addEventListener('abort', () => { window.heldAborted = true; window.heldSink.error(init.signal.reason); });
      return Promise.resolve(new Response(new ReadableStream({ start(sink) { window.heldSink = sink; } })));
    };
  }, path);
  return { line: (value) => page.evaluate((text) => window.heldSink.enqueue(new TextEncoder().encode(`${text}\n`)), JSON.stringify(value)), end: () => page.evaluate(() => window.heldSink.close()) };
}

browserTest('work shows how far it is, goes on while another view is shown, and is stopped', () => withServer([], (server) => withPage(server, { address: '#/admin?tab=work' }, async (page) => {
  const work = await heldWork(page, 'admin/verify');
  const bar = page.getByRole('progressbar', { name: 'Progress of Verify' });
  const start = page.getByRole('button', { name: 'Verify now' });
  await start.click();
  await bar.waitFor();
  assert.equal(await start.isDisabled(), true);
  await work.line({ stage: 'verify files', done: 512, total: 2048, unit: 'bytes' });
  await page.getByText('verify files: 512 B of 2.00 KiB').waitFor();
  assert.deepEqual(await bar.evaluate((element) => [element.value, element.max]), [512, 2048]);
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor();
  await work.line({ stage: 'verify', done: 3, total: 0, unit: 'blocks' });
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('link', { name: 'Maintenance' }).click();
  await page.getByText('verify: 3 blocks').waitFor();
  assert.deepEqual(await accessFaults(page), []);
  await page.getByRole('button', { name: 'Stop Verify' }).click();
  await page.getByText('The server was told to stop.').waitFor();
  assert.equal(await page.evaluate(() => window.heldAborted), true);
  assert.equal(await bar.count(), 0);

  const second = await heldWork(page, 'admin/verify');
  await start.click();
  await bar.waitFor();
  await second.line({ result: 'error', code: 'corruption', message: '2 problems found', problem_count: 2, problems: [`block 7 of ${kHostile}: its sum is wrong`, 'block 9: unreadable'] });
  await second.end();
  await page.getByText('2 problems found').waitFor();
  await page.getByRole('list', { name: 'Problems' }).getByText(`block 7 of ${kHostile}: its sum is wrong`).waitFor();
  assert.equal(await page.locator('main img').count(), 0);
})));

browserTest('work that somebody else has begun is shown, and its backup once it is made', () => withServer([], (server) => withPage(server, { address: '#/admin', clock: true }, async (page) => {
  const verify = { id: 7, what: 'verify', token: '<img src=x>', address: '10.0.0.7', begun: Date.now() - 60_000, stage: 'verify', done: 3, total: 12, unit: 'blocks' };
  const backup = { ...verify, id: 8, what: 'backup', address: null, token: null, stage: null, unit: null, total: 0 };
  let running = [verify, backup];
  await page.route('**/api/v1/admin/work', (route) => route.fulfill({ json: { work: running } }));
  await page.goto(`${server.url}#/admin?tab=work`);
  const elsewhere = page.getByRole('region', { name: 'Begun elsewhere' });
  await elsewhere.getByText('verify: 3 blocks of 12 blocks').waitFor();
  await elsewhere.getByText('by <img src=x>, from 10.0.0.7').waitFor();
  await elsewhere.getByText('by the server itself').waitFor();
  assert.deepEqual(await accessFaults(page), []);
  await page.getByText('There are none yet.').waitFor();
  await server.call('POST', 'api/v1/admin/backup');
  running = [verify];
  await page.clock.fastForward(3000);
  await row(page, 'All backups', '1').waitFor();
  // What was begun here is shown where it was begun only.
  const mine = await heldWork(page, 'admin/compact');
  await page.getByRole('button', { name: 'Compact now' }).click();
  await mine.line({ stage: 'compact', done: 1, total: 2, unit: 'files', work: 9 });
  running = [{ ...verify, done: 4 }, { ...verify, id: 9, what: 'compact' }];
  await page.clock.fastForward(3000);
  await elsewhere.getByText('verify: 4 blocks of 12 blocks').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Compaction', level: 3 }).count(), 1);
  await mine.end();
  running = [];
  await page.clock.fastForward(3000);
  await elsewhere.waitFor({ state: 'detached' });
})));

browserTest('a row is found, and its cell deleted, with the keyboard alone', () => withServer([], async (server) => {
  await write(server, 'CFUTF8Type', [{ rowkey: 'k1', columns: [{ columnname: 'a', columnvalue: '1' }, { columnname: 'b', columnvalue: '2' }] }, { rowkey: 'l1', columns: [{ columnname: 'x', columnvalue: '1' }] }]);
  await withPage(server, { address: data('CFUTF8Type') }, async (page) => {
    const press = async (wanted) => {
      await wanted.waitFor();
      for (let i = 0; i < 60; ++i) {
        await page.keyboard.press('Tab');
        if (await wanted.evaluate((element) => element === document.activeElement)) return;
      }
      assert.fail(`Tab does not lead to ${wanted}`);
    };
    await press(page.getByLabel('Rows that begin with'));
    await page.keyboard.type('k');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'l1' }).waitFor({ state: 'detached' });
    await press(page.getByRole('link', { name: 'k1' }));
    await page.keyboard.press('Enter');
    await press(page.getByRole('button', { name: 'Delete a' }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await press(page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
    await page.keyboard.press('Enter');
    await row(page, 'Cells of k1', 'a').filter({ has: page.getByRole('button', { name: 'Delete a' }) }).waitFor({ state: 'detached' });
    assert.deepEqual((await server.call('GET', 'api/v1/row?family=CFUTF8Type&row=k1')).cells.map((cell) => cell.column), ['b']);
  });
}));

for (const width of [1280, 380]) {
  browserTest(`the admin's view is accessible, and names are text, ${width} px wide`, () => withServer([], async (server) => {
    await write(server, 'CFUTF8Type', [{ rowkey: kHostile, columns: [{ columnname: kHostile, columnvalue: kHostile }, { columnname: 'long', columnvalue: 'x'.repeat(5000), ttl: 86400 }] }, { rowkey: 'very'.repeat(80), columns: [{ columnname: 'a', columnvalue: '1' }] }]);
    await server.call('POST', `v0.3/COUNTER/${encodeURIComponent(kHostile)}/n`, { body: 'increment=1', type: 'application/x-www-form-urlencoded' });
    await withPage(server, { address: '#/admin', width }, async (page) => {
      const check = async (what) => {
        assert.deepEqual(await accessFaults(page), [], what);
        assert.equal(await overflows(page), false, `${what} is wider than the window`);
        assert.equal(await page.locator('main img').count(), 0, what);
      };
      await row(page, 'Numbers of the store', 'disk_bytes').waitFor();
      await check('figures');
      await page.goto(`${server.url}#/admin?tab=data`);
      await row(page, 'All families', 'CFUTF8Type').waitFor();
      await check('families');
      await page.getByRole('button', { name: 'Drop CFUTF8Type' }).click();
      await page.getByRole('dialog').waitFor();
      await check('the question for a family');
      await page.keyboard.press('Escape');
      await page.goto(`${server.url}${data('CFUTF8Type')}`);
      await page.getByRole('link', { name: kHostile }).waitFor();
      await check('rows');
      await page.getByRole('link', { name: kHostile }).click();
      await page.getByRole('button', { name: `Show ${kHostile}` }).click();
      await page.getByRole('dialog').waitFor();
      await check('a value');
      await page.keyboard.press('Escape');
      await check('cells');
      await page.goto(`${server.url}#/admin?tab=counters`);
      await page.getByRole('link', { name: kHostile }).click();
      await row(page, `Counters of ${kHostile}`, 'n').last().waitFor();
      await check('counters');
      await page.goto(`${server.url}#/admin?tab=work`);
      await page.getByRole('button', { name: 'Compact now' }).click();
      await page.getByRole('listitem').filter({ hasText: 'disk bytes' }).waitFor();
      await check('maintenance');
    });
  }));
}
