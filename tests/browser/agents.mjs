// What agents leave in a store, for tests of the views that show it.
import { fill, fillPlugin, someLines } from './page.mjs';

export const kMinute = 60_000;
// As text it is a name like any other; as markup it would be seen.
export const kHostile = '<img src=x onerror=alert(1)>';

// Sets cells of rows in CFUTF8Type, {row: {column: value}}.
export function setRows(server, rows, credential) {
  const rowkeys = Object.entries(rows).map(([rowkey, cells]) => ({
    rowkey, columns: Object.entries(cells).map(([columnname, columnvalue]) => ({ columnname, columnvalue: String(columnvalue) })),
  }));
  return server.call('POST', 'v0.3/DATA/CFUTF8Type', { body: JSON.stringify({ rowkeys }), credential });
}
export const cellsOf = (server, row) => server.call('GET', `v0.3/DATA/CFUTF8Type/${encodeURIComponent(row)}`);

// That these clients were heard of, {client: milliseconds ago}.
export function heard(server, clients, credential) {
  const now = Date.now();
  return setRows(server, { clients: Object.fromEntries(Object.entries(clients).map(([client, ago]) => [client, now - ago])) }, credential);
}

// web1 (tag "front") and db1 report, with logs and readings; old1 has been silent for half an hour and has a line of then;
// gone1 for two hours, and nothing of it is stored; one with a hostile name reports.
export async function fleet(server, credential) {
  const now = Date.now();
  await fill(server, [
    ...someLines('web1', '/var/log/syslog', 60, now - 1000), ...someLines('web1', '/var/log/nginx', 20, now - 1000), ...someLines('db1', '/var/log/syslog', 5, now - 1000),
    { host: 'old1', log: '/var/log/syslog', time: now - 30 * kMinute, level: 'info', message: 'the last of old1' },
    { host: kHostile, log: kHostile, time: now - 2000, level: 'error', message: `SEVERE: ${kHostile}` },
  ], credential);
  const readings = (base) => Array.from({ length: 30 }, (_, i) => [now - (30 - i) * kMinute, String(base + (i % 7))]);
  await fillPlugin(server, 'web1', 'lsof', readings(100), credential);
  await fillPlugin(server, 'db1', 'lsof', readings(300), credential);
  await fillPlugin(server, 'db1', 'uptime', readings(1), credential);
  await heard(server, { web1: 1000, db1: 1000, old1: 30 * kMinute, gone1: 120 * kMinute, [kHostile]: 1000 }, credential);
  await setRows(server, { 'client-tags': { web1: 'front' }, servers: { '10.1.1.1': now } }, credential);
}

// An alert of now, as agents post it.
export function alert(server, text, time = Date.now()) {
  const day = new Date(time);
  const rowkey = `alerts:${day.getUTCFullYear()}:${day.getUTCMonth()}:${day.getUTCDate()}`;
  return server.call('POST', 'v0.3/DATA/CFLongType', { body: JSON.stringify({ rowkeys: [{ rowkey, columns: [{ columnname: time, columnvalue: text }] }] }) });
}

// With the Tab key alone until this element has the focus.
export async function tabTo(page, locator) {
  await locator.waitFor();
  for (let i = 0; i < 200; ++i) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${locator}`);
}

// Hides the tab from the page, as another tab in front of it does, or shows it again.
export function hide(page, hidden) {
  return page.evaluate((is) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
