// The first view: who reports, what comes in, what went wrong.
import assert from 'node:assert/strict';
import { alert, fleet, heard, hide, kHostile, kMinute, tabTo } from './agents.mjs';
import { accessFaults, browserTest, fill, overflows, withPage, withServer } from './page.mjs';

const withDashboard = (options, body) => withServer(['--retention', '30d', '--retention-rule', 'web*=7d'], async (server) => {
  await fleet(server);
  await alert(server, `disk of db1 is full ${kHostile}`);
  await withPage(server, { address: '#/dashboard', ...options }, async (page) => {
    await figure(page, 'Clients reporting').filter({ hasText: '3 of 5' }).waitFor();
    await body(page, server);
  });
});
const figure = (page, label) => page.locator('.figure').filter({ has: page.getByText(label, { exact: true }) });
const panel = (page, title) => page.locator('.panel').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

browserTest('it shows who reports, and for how long the others do not', () => withDashboard({}, async (page) => {
  const clients = panel(page, 'Clients');
  await clients.getByText('3 clients report, 2 do not').waitFor();
  const rows = clients.locator('tbody tr');
  assert.deepEqual(await rows.locator('td:first-child').allTextContents(), ['gone1', 'old1'], 'longest first');
  assert.match(await rows.nth(0).locator('td').nth(1).textContent(), /^2 h/);
  assert.match(await rows.nth(1).locator('td').nth(1).textContent(), /^3\d min/);
}));

browserTest('it shows what is stored, for how long, which logs have most, and errors', () => withDashboard({}, async (page) => {
  await figure(page, 'Stored').getByText('kept for 30 d, 1 rule for some').waitFor();
  await figure(page, 'Free on disk').getByText('iB').first().waitFor();
  const top = panel(page, 'Top logs by volume').locator('tbody tr');
  await top.first().waitFor();
  assert.deepEqual(await top.first().locator('td').allTextContents(), ['/var/log/syslog', '66', '76 %']);
  assert.equal(await top.count(), 3);
  await panel(page, 'SEVERE and ERROR').getByText(/ERROR, SEVERE: 10$/).waitFor();
  await panel(page, 'SEVERE and ERROR').locator('canvas').waitFor();
  await panel(page, 'Users and servers').getByText('10.1.1.1').waitFor();
  await page.getByLabel('Time of charts').selectOption('-1h');
  await page.waitForURL(/from=-1h/);
  assert.equal(await page.locator('main img').count(), 0, 'names are text');
}));

browserTest('alerts of today are counted, and new ones are there as they come', () => withDashboard({}, async (page, server) => {
  const alerts = panel(page, 'Alerts of today');
  await alerts.getByText('1 alert today').waitFor();
  await alerts.getByText(`disk of db1 is full ${kHostile}`).waitFor();
  await alerts.getByText('live', { exact: true }).waitFor();
  await alert(server, 'web1 is on fire');
  await alerts.getByText('web1 is on fire').waitFor();
  await alerts.getByText('2 alerts today').waitFor();
}));

browserTest('lines that come in and clients that come back are seen without a reload', () => withDashboard({ clock: true }, async (page, server) => {
  const rate = figure(page, 'Lines a second').locator('.figure-value');
  await page.clock.fastForward(3100);
  await rate.filter({ hasText: '0' }).waitFor();
  await fill(server, Array.from({ length: 500 }, (_, i) => ({ host: 'web1', log: 'more', message: `line ${i}` })));
  await page.clock.fastForward(3100);
  await rate.filter({ hasText: /^[1-9]/ }).waitFor();
  await heard(server, { old1: 0 });
  await page.clock.fastForward(11_000);
  await figure(page, 'Clients reporting').filter({ hasText: '4 of 5' }).waitFor();
}));

browserTest('a hidden tab asks for nothing, and catches up when it is shown', () => withDashboard({ clock: true }, async (page, server) => {
  await panel(page, 'Alerts of today').getByText('live', { exact: true }).waitFor();
  await panel(page, 'Top logs by volume').locator('tbody tr').first().waitFor();
  await hide(page, true);
  // A call there and back, behind which all is told that was asked for before.
  const roundTrip = () => page.evaluate(() => fetch('health').then((answer) => answer.text()));
  await roundTrip();
  const asked = [];
  // The live alerts ask once where they stand, if nothing has told them yet.
  page.on('request', (request) => { if (!/\/health$|transport=poll&wait=0/.test(request.url())) asked.push(request.url()); });
  await page.clock.fastForward(10 * kMinute);
  await page.clock.fastForward(10 * kMinute);
  await roundTrip();
  assert.deepEqual(asked, []);
  await alert(server, 'while nobody looked');
  await hide(page, false);
  await panel(page, 'Alerts of today').getByText('while nobody looked').waitFor();
}));

browserTest('one that is gone is removed, with the keyboard alone, after a question', () => withDashboard({}, async (page, server) => {
  const remove = panel(page, 'Clients').getByRole('button', { name: 'Remove gone1' });
  await tabTo(page, remove);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Remove the client gone1?' });
  await dialog.getByText('Nothing that it wrote is stored.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok('gone1' in (await server.call('GET', 'v0.3/DATA/CFUTF8Type/clients')));
  await tabTo(page, remove);
  await page.keyboard.press('Enter');
  await dialog.getByText('Nothing that it wrote is stored.').waitFor();
  await tabTo(page, dialog.getByRole('button', { name: 'Remove', exact: true }));
  await page.keyboard.press('Enter');
  await remove.waitFor({ state: 'detached' });
  await figure(page, 'Clients reporting').filter({ hasText: '3 of 4' }).waitFor();
  assert.ok(!('gone1' in (await server.call('GET', 'v0.3/DATA/CFUTF8Type/clients'))));
}));

for (const width of [1280, 380]) {
  browserTest(`the dashboard is accessible, ${width} px wide`, () => withDashboard({ width }, async (page) => {
    await panel(page, 'Top logs by volume').locator('tbody tr').first().waitFor();
    await panel(page, 'SEVERE and ERROR').locator('canvas').waitFor();
    assert.deepEqual(await accessFaults(page), []);
    assert.equal(await overflows(page), false);
  }));
}
