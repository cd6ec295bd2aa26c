// What the page offers to who may not do everything: it says so, and does not let them try.
import assert from 'node:assert/strict';
import { randomBytes, scryptSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fleet } from './agents.mjs';
import { accessFaults, browserTest, overflows, withPage, withServer } from './page.mjs';

// A line of the server's file of credentials.
function credentialLine(token, roles, account) {
  const salt = randomBytes(16);
  return `${token}:${roles}:scrypt$16384$8$1$${salt.toString('hex')}$${scryptSync(account, salt, 32, { N: 16384, r: 8, p: 1 }).toString('hex')}\n`;
}

async function withCredentials(body) {
  const directory = mkdtempSync(path.join(tmpdir(), 'nm-roles-'));
  try {
    const file = path.join(directory, 'auth');
    writeFileSync(file, credentialLine('reader', 'read', 'r') + credentialLine('agent', 'ingest,read', 'a') + credentialLine('boss', 'admin', 'b'), { mode: 0o600 });
    await withServer(['--auth', file, '--replicate-to', 'http://127.0.0.1:1'], async (server) => {
      await fleet(server, 'boss:b');
      await server.call('PUT', 'api/v1/alerts/rules/slow', { body: JSON.stringify({ kind: 'lines', query: 'request' }), credential: 'boss:b' });
      await server.call('POST', 'v0.3/COUNTER/c1/n', { body: 'increment=5', type: 'application/x-www-form-urlencoded', credential: 'boss:b' });
      await body(server);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function signIn(page, token, account) {
  await page.getByLabel('Token').fill(token);
  await page.getByLabel('Account').fill(account);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
const kRefused = [/status of 401/]; // the browser tells of it by itself
const note = (page, role) => page.getByText(`Changes need the role ${role}. These credentials have `);

for (const width of [1280, 380]) {
  browserTest(`who may only read is told so, and can press nothing that changes, ${width} px wide`, () => withCredentials((server) => withPage(server, { width, address: '#/clients', expected: kRefused }, async (page) => {
    await signIn(page, 'reader', 'r');
    const look = async (address, role, buttons, links = []) => {
      await page.goto(`${server.url}${address}`);
      await note(page, role).filter({ hasText: 'have read.' }).waitFor();
      for (const name of buttons) {
        const button = page.getByRole('button', { name, exact: true }).first();
        await button.waitFor();
        assert.equal(await button.isDisabled(), true, `${address} ${name}`);
        assert.equal(await button.getAttribute('title'), `This needs the role ${role}`);
      }
      for (const name of links) assert.equal(await page.getByRole('link', { name, exact: true }).count(), 0, name);
      assert.deepEqual(await accessFaults(page), [], address);
      assert.equal(await overflows(page), false, address);
    };
    await look('#/clients', 'ingest', ['Tag web1', 'Remove web1']);
    await look('#/clients?client=web1', 'ingest', ['Tag…', 'Remove…', 'Remove the log /var/log/syslog']);
    await look('#/inventory', 'ingest', ['Whole list…', 'Add']);
    await look('#/alerts?tab=rules', 'admin', ['Edit slow', 'Switch off slow', 'Remove slow'], ['New rule']);
    await look('#/alerts?tab=rules&rule=slow', 'admin', ['Switch off', 'Remove'], ['Edit']);
    // What changes nothing can be done.
    await page.getByRole('button', { name: 'What would have fired' }).click();
    await page.getByText(/^It would have fired/).waitFor();
    await look('#/admin?tab=data', 'admin', ['Drop CFUTF8Type']);
    await look('#/admin?tab=counters&row=c1', 'ingest', ['Delete n', 'Delete all']);
    await look('#/admin?tab=replication', 'admin', ['Make it a standby…', 'Pause 127.0.0.1:1', 'Resync 127.0.0.1:1']);
    await look('#/admin?tab=work', 'admin', ['Compact now', 'Verify now', 'Back up now', 'Reindex', 'What would go', 'Drop it']);
    await page.goto(`${server.url}#/search`);
    await page.locator('.log-row').first().waitFor();
  })));
}

browserTest('who may do more can do what that is, and another who signs in is told anew', () => withCredentials((server) => withPage(server, { address: '#/admin?tab=counters&row=c1', expected: kRefused }, async (page) => {
  await signIn(page, 'agent', 'a');
  await page.getByRole('button', { name: 'Delete n', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('It has no counters.').waitFor();
  assert.equal(await note(page, 'ingest').count(), 0);
  await page.goto(`${server.url}#/alerts?tab=rules`);
  await note(page, 'admin').filter({ hasText: 'have ingest and read.' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'boss', 'b');
  await page.getByRole('link', { name: 'New rule' }).waitFor();
  assert.equal(await note(page, 'admin').count(), 0);
  await page.getByRole('button', { name: 'Switch off slow' }).click();
  await page.getByRole('button', { name: 'Switch on slow' }).waitFor();
})));
