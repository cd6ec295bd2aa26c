// A browser's own EventSource and WebSocket follow a real nm-stored, from a page that it served.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { awkwardTexts, channelOf, log, logAwkward, numbers, tailOf, tell, valueOf, withWay } from './clients.mjs';
import { play } from './conversation.mjs';
import { browserTest, until, withPage, withServer } from './page.mjs';

// What Chromium tells of connections that break.
const expected = [/net::ERR_/, /WebSocket connection to/, /status of 400/];

const KINDS = [
  { kind: 'channel', target: channelOf, write: tell },
  { kind: 'tail', target: tailOf, write: log },
];

// A page that is open, whatever is done to the server and the way to it. No view of it follows anything itself.
const browserPage = (options, body) => withServer(options, (server) => withWay(server, (way) => withPage(way, { address: '#/nothing', expected }, (page) => body({ server, way, page }))));

// The same by TLS, with a certificate that nobody has signed and a browser that does not mind. `server` is asked without.
async function securePage(body) {
  const directory = mkdtempSync(path.join(tmpdir(), 'nm-tls-'));
  const file = (name) => path.join(directory, name);
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=nm',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('certificate')], { stdio: 'pipe' });
    const options = ['--tls-cert', file('certificate'), '--tls-key', file('key'), '--tls-listen', '127.0.0.1:0', '--tls-port-file', file('port')];
    await withServer(options, (server) => withWay({ get port() { return Number(readFileSync(file('port'), 'utf8')); } }, (way) => {
      const secure = { url: way.url.replace(/^http/, 'https') };
      return withPage(secure, { address: '#/nothing', expected, ignoreHTTPSErrors: true }, (page) => body({ server, way, page }));
    }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

// Puts an EventSource into the page, as window.follower; `seen` has its events, `opens` how often it was connected. Its place
// has come then, too: it stands behind the head that opens it, and Chromium drops what it has not read yet of an answer that
// breaks. What another answer brings is read after it.
async function follow(page, target, at = page.url()) {
  await page.evaluate((url) => {
    const source = new EventSource(url, { withCredentials: true });
    window.follower = { source, seen: [], opens: 0, remarks: [] };
    source.onmessage = ({ data, lastEventId }) => window.follower.seen.push({ ...JSON.parse(data), lastEventId });
    for (const remark of ['gap', 'dropped']) source.addEventListener(remark, ({ data }) => window.follower.remarks.push(data));
    return new Promise((resolve) => {
      source.onopen = () => {
        window.follower.opens += 1;
        resolve();
      };
    });
  }, new URL(target, at).href);
  await page.evaluate(async () => { await (await fetch('', { cache: 'no-store' })).text(); });
}

const followed = (page) => page.evaluate(() => {
  const { source, seen, opens, remarks } = window.follower;
  return { state: source.readyState, seen, opens, remarks };
});

// Once it has seen so many.
const seenBy = async (page, count) => {
  await until(() => page.evaluate((n) => window.follower.seen.length >= n || window.follower.source.readyState === EventSource.CLOSED, count), `${count} events`);
  return followed(page);
};

const hasAll = ({ seen, remarks, state }, count) => {
  assert.deepEqual(seen.map(valueOf), numbers(0, count));
  assert.deepEqual(seen.map(({ lastEventId }) => lastEventId), seen.map(({ event }) => event));
  assert.deepEqual(remarks, []);
  assert.equal(state, 1);
};

for (const { kind, target, write } of KINDS) {
  browserTest(`EventSource, ${kind}: a thousand events in their order`, () => browserPage([], async ({ server, page }) => {
    await follow(page, target('a'));
    await write(server, 'a', 0, 1000);
    const all = await seenBy(page, 1000);
    hasAll(all, 1000);
    assert.equal(all.opens, 1);
  }));

  browserTest(`EventSource, ${kind}: it comes back by itself when it is cut, to all that it missed and nothing twice`, () => browserPage([], async ({ server, way, page }) => {
    // In the middle of events, too.
    way.cutAfter(9_000, 700, 40_001);
    await follow(page, target('a'));
    await write(server, 'a', 0, 800);
    await seenBy(page, 800);
    assert.equal(way.cutsLeft, 0);
    way.cut();
    await write(server, 'a', 800, 1000);
    const all = await seenBy(page, 1000);
    hasAll(all, 1000);
    assert.equal(all.opens, 5);
  }));

  browserTest(`EventSource, ${kind}: it comes back by itself when the server was stopped`, () => browserPage([], async ({ server, page }) => {
    await follow(page, target('a'));
    let written = 0;
    let isStopping = false;
    const writing = (async () => {
      for (; !isStopping && written < 1000; written += 10) await write(server, 'a', written, written + 10);
    })();
    await seenBy(page, 300);
    isStopping = true;
    await writing;
    await write(server, 'a', written, 1000); // what has not been told at the stop is told after it
    await server.stop();
    await until(async () => (await followed(page)).state === 0, 'the stop to be noticed');
    await server.start();
    await write(server, 'a', 1000, 1500);
    const all = await seenBy(page, 1500);
    hasAll(all, 1500);
    assert.equal(all.opens, 2);
  }));

  browserTest(`EventSource, ${kind}: it misses nothing, even if it was cut before the first event`, () => browserPage([], async ({ server, way, page }) => {
    await follow(page, target('a'));
    way.isOpen = false;
    way.cut();
    await write(server, 'a', 0, 30);
    way.isOpen = true;
    await write(server, 'a', 30, 31);
    const all = await seenBy(page, 1);
    assert.equal(valueOf(all.seen[0]), '0');
    hasAll(await seenBy(page, 31), 31);
  }));
}

// Puts a WebSocket into the page, as window.socket; `messages` is what came and was not asked for yet.
const openSocket = (page, target, at = page.url()) => page.evaluate((url) => {
  const socket = new WebSocket(url);
  window.socket = { socket, messages: [], code: 0 };
  socket.onmessage = ({ data }) => window.socket.messages.push(JSON.parse(data));
  socket.onclose = ({ code }) => { window.socket.code = code; };
  return new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('no WebSocket'));
  }).then(() => socket.extensions);
}, new URL(target, at.replace(/^http/, 'ws').replace(/#.*/, '')).href);

const messages = async (page, count) => {
  await until(() => page.evaluate((n) => window.socket.messages.length >= n || window.socket.code !== 0, count), `${count} messages`);
  return page.evaluate((n) => window.socket.messages.splice(0, n), count);
};

const send = (page, message) => page.evaluate((text) => window.socket.socket.send(text), JSON.stringify(message));

const closeCode = async (page) => until(() => page.evaluate(() => window.socket.code), 'the WebSocket to be closed');

for (const { kind, target, write } of KINDS) {
  browserTest(`WebSocket, ${kind}: a thousand events in their order, and again from any`, () => browserPage([], async ({ server, page }) => {
    assert.equal(await openSocket(page, target('a')), ''); // no compression
    await write(server, 'a', 0, 1000);
    const events = await messages(page, 1000);
    assert.deepEqual(events.map(valueOf), numbers(0, 1000));
    await page.evaluate(() => window.socket.socket.close(1000));
    assert.equal(await closeCode(page), 1000);

    await openSocket(page, target('a', `&since=${events[499].event}`));
    assert.deepEqual(await messages(page, 500), events.slice(500));
    await server.stop();
    assert.equal(await closeCode(page), 1001);
    await server.start();
    await write(server, 'a', 1000, 1010);
    await openSocket(page, target('a', `&since=${events[999].event}`));
    assert.deepEqual((await messages(page, 10)).map(valueOf), numbers(1000, 1010));
  }));
}

for (const socket of ['', 'ws']) {
  browserTest(`WebSocket, /${socket}: questions, answers and live values`, () => browserPage([], async ({ server, page }) => {
    await log(server, 'web1', 0, 3);
    await openSocket(page, socket);
    const [{ data: id, ...greeting }] = await messages(page, 1);
    assert.deepEqual(greeting, { type: 'users', request: 'post', origin: 'server' });
    const ask = async (message) => {
      await send(page, message);
      const [{ data, ...answer }] = await messages(page, 1);
      assert.deepEqual(answer, { type: message.request, request: message.type, origin: 'server' });
      return JSON.parse(data);
    };
    assert.deepEqual(Object.keys(await ask({ type: 'get', request: 'users' })), [id]);
    assert.deepEqual(Object.keys(await ask({ type: 'get', request: 'clients' })), ['web1']);
    assert.equal((await ask({ type: 'post', request: 'client-tags', data: 'web1', subRequest: 'front' })).message, 'Success');
    assert.deepEqual(await ask({ type: 'get', request: 'client-tags' }), { web1: 'front' });

    // What it posts is told to those who follow the row.
    await follow(page, channelOf('web1:config'));
    assert.equal((await ask({ type: 'post', request: 'config', data: 'web1', subRequest: { name: 'tail', value: '/var/log/x' } })).message, 'Success');
    const { seen } = await seenBy(page, 1);
    assert.deepEqual([seen[0].rowkey, seen[0].columnname, seen[0].columnvalue], ['web1:config', 'tail', '/var/log/x']);
    await server.stop();
    assert.equal(await closeCode(page), 1001);
    await server.start();
  }));
}

browserTest('WebSocket, /realtime: every message of an agent as it is written', () => browserPage([], async ({ server, page }) => {
  await openSocket(page, 'realtime');
  await log(server, 'web1', 0, 1000);
  const events = await messages(page, 1000);
  assert.deepEqual(events.map(({ name, origin }) => [name, origin]), Array.from({ length: 1000 }, () => ['l', 'web1']));
  assert.deepEqual(events.map(({ date }) => date - events[0].date), numbers(0, 1000).map(Number));
}));

browserTest('EventSource and WebSocket: texts of every kind', () => browserPage([], async ({ server, page }) => {
  await follow(page, tailOf('a'));
  await openSocket(page, tailOf('a'));
  await logAwkward(server, 'a');
  await seenBy(page, awkwardTexts.length);
  await until(() => page.evaluate((n) => window.socket.messages.length >= n, awkwardTexts.length), 'all messages');
  // As they stand in JSON: what leads out of the page may not hold lone surrogates.
  const texts = await page.evaluate(() => [window.follower.seen, window.socket.messages].map((events) => events.map(({ line }) => JSON.stringify(line))));
  const expected = awkwardTexts.map((text) => JSON.stringify(text));
  assert.deepEqual(texts, [expected, expected]);
}));

browserTest('WebSocket, /: the whole conversation of the old page', () => browserPage([], ({ server, page }) => play(server, {
  open: async () => {
    await openSocket(page, '');
    return {
      send: (text) => page.evaluate((message) => window.socket.socket.send(message), text),
      next: async () => (await messages(page, 1))[0],
      close: async () => {
        await page.evaluate(() => window.socket.socket.close(1000));
        return closeCode(page);
      },
    };
  },
})));

browserTest('EventSource: it does not come back from an answer that is no stream', () => browserPage([], async ({ page }) => {
  const state = await page.evaluate(() => new Promise((resolve) => {
    const source = new EventSource('/api/v1/tail?q=(');
    source.onerror = () => resolve(source.readyState);
  }));
  assert.equal(state, 2); // CLOSED
}));

for (const { kind, target, write } of KINDS) {
  browserTest(`by TLS, ${kind}: an EventSource that is cut, and cut before its first event, misses nothing`, () => securePage(async ({ server, way, page }) => {
    await follow(page, target('a'));
    for (const [before, after] of [[0, 30], [30, 500]]) {
      way.isOpen = false;
      way.cut();
      await write(server, 'a', before, before + 10);
      way.isOpen = true;
      await write(server, 'a', before + 10, after);
      hasAll(await seenBy(page, after), after);
    }
    assert.match(page.url(), /^https:/);
    assert.equal((await followed(page)).opens, 3);
  }));

  browserTest(`by TLS, ${kind}: a WebSocket tells its place when it is asked to, and goes on from there and from any event`, () => securePage(async ({ server, way, page }) => {
    await openSocket(page, target('a', '&place=true'));
    const [place] = await messages(page, 1);
    assert.deepEqual(place, { event: place.event, heartbeat: true });
    way.cut();
    assert.equal(await closeCode(page), 1006);
    await write(server, 'a', 0, 300);
    await openSocket(page, target('a', `&place=true&since=${place.event}`));
    const [again, ...events] = await messages(page, 301);
    assert.deepEqual(again, place);
    assert.deepEqual(events.map(valueOf), numbers(0, 300));
    await server.stop();
    assert.equal(await closeCode(page), 1001);
    await server.start();
    await openSocket(page, target('a', `&since=${events[199].event}`));
    assert.deepEqual(await messages(page, 100), events.slice(200));
  }));
}

browserTest('by TLS: the socket of the old page', () => securePage(async ({ server, page }) => {
  await log(server, 'web1', 0, 3);
  await openSocket(page, 'ws');
  assert.equal((await messages(page, 1))[0].type, 'users');
  await send(page, { type: 'get', request: 'clients' });
  const [{ data }] = await messages(page, 1);
  assert.deepEqual(Object.keys(JSON.parse(data)), ['web1']);
}));

// A page of another server, at `origin`; `body` gets what opens it.
async function withOtherPage(body) {
  const other = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<link rel="icon" href="data:,"><main><h1>Another</h1></main>'));
  await new Promise((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${other.address().port}/`;
  try {
    await body({
      origin: url.slice(0, -1),
      open: (use) => withPage({ url }, { expected: [...expected, /^it asked for/, /has been blocked by CORS policy/] }, use),
    });
  } finally {
    await new Promise((resolve) => { other.close(resolve).closeAllConnections(); });
  }
}

browserTest('pages of another server follow where they are allowed', () => withOtherPage(({ origin, open }) => withServer(['--allow-origin', origin], (server) => withWay(server, (way) => open(async (page) => {
  way.cutAfter(9_000);
  await follow(page, tailOf('a'), way.url);
  await openSocket(page, tailOf('a'), way.url);
  await log(server, 'a', 0, 300);
  hasAll(await seenBy(page, 300), 300);
  assert.equal((await followed(page)).opens, 2);
  assert.deepEqual((await messages(page, 300)).map(valueOf), numbers(0, 300));
})))));

browserTest('pages of another server do not follow where they are not allowed', () => withOtherPage(({ open }) => withServer([], (server) => open(async (page) => {
  const state = await page.evaluate((url) => new Promise((resolve) => {
    const source = new EventSource(url);
    source.onerror = () => resolve(source.readyState);
    source.onopen = () => resolve('open');
  }), `${server.url}${tailOf('a')}`);
  assert.equal(state, 2); // CLOSED
  await assert.rejects(openSocket(page, tailOf('a'), server.url), /no WebSocket/);
}))));
