// Replication as the page shows it: two hubs of which one sends to the other, one that reaches nobody, and a standby.
import assert from 'node:assert/strict';
import { kHostile, setRows } from './agents.mjs';
import { accessFaults, browserTest, fill, overflows, someLines, until, withPage, withServer } from './page.mjs';

const kAddress = '#/admin?tab=replication';
const kNobody = '127.0.0.1:1'; // where nothing listens

const nameOf = (server) => `127.0.0.1:${server.port}`;
const status = (server) => server.call('GET', 'api/v1/replication');
const target = (page, name) => page.getByRole('table', { name: 'Targets of replication' }).getByRole('row').filter({ hasText: name });
const inState = (page, name, state) => target(page, name).getByText(state, { exact: true }).waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const sure = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
const linesAt = async (server) => (await server.call('GET', 'api/v1/search?from=-1d')).entries.length;

// Two hubs: one had 20 lines before it was told to send to the other, which has a row of its own and takes numbers only as `n`.
const withHubs = (body) => withServer([], async (there) => {
  await there.call('POST', 'v0.3/COLUMN/CFUTF8Type/n/LongType');
  await setRows(there, { own: { a: '1' } });
  await withServer([], async (here) => {
    await fill(here, someLines('web1', 'app', 20));
    await here.stop();
    here.options.push('--replicate-to', there.url);
    await here.start();
    // What is written before it has met the other counts as what was there before.
    await until(async () => (await status(here)).targets[0].state === 'live', 'the other hub is met');
    await body(here, there, nameOf(there));
  });
});

browserTest('what is sent to another hub is live, is paused and goes on, and a full copy replaces what is there', () => withHubs(async (here, there, name) => {
  await withPage(here, { address: kAddress }, async (page) => {
    await inState(page, name, 'live');
    await target(page, name).getByText('an nm-stored').waitFor();
    await target(page, name).getByText('What was written before it was a target was not sent').waitFor();
    await fill(here, someLines('web1', 'live', 5));
    await until(async () => (await linesAt(there)) === 5, 'the new lines there');
    await target(page, name).getByText('not behind').waitFor();
    await target(page, name).getByText(/^[1-9]\d* records?, .*B sent$/).waitFor();

    await press(page, `Pause ${name}`);
    await inState(page, name, 'paused');
    await fill(here, someLines('web1', 'paused', 5));
    await target(page, name).getByText(/^[1-9]\d* commits?, .* behind$/).waitFor();
    assert.equal(await linesAt(there), 5);
    await press(page, `Resume ${name}`);
    await inState(page, name, 'live');
    await until(async () => (await linesAt(there)) === 10, 'the lines that waited');

    await press(page, `Resync ${name}`);
    await page.getByRole('dialog').getByText('rows that are not here go there').waitFor();
    await sure(page, 'Cancel');
    assert.equal((await there.call('GET', 'api/v1/row?family=CFUTF8Type&row=own')).cells.length, 1, 'nobody was sure');
    await press(page, `Resync ${name}`);
    await sure(page, 'Send it');
    await page.getByText(`${name} gets a full copy.`).waitFor();
    await target(page, name).getByText('What was written before').waitFor({ state: 'detached' });
    await inState(page, name, 'live');
    assert.equal(await linesAt(there), 30);
    assert.equal((await there.call('GET', 'api/v1/row?family=CFUTF8Type&row=own')).cells.length, 0, 'what was only there is gone');
  });
  const { hub } = await status(here);
  await withPage(there, { address: kAddress }, async (page) => {
    const source = page.getByRole('table', { name: 'Sources of replication' }).getByRole('row').filter({ hasText: hub }).filter({ hasText: 'all that is written there' });
    await source.getByText(/^position [\d,]+$/).waitFor();
    await source.getByText(/^heard of /).waitFor();
    await page.getByText('This hub sends to no other.').waitFor();
    await page.getByText(/--replicate-to/).waitFor();
  });
}));

browserTest('values that the other hub does not take are listed, and forgotten once somebody is sure', () => withHubs(async (here, there, name) => {
  await setRows(here, { r: { n: kHostile, a: 'good' } });
  await withPage(here, { address: kAddress }, async (page) => {
    await target(page, name).getByRole('link', { name: '1 set aside' }).click();
    const values = page.getByRole('table', { name: 'Values set aside' });
    const row = values.getByRole('row').filter({ hasText: 'CFUTF8Type/r/n' });
    await row.getByText(kHostile, { exact: true }).waitFor();
    await row.getByText(/LongType/).waitFor();
    assert.equal(await page.locator('main img').count(), 0, 'a value is text');
    await page.reload();
    await row.waitFor();
    await press(page, 'Forget them…');
    await sure(page, 'Cancel');
    assert.equal((await status(here)).targets[0].refused, 1);
    await press(page, 'Forget them…');
    await sure(page, 'Forget them');
    await page.getByText('No value is set aside.').waitFor();
    await target(page, name).getByText('none set aside').waitFor();
    await page.getByRole('link', { name: 'Close' }).click();
    await page.getByText('No value is set aside.').waitFor({ state: 'detached' });
  });
}));

browserTest('a target that cannot be reached waits, says why, and is tried when somebody says so', () => withServer(['--replicate-to', `http://${kNobody}`], (server) => withPage(server, { address: kAddress }, async (page) => {
  await inState(page, kNobody, 'waiting');
  await target(page, kNobody).getByText(/connect/i).first().waitFor();
  await target(page, kNobody).getByText(/^It is tried (again in \d+ s|now)\.$/).waitFor();
  await target(page, kNobody).getByText('not reached yet').waitFor();
  const answered = page.waitForResponse(/\/targets\/[^/]+\/resume$/);
  await press(page, `Try now: ${kNobody}`);
  assert.equal((await answered).status(), 200);
  await page.getByText(`${kNobody} is tried.`).waitFor();
  await inState(page, kNobody, 'waiting');
  await page.goto(`${server.url}#/dashboard`);
  const line = page.getByRole('region', { name: 'Replication', exact: true });
  await line.getByText('waiting', { exact: true }).waitFor();
  await line.getByText(/ 1 target, /).waitFor();
  await line.getByRole('link', { name: 'Details' }).click();
  await inState(page, kNobody, 'waiting');
})));

browserTest('a standby is opened, and made one again, once somebody is sure', () => withServer(['--standby'], (server) => withPage(server, { address: '#/dashboard' }, async (page) => {
  const line = page.getByRole('region', { name: 'Replication', exact: true });
  await line.getByText('standby', { exact: true }).waitFor();
  assert.equal(await line.getByText(/target/).count(), 0);
  await line.getByRole('link', { name: 'Details' }).click();
  await page.getByText((await status(server)).hub, { exact: true }).waitFor();
  await press(page, 'Open for writing…');
  await sure(page, 'Cancel');
  assert.equal((await status(server)).standby, true);
  await press(page, 'Open for writing…');
  await sure(page, 'Open it');
  await page.getByText('open', { exact: true }).waitFor();
  assert.equal((await status(server)).standby, false);
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByText('Lines a second').waitFor();
  assert.equal(await line.count(), 0, 'nothing is replicated');
  await page.goto(`${server.url}${kAddress}`);
  await press(page, 'Make it a standby…');
  await sure(page, 'Make it a standby');
  await page.getByText('standby', { exact: true }).waitFor();
  assert.equal((await status(server)).standby, true);
})));

// Every state that there is, with names and reasons as long and as hostile as they may be.
const one = { url: 'https://hub2.example:8001/logs', kind: 'hub', state: 'live', why: null, next_try_ms: 0, position: 7, lag_records: 0, lag_seconds: 0, sent_records: 12_345, sent_bytes: 6_789_000, errors: 0, refused: 0, refused_dropped: 0, copied: true, target_is_standby: false, copy: null };
const kAll = {
  hub: '316d'.repeat(8), standby: true, journal: { on: true, first: 0, end: 1_099_511_627_781, bytes: 7_900_000_000, limit: 8_589_934_592 },
  targets: [
    { ...one, name: 'live', target_is_standby: true },
    { ...one, name: 'copying', state: 'copying', copied: false, copy: { rows_done: 250, rows_total: 1000 }, lag_records: 3, lag_seconds: 4.5 },
    { ...one, name: 'first copy', state: 'copying', copy: { rows_done: 0, rows_total: 0 } },
    { ...one, name: 'paused', state: 'paused', kind: 'cloudsandra', why: 'needs a full copy: it was away for longer than the journal reaches back', lag_records: 1_234_567, lag_seconds: 200_000 },
    { ...one, name: kHostile, state: 'waiting', why: `${kHostile} ${'very'.repeat(60)}`, errors: 99, refused: 1000 },
    { ...one, name: 'behind', state: 'catching up' }, { ...one, name: 'lost', state: 'needs copy', why: 'it is another hub' }, { ...one, name: 'new', state: 'connecting', kind: null, position: null },
  ],
  sources: [{ hub: 'a1b2'.repeat(8), stream: '', position: 42, last_ms: Date.now() }, { hub: kHostile, stream: 'copy 7', position: null, last_ms: 0 }],
};
const kRefused = { dropped: 17, refused: [{ time: Date.now(), number: 5, what: `CFUTF8Type/${'row'.repeat(80)}/n`, why: `${kHostile} is no LongType`, value: 'x'.repeat(1024) }] };

for (const width of [1280, 380]) {
  browserTest(`replication is accessible, and names are text, ${width} px wide`, () => withServer(['--replicate-to', `http://${kNobody}`], (server) => {
    const routes = { '**/api/v1/replication': { json: kAll }, '**/api/v1/replication/targets/*/refused': { status: 200, json: kRefused } };
    return withPage(server, { width, address: kAddress, routes }, async (page) => {
      const check = async (what) => {
        assert.deepEqual(await accessFaults(page), [], what);
        assert.equal(await overflows(page), false, `${what} is wider than the window`);
        assert.equal(await page.locator('main img').count(), 0, what);
      };
      await inState(page, 'first copy', 'copying');
      assert.deepEqual(await page.getByRole('progressbar', { name: 'Copy to copying' }).evaluate((bar) => [bar.value, bar.max]), [250, 1000]);
      await page.getByText('copy: 250 of 1,000 rows').waitFor();
      await page.getByText('not heard of since the start').waitFor();
      await page.getByRole('link', { name: '1,000 set aside' }).click();
      await page.getByText('17 older ones had to make room').waitFor();
      await check('all states, and values set aside');
      await press(page, 'Resync paused');
      await page.getByRole('dialog').getByText('What is there and not here stays there.').waitFor();
      await page.getByRole('dialog').getByText('the copy begins when it is resumed').waitFor();
      await page.keyboard.press('Escape');
      await page.goto(`${server.url}#/dashboard`);
      await page.getByRole('region', { name: 'Replication', exact: true }).waitFor();
      await check('the line on the dashboard');
    });
  }));
}
