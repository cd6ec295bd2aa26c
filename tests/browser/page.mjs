// A real nm-stored and a real browser for one test: started, looked at, stopped. See shell.test.mjs for the manner.
//
// NM_STORED names the nm-stored to test, NM_PAGE_MODULES the node_modules with playwright-core and axe-core, and
// NM_CHROMIUM the browser, if it is none of those that are looked for. Without a browser the tests are skipped.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const modules = process.env.NM_PAGE_MODULES ?? fileURLToPath(new URL('../../ui/node_modules', import.meta.url));
const require = createRequire(path.join(modules, 'resolve.js'));

// A package that the page is made or tested with; `sources`: the folder of the page's sources beside them.
export function pageTool(name) {
  return require(name);
}
pageTool.sources = path.resolve(modules, '../src');

const kPatienceMs = 60_000; // generous: the machine may be busy
const kFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

const chromium = [process.env.NM_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']
  .find((file) => file && existsSync(file));
const skip = chromium ? false : 'there is no Chromium: scripts/setup installs it on Debian, elsewhere set NM_CHROMIUM';

// test() of node:test, but skipped where there is no browser.
export function browserTest(name, body) {
  test(name, { skip, timeout: 10 * kPatienceMs }, body);
}

export async function until(condition, what) {
  const end = Date.now() + kPatienceMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${kPatienceMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// ---- The server ----

class Server {
  #process;
  #exit;
  constructor(options) {
    this.options = options;
    this.directory = mkdtempSync(path.join(tmpdir(), 'nm-browser-'));
  }

  async start() {
    const portFile = path.join(this.directory, 'port');
    rmSync(portFile, { force: true });
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NM_')));
    const log = openSync(path.join(this.directory, 'log'), 'a');
    const options = ['--data', path.join(this.directory, 'data'), '--listen', this.port ? `127.0.0.1:${this.port}` : '127.0.0.1:0', '--port-file', portFile, ...this.options];
    this.#process = spawn(process.env.NM_STORED ?? 'nm-stored', options, { stdio: ['ignore', log, log], env: environment, cwd: this.directory });
    closeSync(log);
    this.#exit = new Promise((resolve, reject) => {
      this.#process.on('exit', (code, signal) => resolve(code ?? signal));
      this.#process.on('error', reject);
    });
    let ended = false;
    this.#exit.then(() => { ended = true; }, () => { ended = true; });
    await until(() => ended || (existsSync(portFile) && readFileSync(portFile, 'utf8').trim() !== ''), 'the port file');
    if (ended) throw new Error(`nm-stored ended:\n${this.log()}`);
    this.port = Number(readFileSync(portFile, 'utf8'));
    this.url = `http://127.0.0.1:${this.port}/`;
    await until(() => fetch(`${this.url}health`).then((answer) => answer.ok, () => false), '/health');
    return this;
  }

  // Asks it to stop; it must end well. start() starts it again, on the same port and data.
  async stop() {
    this.#process.kill('SIGTERM');
    assert.equal(await this.#exit, 0, `nm-stored ended badly:\n${this.log()}`);
  }

  async remove() {
    this.#process?.kill('SIGKILL');
    await this.#exit?.catch(() => undefined);
    rmSync(this.directory, { recursive: true, force: true });
  }

  log() {
    return readFileSync(path.join(this.directory, 'log'), 'utf8').slice(-8000);
  }

  // A call of the HTTP APIs, for what a test prepares or checks; the answer's JSON (or text).
  async call(method, target, { body, type = 'application/json', credential } = {}) {
    const headers = { ...(body === undefined ? {} : { 'Content-Type': type }), ...(credential ? { Authorization: `Bearer ${credential}` } : {}) };
    const answer = await fetch(new URL(target, this.url), { method, body, headers });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${target}: ${answer.status} ${text}`);
    return (answer.headers.get('content-type') ?? '').includes('application/json') ? JSON.parse(text) : text;
  }
}

// A server with a data directory of its own, while `body` runs. options: of nm-stored, ["--token", "tok:acc"].
export async function withServer(options, body) {
  const server = new Server(options);
  try {
    await server.start();
    const result = await body(server);
    await server.stop();
    return result;
  } finally {
    await server.remove();
  }
}

// Posts log lines: objects as POST /api/v1/logs takes them, {host, log, message, time, level, …}.
export async function fill(server, lines, credential) {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const report = await server.call('POST', 'api/v1/logs', { body, type: 'application/x-ndjson', credential });
  assert.equal(report.rejected, 0, JSON.stringify(report.errors));
}

// `count` lines of `host`, a second apart, the newest at `end`.
export function someLines(host, log, count, end = Date.now()) {
  return Array.from({ length: count }, (_, i) => ({
    host, log, time: end - (count - 1 - i) * 1000, level: i % 10 === 0 ? 'error' : 'info',
    message: `request ${i} of user${i % 7} took ${(i * 37) % 900} ms`,
  }));
}

// Posts readings of a plugin, as agents do: [[time, value], …].
export async function fillPlugin(server, client, plugin, readings, credential) {
  const days = new Map();
  for (const [time, value] of readings) {
    const day = new Date(time);
    const row = `${client}:plugins:${plugin}:${day.getUTCFullYear()}:${day.getUTCMonth()}:${day.getUTCDate()}`;
    if (!days.has(row)) days.set(row, []);
    days.get(row).push({ columnname: time, columnvalue: JSON.stringify({ date: time, value }) });
  }
  const newest = String(Math.max(...readings.map(([time]) => time)));
  const rows = (family, rowkeys) => server.call('POST', `v0.3/DATA/${family}`, { body: JSON.stringify({ rowkeys }), credential });
  await rows('CFLongType', [...days].map(([rowkey, columns]) => ({ rowkey, columns })));
  await rows('CFUTF8Type', [
    { rowkey: 'clients', columns: [{ columnname: client, columnvalue: newest }] },
    { rowkey: `${client}:plugins`, columns: [{ columnname: plugin, columnvalue: newest }] },
  ]);
}

// ---- The browser ----

let browser; // one for all tests of a file
after(() => browser?.close());

// A page of a new, empty profile, opened at `address` ("#/search?q=x"), while `body` runs. Whatever the page complains of
// meanwhile fails the test: messages on the console, among them what its Content-Security-Policy refused, exceptions,
// and requests that left the server. `expected`: patterns of messages that belong to the test. With `clock` the test can
// let the page's time run (page.clock.fastForward). `routes`: answers that stand in for the server's, by glob; they get the
// headers of the server's answer.
export async function withPage(server, { address = '', width = 1280, height = 900, colorScheme = 'dark', expected = [], clock = false, routes = {}, ...more }, body) {
  browser ??= await pageTool('playwright-core').chromium.launch({ executablePath: chromium, args: kFlags, timeout: kPatienceMs });
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US', timezoneId: 'UTC', ...more });
  context.setDefaultTimeout(kPatienceMs);
  const complaints = [];
  const complain = (text) => { if (!expected.some((pattern) => pattern.test(text))) complaints.push(text); };
  try {
    const page = await context.newPage();
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complain(message.text()); });
    page.on('pageerror', (error) => complain(String(error)));
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.url)) complain(`it asked for ${request.url()}`);
    });
    page.on('websocket', (socket) => {
      if (!socket.url().replace(/^ws/, 'http').startsWith(server.url)) complain(`it asked for ${socket.url()}`);
    });
    for (const [glob, instead] of Object.entries(routes)) {
      await page.route(glob, async (route) => route.fulfill({ response: await route.fetch(), ...instead }));
    }
    if (clock) await page.clock.install();
    await page.goto(server.url + address);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    const result = await body(page);
    assert.deepEqual(complaints, []);
    return result;
  } catch (error) {
    if (complaints.length > 0) error.message += `\nthe page complained:\n${complaints.join('\n')}`;
    throw error;
  } finally {
    await context.close();
  }
}

const kAccessRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const kColourRules = ['color-contrast', 'link-in-text-block'];

// What axe-core finds wrong, as lines that name the rule and the element: all its rules in the colours that the page has, and
// those that look at colours also in the other ones. Afterwards the colours are what they were.
export async function accessFaults(page) {
  if (await page.evaluate(() => typeof axe === 'undefined')) await page.evaluate(pageTool('axe-core').source);
  // The elements that are well are of no use here, and telling of them takes longer than the rules.
  const run = (runOnly) => page.evaluate(async (runOnly) => {
    const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary}`));
  }, runOnly);
  const shown = await page.locator('html').getAttribute('data-theme');
  const other = shown === 'dark' ? 'light' : 'dark';
  const theme = async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
  };
  const faults = await run({ type: 'tag', values: kAccessRules });
  await theme(other);
  const faultsOfColour = await run({ type: 'rule', values: kColourRules });
  await theme(shown);
  return [...faults, ...faultsOfColour.map((fault) => `${other}: ${fault}`)];
}

// Whether something stands out of the window's side, so that the whole page would scroll sideways.
export function overflows(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
