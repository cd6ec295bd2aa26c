// curl follows a real nm-stored: lines as they are written, server-sent events, and how they end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as nodeTest } from 'node:test';
import { awkwardTexts, channelOf, Curl, Ended, log, logAwkward, metric, numbers, placeNow, soon, tailOf, tell, valueOf, withWay } from './clients.mjs';
import { until, withServer } from './page.mjs';

const test = (name, body) => nodeTest(name, { timeout: 600_000 }, body);

const kComplete = 0;
const kPartial = 18; // curl's, where an answer breaks off

// The next event, from lines of JSON; heartbeats left out.
const lines = async (curl) => {
  for (;;) {
    const event = JSON.parse(await curl.next());
    if (!event.heartbeat) return event;
  }
};

// The same from server-sent events.
const serverEvents = async (curl) => {
  for (;;) {
    const fields = {};
    for (let line = await curl.next(); line !== ''; line = await curl.next()) {
      const [, name, value] = /^([a-z]*): ?([^]*)$/.exec(line);
      fields[name] = value;
    }
    if (!('data' in fields)) continue;
    const event = JSON.parse(fields.data);
    assert.equal(fields.id, event.event);
    return event;
  }
};

const KINDS = [
  { kind: 'lines', options: [], next: lines },
  { kind: 'lines, by HTTP/1.0', options: ['--http1.0'], next: lines },
  { kind: 'server-sent events', options: ['-H', 'Accept: text/event-stream'], next: serverEvents },
];

const take = async (next, curl, count) => {
  const events = [];
  while (events.length < count) events.push(await next(curl));
  return events;
};

const follows = (server, count) => until(async () => await metric(server, 'nmstore_realtime_readers') === count, `${count} readers`);

for (const { kind, options, next } of KINDS) {
  test(`${kind}: each as it is written, all in order, to a whole end`, () => withServer(['--token', 'tok:acc'], async (server) => {
    const credential = 'tok:acc';
    const open = (target) => new Curl(server, target, ['-u', credential, ...options]);
    const followers = [open(tailOf('a')), open('api/v1/channel?channel=tok%2FCFUTF8Type%2Fa'), open('realtime')];
    const write = async (first, end) => {
      await log(server, 'a', first, end, { credential });
      await tell(server, 'a', first, end, { credential });
    };
    await until(async () => {
      const text = await server.call('GET', 'metrics', { credential });
      return /^nmstore_realtime_readers 3$/m.test(text);
    }, 'three readers');
    for (let i = 0; i < 30; ++i) {
      await write(i, i + 1);
      // The next is not written before this one has come.
      for (const curl of followers.slice(0, 2)) assert.equal(valueOf(await next(curl)), String(i));
      assert.equal((await next(followers[2])).name, 'l');
    }
    await write(30, 1000);
    for (const curl of followers.slice(0, 2)) assert.deepEqual((await take(next, curl, 970)).map(valueOf), numbers(30, 1000));
    await take(next, followers[2], 970);
    await server.stop();
    for (const curl of followers) {
      assert.equal(await soon(curl.exit, 'curl to end'), kComplete, curl.errors);
      assert.equal(curl.errors, '');
    }
    await server.start();
  }));

  test(`${kind}: a cut is told, and what was missed comes after it`, () => withServer([], (server) => withWay(server, async (way) => {
    const place = await placeNow(server);
    await log(server, 'a', 0, 200);
    const seen = [];
    for (const cut of [300, 1000, 4567, 12_345]) {
      way.cutAfter(cut);
      const curl = new Curl(way, tailOf('a', `&since=${seen.at(-1)?.event ?? place}`), options);
      const code = await soon(curl.exit, 'curl to end');
      // Without chunks nothing tells a whole end from another.
      assert.equal(code, kind.includes('1.0') ? kComplete : kPartial, curl.errors);
      for (;;) {
        try {
          seen.push(await next(curl));
        } catch (error) {
          if (!(error instanceof Ended)) throw error;
          break;
        }
      }
    }
    const last = ['-H', `Last-Event-ID: ${seen.at(-1).event}`];
    const curl = new Curl(way, tailOf('a'), [...options, ...last]);
    seen.push(...await take(next, curl, 200 - seen.length));
    assert.deepEqual(seen.map(valueOf), numbers(0, 200));
    await curl.kill();
  })));
}

test('texts of every kind', () => withServer([], async (server) => {
  const curls = KINDS.map(({ options }) => new Curl(server, tailOf('a'), options));
  await follows(server, curls.length);
  await logAwkward(server, 'a');
  for (const [i, curl] of curls.entries()) {
    assert.deepEqual((await take(KINDS[i].next, curl, awkwardTexts.length)).map(valueOf), awkwardTexts);
    await curl.kill();
  }
}));

test('a curl that goes away is forgotten', () => withServer([], async (server) => {
  const curls = KINDS.map(({ options }) => new Curl(server, channelOf('a'), options));
  await follows(server, 3);
  for (const curl of curls) await curl.kill();
  await follows(server, 0);
}));

test('the long poll of old, with a jar for its cookies', () => withServer([], async (server) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'nm-jar-'));
  try {
    const jar = path.join(directory, 'jar');
    const poll = async () => {
      const curl = new Curl(server, 'cloudsandra/?channel=token%2FCFUTF8Type%2Fa', ['-b', jar, '-c', jar]);
      const answer = JSON.parse((await curl.rest()).join('\n'));
      assert.equal(await curl.exit, kComplete, curl.errors);
      return answer.map(valueOf);
    };
    // The first begins at now: it is given something while it waits.
    const first = poll();
    await follows(server, 1);
    await tell(server, 'a', 0, 1);
    const seen = await first;
    const writing = tell(server, 'a', 1, 300, { together: 7 });
    while (seen.length < 300) seen.push(...await poll());
    await writing;
    assert.deepEqual(seen, numbers(0, 300));
  } finally {
    rmSync(directory, { recursive: true });
  }
}));
