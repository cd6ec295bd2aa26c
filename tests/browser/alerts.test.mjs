// Alerts: the day's, what fires, and rules, as somebody makes and mends them.
import assert from 'node:assert/strict';
import { accessFaults, browserTest, fill, fillPlugin, overflows, until, withPage, withServer } from './page.mjs';

const kHostile = '<img src=x onerror=alert(1)>';
const rules = '#/alerts?tab=rules';

const setRule = (server, id, rule) => server.call('PUT', `api/v1/alerts/rules/${id}`, { body: JSON.stringify(rule) });
const lines = (host, text, count = 1, log = 'app') => Array.from({ length: count }, (_, i) => ({ host, log, message: `${text} ${i}` }));
const firing = (page) => page.getByRole('region', { name: 'Firing now', exact: true });
const row = (page, table, text) => page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });

browserTest('a rule made on the page fires, resolves, is edited, switched off and removed', () => withServer([], (server) => withPage(server, { address: '#/alerts' }, async (page) => {
  await page.getByText('Nothing is firing.').waitFor();
  await page.getByText('No alerts today.').waitFor();
  await page.getByRole('link', { name: 'Rules' }).click();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('Name').fill('payments');
  await page.getByLabel('Query').fill('payment failed');
  await page.getByLabel('At least so many lines').fill('2');
  await page.getByLabel('Within').fill('20s');
  await page.getByLabel('Counted').selectOption('client');
  await page.getByLabel('Description').fill('Somebody cannot pay');
  await page.getByLabel('Address').fill('http://127.0.0.1:9/hooks/private');
  await page.getByLabel('Secret').fill('very secret');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'payments' }).waitFor();
  await page.getByText('2 lines match payment failed within 20s, for each client').waitFor();
  await page.getByText('http://127.0.0.1:9, signed with a secret').waitFor();

  await page.getByRole('link', { name: 'Firing and history' }).click();
  await page.getByText('live', { exact: true }).waitFor();
  await fill(server, lines('web1', 'payment failed', 3));
  await row(page, 'Firing now', 'web1').waitFor();
  await page.getByRole('table', { name: /^Alerts of / }).getByRole('row').filter({ hasText: /firing.*payments: \d lines of web1/ }).waitFor();
  await page.getByRole('table', { name: /^Alerts of / }).getByRole('row').filter({ hasText: 'resolved' }).first().waitFor();
  await page.getByText('Nothing is firing.').waitFor();

  // What was typed is there again, but for the secret, which is kept.
  await page.getByRole('link', { name: 'Rules' }).click();
  await page.getByRole('button', { name: 'Edit payments' }).click();
  await page.getByLabel('At least so many lines').waitFor();
  assert.equal(await page.getByLabel('Secret', { exact: true }).inputValue(), '');
  assert.equal(await page.getByLabel('Query').inputValue(), 'payment failed');
  assert.equal(await page.getByLabel('Keep the secret that there is').isChecked(), true);
  await page.getByLabel('At least so many lines').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('5 lines match payment failed within 20s, for each client').waitFor();
  const saved = await server.call('GET', 'api/v1/alerts/rules/payments');
  assert.deepEqual(saved.webhook, { url: 'http://127.0.0.1:9/hooks/private', secret: '***' });
  assert.equal((await page.content()).includes('very secret'), false);

  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('button', { name: 'Switch on' }).waitFor();
  assert.equal((await server.call('GET', 'api/v1/alerts/rules/payments')).enabled, false);

  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await row(page, 'All rules', 'severe').waitFor();
  assert.equal(await row(page, 'All rules', 'payments').count(), 0);
  assert.deepEqual((await server.call('GET', 'api/v1/alerts/rules')).rules.map((rule) => rule.id), ['severe']);
})));

browserTest('rules for readings and silent clients are made, with all that they can say', () => withServer([], (server) => withPage(server, { address: `${rules}&new=lines` }, async (page) => {
  await page.getByLabel('Name').fill('disk');
  await page.getByLabel('Kind').selectOption('reading');
  await page.getByLabel('Client').fill('web*');
  await page.getByLabel('Plugin').fill('df');
  await page.getByLabel('Field').fill('value');
  await page.getByLabel('Fires').selectOption('below');
  await page.getByLabel('Limit').fill('10.5');
  await page.getByLabel('For', { exact: true }).fill('10m');
  await page.getByLabel('Resolved after', { exact: true }).fill('5m');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('df value of web* below 10.5 for 10m').waitFor();
  await page.goto(`${server.url}${rules}&new=lines`);
  await page.getByLabel('Name').fill('quiet');
  await page.getByLabel('Kind').selectOption('silent');
  await page.getByLabel('Silent for').fill('1h');
  await page.getByLabel('Others').fill('laptop*=1d\ndb1 = 2m');
  await page.getByLabel('Switched on').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Nothing from any client for 1h, laptop*: 1d, db1: 2m').waitFor();
  const saved = async (id) => server.call('GET', `api/v1/alerts/rules/${id}`);
  assert.deepEqual(await saved('disk'), { id: 'disk', kind: 'reading', enabled: true, client: 'web*', plugin: 'df', field: 'value', below: 10.5, for: '10m', clear_for: '5m' });
  assert.deepEqual(await saved('quiet'), { id: 'quiet', kind: 'silent', enabled: false, after: '1h', overrides: [{ client: 'laptop*', after: '1d' }, { client: 'db1', after: '2m' }] });
})));

browserTest('what is wrong stands beside its field, in the words of the server', () => withServer([], (server) => withPage(server, { address: `${rules}&new=lines`, expected: [/status of 400/] }, async (page) => {
  await setRule(server, 'taken', { kind: 'lines', query: 'x' });
  const wrong = async (label, words) => {
    await page.getByRole('button', { name: 'Save' }).click();
    const field = page.getByLabel(label, { exact: true });
    await page.locator('.field').filter({ has: field }).getByText(words).waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    assert.ok(await field.evaluate((element) => element === document.activeElement), `${label} has the focus`);
  };
  await wrong('Name', 'expected 1 to 64 letters');
  await page.getByLabel('Name').fill('taken');
  await wrong('Name', 'there is a rule "taken" already');
  await page.getByLabel('Name').fill('a b');
  await wrong('Name', 'expected 1 to 64 letters');
  await page.getByLabel('Name').fill('mine');
  await page.getByLabel('Query').fill('error AND (');
  await wrong('Query', /column \d+: expected/);
  await page.evaluate(() => scrollTo(0, 0));
  assert.deepEqual(await accessFaults(page), []);
  await page.getByLabel('Query').fill('error');
  await page.getByLabel('At least so many lines').fill('0');
  await wrong('At least so many lines', 'expected a whole number from 1');
  await page.getByLabel('At least so many lines').fill('');
  await page.getByLabel('Within').fill('soon');
  await wrong('Within', 'is not a duration');
  await page.getByLabel('Within').fill('');
  await page.getByLabel('Address').fill('ftp://x');
  await wrong('Address', 'expected http://HOST or https://HOST');
  await page.getByLabel('Address').fill('');
  await page.getByLabel('Kind').selectOption('reading');
  await wrong('Plugin', 'a rule for readings needs one');
  await page.getByLabel('Plugin').fill('df');
  await wrong('Limit', 'expected a number');
  await page.getByLabel('Limit').fill('many');
  await wrong('Limit', 'expected a number');
  await page.getByLabel('Kind').selectOption('silent');
  await page.getByLabel('Others').fill('laptop*=never');
  await wrong('Others', 'overrides.after: "never" is not a duration');
  assert.equal((await server.call('GET', 'api/v1/alerts/rules')).rules.length, 2);
})));

browserTest("a rule's query is completed, and its wrong place is marked", () => withServer([], async (server) => {
  await fill(server, lines('web1', 'payment failed', 3, 'shop'));
  await withPage(server, { address: `${rules}&new=lines`, expected: [/status of 400/] }, async (page) => {
    const query = page.getByLabel('Query', { exact: true });
    await query.click();
    await page.keyboard.type('lev');
    await page.getByRole('option', { name: 'level:' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'error' }).waitFor();
    await page.keyboard.type('err');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    assert.equal(await query.inputValue(), 'level:error ');
    await page.keyboard.type('client:we');
    await page.getByRole('option', { name: 'web1' }).click();
    await page.keyboard.type('paym');
    await page.getByRole('option', { name: 'payment' }).filter({ hasText: '3 lines' }).click();
    assert.equal(await query.inputValue(), 'level:error client:web1 payment ');
    const [box, field] = [await query.boundingBox(), await page.locator('.query-field').boundingBox()];
    assert.ok(field.height < box.height + 10, 'it takes no more room than its line');
    assert.deepEqual(await accessFaults(page), []);
    // An escape closes what is offered, Enter then saves.
    await query.fill('  error AND ) x');
    await page.getByLabel('Name').fill('mine');
    await query.press('Enter');
    await page.locator('.query-wrong mark').filter({ hasText: ')' }).waitFor();
    await until(() => query.evaluate((element) => element.selectionStart === 12 && element === document.activeElement), 'the wrong place to be looked at');
    assert.deepEqual(await accessFaults(page), []);
  });
}));

browserTest('a rule that is edited is not lost without a question', () => withServer([], async (server) => {
  await setRule(server, 'slow', { kind: 'lines', query: 'timeout' });
  await withPage(server, { address: rules }, async (page) => {
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    const query = page.getByLabel('Query', { exact: true });
    await page.getByRole('button', { name: 'Edit slow' }).click();
    await query.waitFor();
    // Nothing is typed: nothing is asked.
    await page.goBack();
    await row(page, 'All rules', 'slow').waitFor();
    await page.goForward();
    await query.fill('timeout OR refused');
    await page.goBack();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal(await query.inputValue(), 'timeout OR refused');
    assert.match(page.url(), /edit=slow/);
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Clients' }).click();
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    assert.equal(await query.inputValue(), 'timeout OR refused');
    assert.equal(await page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))), true, 'closing the page asks, too');
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Clients' }).click();
    await question.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Clients' }).waitFor();
    // What is saved is not asked about.
    await page.goto(`${server.url}${rules}&edit=slow`);
    await query.fill('refused');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('1 line matches refused within').waitFor();
    assert.equal(await question.count(), 0);
  });
}));

browserTest('a preview tells what a rule would say of what is stored', () => withServer([], async (server) => {
  await fill(server, [...lines('web1', 'timeout', 4), ...lines('web2', 'timeout', 1)]);
  await setRule(server, 'slow', { kind: 'lines', query: 'timeout', count: 3, within: '1h', by: 'client', enabled: false });
  await setRule(server, 'never', { kind: 'lines', query: 'nothing-like-it', within: '1h' });
  await setRule(server, 'quiet', { kind: 'silent' });
  await withPage(server, { address: `${rules}&rule=slow` }, async (page) => {
    const preview = page.getByRole('button', { name: 'What would have fired' });
    await preview.click();
    await page.getByText('It would have fired once', { exact: true }).waitFor();
    await page.getByText('At the end it fires.').waitFor();
    await row(page, 'What is known at the end', 'web1').filter({ hasText: '4 lines' }).filter({ hasText: 'fires' }).waitFor();
    await row(page, 'What is known at the end', 'web2').filter({ hasText: 'does not fire' }).waitFor();
    assert.deepEqual(await accessFaults(page), []);
    assert.deepEqual((await server.call('GET', 'api/v1/alerts')).alerts, [], 'nothing was written');
    await page.goto(`${server.url}${rules}&rule=never`);
    await page.getByRole('heading', { name: 'never' }).waitFor();
    await preview.click();
    await page.getByText('It would not have fired').waitFor();
    await page.goto(`${server.url}${rules}&rule=quiet`);
    await page.getByRole('heading', { name: 'quiet' }).waitFor();
    assert.equal(await page.getByLabel('Look back').count(), 0, 'it is tested as of now');
    await preview.click();
    await page.getByText('It would not fire').waitFor();
  });
}));

browserTest('a preview shows alerts with their times, and how many were left out', () => withServer([], async (server) => {
  // A line of each of 600 logs, half an hour ago: each fires, and is resolved a minute later.
  const at = Date.now() - 1_800_000;
  await fill(server, Array.from({ length: 600 }, (_, i) => ({ host: kHostile, log: `log${i}`, time: at + i, level: 'error', message: `timeout ${kHostile}` })));
  await setRule(server, 'slow', { kind: 'lines', query: 'timeout', within: '1m', by: 'log' });
  await withPage(server, { address: `${rules}&rule=slow` }, async (page) => {
    await page.getByLabel('Look back').selectOption('-1h');
    await page.getByRole('button', { name: 'What would have fired' }).click();
    await page.getByText('And 200 more.').waitFor();
    await page.getByText('It would have fired at least 600 times', { exact: true }).waitFor();
    await page.getByText('At the end it does not fire.').waitFor();
    assert.equal(await page.getByRole('link', { name: 'slow', exact: true }).count(), 0, 'they are all of this rule');
    const told = row(page, 'Alerts that would have been written', new Date(at).toISOString().slice(0, 19).replace('T', ' '));
    await told.filter({ hasText: kHostile }).filter({ hasText: 'firing' }).first().waitFor();
    assert.equal(await page.locator('main img').count(), 0);
  });
}));

browserTest('a rule that is not saved is previewed in its form, and what is wrong with it is marked', () => withServer([], async (server) => {
  const now = Date.now();
  await fill(server, Array.from({ length: 5 }, (_, i) => ({ host: `web${i % 2}`, log: 'app', time: now - (i + 1) * 1000, level: 'error', message: `timeout ${i}` })));
  await fillPlugin(server, 'web1', 'df', [[now - 60_000, '50'], [now - 30_000, '97.5']]);
  await withPage(server, { address: `${rules}&new=lines`, expected: [/status of 400/] }, async (page) => {
    const preview = page.getByRole('button', { name: 'What would have fired' });
    await page.getByLabel('Query').fill('timeout AND (');
    await preview.click();
    await page.locator('.field').filter({ has: page.getByLabel('Query') }).getByText(/column \d+: expected/).waitFor();
    await page.getByLabel('Query').fill('timeout');
    await page.getByLabel('At least so many lines').fill('3');
    await page.getByLabel('Within').fill('1h');
    await page.getByLabel('Counted').selectOption('client');
    await preview.click();
    await page.getByText('It would have fired once', { exact: true }).waitFor();
    await page.getByText('At the end it fires.').waitFor();
    await row(page, 'What is known at the end', 'web0').filter({ hasText: '3 lines' }).filter({ hasText: 'fires' }).waitFor();
    await row(page, 'What is known at the end', 'web1').filter({ hasText: 'does not fire' }).waitFor();
    assert.equal(await page.getByRole('table', { name: 'Alerts that would have been written' }).locator('tbody tr').count(), 1);
    assert.deepEqual(await accessFaults(page), []);
    // What was told is of the rule as it was.
    await page.getByLabel('At least so many lines').fill('4');
    await page.getByText('It would have fired once', { exact: true }).waitFor({ state: 'detached' });
    await preview.click();
    await page.getByText('It would not have fired').waitFor();
    await page.getByLabel('Kind').selectOption('reading');
    await page.getByLabel('Plugin').fill('df');
    await page.getByLabel('Limit').fill('90');
    await preview.click();
    await page.getByText('97.5', { exact: true }).waitFor();
    await page.getByText('It would have fired once', { exact: true }).waitFor();
    await page.getByText('At the end it fires.').waitFor();
    await page.getByLabel('Kind').selectOption('silent');
    await page.getByText('Tells which clients are silent now.').waitFor();
    await preview.click();
    await page.getByText('It would not fire').waitFor();
    assert.equal((await server.call('GET', 'api/v1/alerts/rules')).rules.length, 1, 'nothing was saved');
    assert.deepEqual((await server.call('GET', 'api/v1/alerts')).alerts, [], 'nothing was written');
  });
}));

browserTest('a preview that takes too long tells of what it has', () => withServer(['--query-max-lines', '1000'], async (server) => {
  await fill(server, Array.from({ length: 3000 }, (_, i) => ({ host: 'web1', log: 'app', time: Date.now() - (i + 1) * 100, message: `timeout ${i}` })));
  await setRule(server, 'slow', { kind: 'lines', query: 'timeout', within: '1h' });
  await withPage(server, { address: `${rules}&rule=slow` }, async (page) => {
    await page.getByRole('button', { name: 'What would have fired' }).click();
    await page.getByText('stopped at a limit (query_max_lines)').waitFor();
  });
}));

// Alerts as an agent of old posts them: any value, into the row of the day.
async function postAlerts(server, day, values) {
  const key = `alerts:${day.getUTCFullYear()}:${day.getUTCMonth()}:${day.getUTCDate()}`;
  const columns = values.map((value, i) => ({ columnname: day.getTime() + i, columnvalue: value }));
  await server.call('POST', 'v0.3/DATA/CFLongType', { body: JSON.stringify({ rowkeys: [{ rowkey: key, columns }] }) });
}

browserTest('days of the past are paged through, and kept in the address', () => withServer([], async (server) => {
  const noon = new Date(Date.UTC(2026, 0, 31, 12));
  await postAlerts(server, noon, Array.from({ length: 230 }, (_, i) => JSON.stringify({ date: noon.getTime() + i, value: `old alert number ${i}` })));
  await withPage(server, { address: '#/alerts?day=2026-01-31' }, async (page) => {
    await page.getByText('230 alerts').first().waitFor();
    const first = page.getByRole('table', { name: 'Alerts of 2026-01-31' }).locator('tbody tr').first();
    await first.getByText('old alert number 229', { exact: true }).waitFor();
    const older = page.getByRole('link', { name: 'Older' });
    await older.click();
    await first.getByText('old alert number 129', { exact: true }).waitFor();
    await older.click();
    await first.getByText('old alert number 29', { exact: true }).waitFor();
    assert.equal(await older.count(), 0);
    await page.getByRole('link', { name: 'Newer' }).click();
    await first.getByText('old alert number 129', { exact: true }).waitFor();
    await page.reload();
    await first.getByText('old alert number 129', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Newest' }).click();
    await first.getByText('old alert number 229', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'The day before' }).click();
    await page.getByText('No alerts on 2026-01-30.').waitFor();
    await page.getByRole('button', { name: 'Today' }).click();
    await page.getByText('No alerts today.').waitFor();
  });
}));

async function fillAll(server) {
  await setRule(server, 'all', { kind: 'lines', query: 'timeout', count: 1, within: '1h', by: 'log', description: kHostile, webhook: { url: 'https://chat.example.com/x', secret: 's' } });
  await setRule(server, 'off', { kind: 'silent', enabled: false });
  await fill(server, [...lines(kHostile, `timeout ${kHostile}`, 1), ...lines('web2', `timeout of a ${'very'.repeat(60)} long word`, 1, `/var/log/${'deep/'.repeat(20)}log`)]);
  // Not at the millisecond at which the rules' own alerts are written: a cell that is posted there takes another's place.
  const now = Date.now();
  const midnight = now - (now % 86_400_000);
  await postAlerts(server, new Date(Math.max(midnight, now - 5000)), [kHostile, 'plain text of an agent']);
}

for (const width of [1280, 380]) {
  browserTest(`alerts are accessible, and what comes from logs is text, ${width} px wide`, () => withServer([], async (server) => {
    await fillAll(server);
    await withPage(server, { address: '#/alerts', width }, async (page) => {
      const check = async (what) => {
        assert.deepEqual(await accessFaults(page), [], what);
        assert.equal(await overflows(page), false, `${what} is wider than the window`);
        assert.equal(await page.locator('main img').count(), 0, what);
      };
      await firing(page).getByRole('link', { name: kHostile }).first().waitFor();
      await row(page, 'Firing now', 'web2').waitFor();
      await page.getByText('plain text of an agent').waitFor();
      await check('alerts');
      await page.goto(`${server.url}${rules}`);
      await row(page, 'All rules', kHostile).waitFor();
      await check('rules');
      await page.goto(`${server.url}${rules}&rule=all`);
      await page.getByRole('button', { name: 'What would have fired' }).click();
      await row(page, 'What is known at the end', kHostile).waitFor();
      await check('a rule');
      for (const kind of ['lines', 'reading', 'silent']) {
        await page.goto(`${server.url}${rules}&new=lines`);
        await page.getByLabel('Kind').selectOption(kind);
        await check(`the form, ${kind}`);
      }
      await page.goto(`${server.url}${rules}&edit=severe`);
      await page.getByText('This rule is always there').waitFor();
      await check('the form, severe');
    });
  }));
}

browserTest('a rule is made, and removed, with the keyboard alone', () => withServer([], (server) => withPage(server, { address: rules }, async (page) => {
  const press = async (key, wanted) => {
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press(key);
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`${key} does not lead to ${wanted}`);
  };
  await row(page, 'All rules', 'severe').waitFor();
  await press('Tab', page.getByRole('link', { name: 'New rule' }));
  await page.keyboard.press('Enter');
  await page.getByLabel('Name').waitFor();
  await press('Tab', page.getByLabel('Name'));
  await page.keyboard.type('typed');
  await press('Tab', page.getByLabel('Query'));
  await page.keyboard.type('error');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'typed' }).waitFor();
  await press('Tab', page.getByRole('button', { name: 'What would have fired' }));
  await page.keyboard.press('Enter');
  await page.getByText('It would not have fired').waitFor();
  await press('Shift+Tab', page.getByRole('button', { name: 'Remove' }));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await press('Tab', page.getByRole('dialog').getByRole('button', { name: 'Remove' }));
  await page.keyboard.press('Enter');
  await row(page, 'All rules', 'severe').waitFor();
  assert.equal((await server.call('GET', 'api/v1/alerts/rules')).rules.length, 1);
})));
