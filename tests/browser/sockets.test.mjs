// Node's `ws` follows a real nm-stored: channels, tails, the old page's socket and /realtime.
import assert from 'node:assert/strict';
import { test as nodeTest } from 'node:test';
import { awkwardTexts, channelOf, log, logAwkward, metric, numbers, placeNow, Socket, soon, tailOf, tell, valueOf, withWay } from './clients.mjs';
import { until, withServer } from './page.mjs';

const test = (name, body) => nodeTest(name, { timeout: 600_000 }, body);

// Both of them give the numbers that `write` writes.
const KINDS = [
  { kind: 'channel', target: (name, more) => channelOf(name, more), write: tell },
  { kind: 'tail', target: (name, more) => tailOf(name, more), write: log },
];

// As Math.random(), but the same each time.
function chances(seed) {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

const greeted = async (server, target = '/ws', options) => {
  const page = await Socket.open(server, target, options);
  assert.equal((await page.next('the greeting')).type, 'users');
  return page;
};

const ask = (page, message) => {
  page.ws.send(message);
  return page.next('an answer');
};

for (const { kind, target, write } of KINDS) {
  test(`a ${kind} gives a thousand events in their order`, () => withServer([], async (server) => {
    const reader = await Socket.open(server, target('a'));
    await write(server, 'a', 0, 1000);
    const events = await reader.take(1000);
    assert.deepEqual(events.map(valueOf), numbers(0, 1000));
    assert.equal(new Set(events.map(({ event }) => event)).size, 1000);
    assert.equal(await reader.close(), 1000);

    const again = await Socket.open(server, target('a', `&since=${events[499].event}`));
    assert.deepEqual(await again.take(500), events.slice(500));
    await again.close();
  }));

  test(`a ${kind} that is cut at any event goes on behind it`, () => withServer([], (server) => withWay(server, async (way) => {
    const place = await placeNow(server);
    await write(server, 'a', 0, 20, { together: 3 });

    // The bytes of a whole answer are the same each time, so it can be cut at each of them.
    const first = await Socket.open(way, target('a', `&since=${place}`));
    const whole = await first.take(20);
    await first.close();
    const ends = [first.headBytes]; // of the head, and of each event
    for (const bytes of first.messageBytes) ends.push(ends.at(-1) + (bytes < 126 ? 2 : 4) + bytes);

    for (const cut of ends.flatMap((end, k) => (k < 20 ? [end, end + 1, (end + ends[k + 1]) >> 1, ends[k + 1] - 1] : [end]))) {
      way.cutAfter(cut);
      const reader = new Socket(way, target('a', `&since=${place}`));
      const seen = await reader.rest();
      assert.equal(await reader.closed, 1006);
      assert.equal(seen.length, ends.filter((end) => end <= cut).length - 1, `cut after ${cut} bytes`);
      const again = await Socket.open(way, target('a', `&since=${seen.at(-1)?.event ?? place}`));
      assert.deepEqual([...seen, ...await again.take(20 - seen.length)], whole, `cut after ${cut} bytes`);
      again.ws.terminate();
    }
    assert.equal(way.cutsLeft, 0);
  })));

  test(`a ${kind} goes on after a restart, whatever was being written`, () => withServer([], async (server) => {
    let since = await placeNow(server);
    let next = 0;
    const seen = [];
    for (let round = 0; round < 3; ++round) {
      const reader = await Socket.open(server, target('a', `&since=${since}`));
      let isWriting = true;
      let taken = 0;
      const writing = (async () => {
        // What a post that broke has stored is found afterwards: by the events, or by their absence.
        while (isWriting) {
          await write(server, 'a', next, next + 5).catch((error) => { if (isWriting) throw error; });
          next += 5;
        }
      })();
      for (; taken < 100; ++taken) seen.push(await reader.next());
      isWriting = false;
      const stopping = server.stop();
      seen.push(...await reader.rest());
      assert.equal(await reader.closed, 1001);
      assert.equal(reader.reason, 'the server stops');
      await Promise.all([writing, stopping]);
      since = seen.at(-1).event;
      await server.start();
    }
    await write(server, 'a', next, next + 1);
    const reader = await Socket.open(server, target('a', `&since=${since}`));
    do seen.push(await reader.next()); while (valueOf(seen.at(-1)) !== String(next));
    await reader.close();

    assert.equal(new Set(seen.map(({ event }) => event)).size, seen.length);
    assert.deepEqual(seen.map(valueOf), [...new Set(seen.map(valueOf))]);
    const stored = kind === 'tail'
      ? (await server.call('GET', `api/v1/search?q=client:a&order=asc&limit=100000`)).entries.map(({ line }) => line)
      : Object.values(await server.call('GET', 'v0.3/DATA/CFUTF8Type/a?limit=100000'));
    assert.deepEqual(seen.map(valueOf), stored);
  }));
}

test('texts of every kind', () => withServer([], async (server) => {
  const reader = await Socket.open(server, tailOf('a'));
  await logAwkward(server, 'a');
  assert.deepEqual((await reader.take(awkwardTexts.length)).map(valueOf), awkwardTexts);
  assert.equal(await reader.close(), 1000);
}));

test('pings and pongs', () => withServer(['--heartbeat', '2s'], async (server) => {
  const reader = await Socket.open(server, tailOf('a'));
  let pings = 0;
  reader.ws.on('ping', () => { pings += 1; });
  assert.equal(await reader.ping(''), '');
  assert.equal(await reader.ping('x'.repeat(125)), 'x'.repeat(125));
  // `ws` answers the server's: it stays, however silent it is. Who does not answer is let go of.
  const silent = await Socket.open(server, tailOf('a'), { autoPong: false });
  assert.equal(await soon(silent.closed, 'the silent one to be closed'), 1006);
  await until(() => pings >= 3, 'three pings');
  await log(server, 'a', 0, 1);
  assert.equal(valueOf(await reader.next()), '0');
  assert.equal(await reader.close(), 1000);
}));

test('who stops reading catches up, or is told how many it missed, and holds up nobody', () => withServer(['--write-timeout', '10m'], async (server) => {
  const catching = await Socket.open(server, tailOf('a'));
  const dropping = await Socket.open(server, tailOf('a', '&slow=drop'));
  const quick = await Socket.open(server, tailOf('a'));
  catching.ws.pause();
  dropping.ws.pause();
  // More than the system keeps for a connection and the server for all readers of a filter.
  const count = 1500;
  await log(server, 'a', 0, count, { together: 30, more: ` ${'x'.repeat(30_000)}` });
  const number = (event) => valueOf(event).split(' ')[0];
  assert.deepEqual((await quick.take(count)).map(number), numbers(0, count));
  await log(server, 'a', count, count + 1);

  catching.ws.resume();
  assert.deepEqual((await catching.take(count + 1)).map(number), numbers(0, count + 1));
  dropping.ws.resume();
  const seen = [];
  let dropped = 0;
  while (seen.at(-1) !== String(count)) {
    const event = await dropping.next();
    if ('dropped' in event) dropped += event.dropped;
    else seen.push(number(event));
  }
  assert.notEqual(dropped, 0);
  assert.equal(dropped + seen.length, count + 1);
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
  for (const reader of [catching, dropping, quick]) assert.equal(await reader.close(), 1000);
}));

test('500 connections that come and go at random take nothing from one that stays', () => withServer([], async (server) => {
  const reader = await Socket.open(server, tailOf('a'));
  const chance = chances(3);
  const targets = [tailOf('a'), tailOf('a', '&since=0'), tailOf('nobody'), channelOf('*', '&since=0'), '/', '/ws', '/realtime', 'cloudsandra/?channel=/CFUTF8Type/*'];
  const comeAndGo = async () => {
    const socket = new Socket(server, targets[chance(targets.length)]);
    const way = chance(6);
    if (way > 0) await socket.opened;
    if (way === 1) await socket.close();
    if (way === 2) socket.ws.send('x'.repeat(chance(2000)));
    if (way === 3) await socket.ping('here');
    if (way === 4) await Promise.race([socket.next('anything'), new Promise((resolve) => { setTimeout(resolve, chance(20)); })]);
    socket.ws.terminate();
    await socket.closed;
  };
  let left = 500;
  const many = Array.from({ length: 25 }, async () => { while (left-- > 0) await comeAndGo(); });
  let next = 0;
  let isOver = false;
  const writing = (async () => {
    while (!isOver || next < 1000) {
      await log(server, 'a', next, next + 20);
      await tell(server, 'a', next, next + 20);
      next += 20;
    }
  })();
  await Promise.all(many);
  isOver = true;
  await writing;
  assert.deepEqual((await reader.take(next)).map(valueOf), numbers(0, next));
  await until(async () => await metric(server, 'nmstore_streams') === 1, 'the others to be forgotten');
  assert.equal(await reader.close(), 1000);
}));

test('a message may come in many frames', () => withServer([], async (server) => {
  const page = await greeted(server);
  const message = '{"type":"get","request":"clients"}';
  const answer = { type: 'clients', request: 'get', data: '{}', origin: 'server' };
  assert.deepEqual(await ask(page, message), answer);
  for (const size of [1, 2, 7, message.length]) {
    for (let at = 0; at < message.length; at += size) {
      page.ws.send(message.slice(at, at + size), { fin: at + size >= message.length });
      if (at === size) page.ws.ping('between');
    }
    page.ws.send('', { fin: false });
    page.ws.send(message, { fin: false });
    page.ws.send('', { fin: true });
    assert.deepEqual(await page.take(2), [answer, answer]);
  }
  assert.deepEqual(await ask(page, Buffer.from(message)), answer); // binary, taken as text
  assert.equal(await page.close(), 1000);
}));

test('what must not be sent closes the socket with the code for it', () => withServer(['--max-message', '4KiB'], async (server) => {
  const padded = (size) => `{"type":"get","request":"clients","more":"${'x'.repeat(size - 44)}"}`;
  assert.equal(padded(4096).length, 4096);
  const page = await greeted(server);
  assert.equal((await ask(page, padded(4096))).type, 'clients');
  await page.close();
  const bad = {
    'a long one': [1009, (ws) => ws.send(padded(4097))],
    'a very long one': [1009, (ws) => ws.send('x'.repeat(3_000_000))],
    'one that is too long with its last frame': [1009, (ws) => { ws.send(padded(4096), { fin: false }); ws.send('x', { fin: true }); }],
    'one that is too long in small frames': [1009, (ws) => { for (let i = 0; i < 5000; ++i) ws.send('x', { fin: false }); }],
    'bytes that are no text': [1007, (ws) => ws.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false })],
    'a frame without a mask': [1002, (ws) => ws.send('{}', { mask: false })],
  };
  for (const [what, [code, send]] of Object.entries(bad)) {
    for (const target of ['/ws', tailOf('a')]) {
      const socket = target === '/ws' ? await greeted(server) : await Socket.open(server, target);
      send(socket.ws);
      assert.equal(await soon(socket.closed, `${what} to be refused`), code, `${what} to ${target}: ${socket.error}`);
    }
  }
  const after = await greeted(server);
  await after.close();
}));

test('compression may be offered, and is not taken', () => withServer([], async (server) => {
  for (const perMessageDeflate of [true, { serverNoContextTakeover: true, clientMaxWindowBits: 10 }, false]) {
    const page = await greeted(server, '/', { perMessageDeflate });
    assert.equal(page.ws.extensions, '');
    assert.equal(page.headers['sec-websocket-extensions'], undefined);
    assert.deepEqual(await ask(page, `{"type":"get","request":"clients","more":"${'x'.repeat(10_000)}"}`), { type: 'clients', request: 'get', data: '{}', origin: 'server' });
    assert.equal(await page.close(), 1000);
  }
}));

test('who may not is told so by a status', () => withServer(['--token', 'tok:acc'], async (server) => {
  const status = async (target, options) => {
    const socket = new Socket(server, target, options);
    await socket.closed;
    return Number(/Unexpected server response: (\d+)/.exec(socket.error?.message)?.[1]);
  };
  for (const target of ['/', '/ws', '/realtime', tailOf('a'), channelOf('a')]) {
    assert.equal(await status(target), 401, target);
    assert.equal(await status(target, { auth: 'tok:acc', origin: 'https://elsewhere.example' }), 403, target);
    const socket = await Socket.open(server, target, { auth: 'tok:acc', origin: server.url.slice(0, -1) });
    assert.equal(await socket.close(), 1000);
  }
  assert.equal(await status('api/v1/tail?q=(', { auth: 'tok:acc' }), 400);
  assert.equal(await status('api/v1/nothing', { auth: 'tok:acc' }), 404);
  assert.equal(await status('/ws', { auth: 'tok:wrong' }), 401);
}));
