import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ApiError, call, decodeError, lost, queryString } from '../src/api/http';
import { backOffMs, follow, type FollowState } from '../src/api/follow';
import { jsonLines } from '../src/api/stream';
import { basic } from '../src/session';

// fetch() of a page takes relative addresses; here they are the server's.
async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void, body: (server: Server) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const plain = globalThis.fetch;
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  globalThis.fetch = (input, init) => plain(new URL(String(input), base), init);
  const socket = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.assign(globalThis, { WebSocket: undefined }); // newer Nodes have one
  try {
    await body(server);
  } finally {
    if (socket) Object.defineProperty(globalThis, 'WebSocket', socket);
    globalThis.fetch = plain;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function streamOf(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}
async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

test('a query string leaves out what is empty', () => {
  assert.equal(queryString({ q: 'a b&c', from: '', to: null, limit: 0, client: ['x', 'y'], dry_run: false }), '?q=a+b%26c&limit=0&client=x&client=y&dry_run=false');
  assert.equal(queryString({}), '');
});

test('credentials may be any text', () => {
  assert.equal(basic('tok:geheimnis ä'), `Basic ${Buffer.from('tok:geheimnis ä', 'utf8').toString('base64')}`);
});

test('errors of both APIs are read', () => {
  const ours = decodeError(400, '{"error":{"code":"invalid_argument","message":"column 4: expected \')\'","column":4}}');
  assert.deepEqual([ours.status, ours.code, ours.message, ours.column], [400, 'invalid_argument', "column 4: expected ')'", 4]);
  assert.equal(decodeError(400, '{"status":"400","message":"Bad Request","detail":"no LongType"}').message, 'no LongType');
  assert.equal(decodeError(502, '<html>').message, '<html>');
  assert.equal(decodeError(503, '').passing, true);
  assert.equal(decodeError(400, '').passing, false);
});

test('a call that gets no answer in time says so', async () => {
  await serving(() => undefined, async () => {
    await assert.rejects(call('GET', '/api/v1/stats', {}, undefined, { timeoutMs: 20 }), (error) => error instanceof ApiError && error.code === 'timeout');
  });
});

test('a call can be given up', async () => {
  const abort = new AbortController();
  await serving(() => abort.abort(), async () => {
    await assert.rejects(call('GET', '/api/v1/stats', {}, undefined, { signal: abort.signal }), { name: 'AbortError' });
  });
});

test('an answer that is no JSON is an error', async () => {
  await serving((_, response) => response.end('hello'), async () => {
    await assert.rejects(call('GET', '/x'), (error) => error instanceof ApiError && error.code === 'bad_answer');
  });
});

test('JSON lines come however they are cut', async () => {
  const text = '{"a":1}\n\n{"b":"ä\\n"}\n';
  const bytes = [...text].map((c) => c);
  assert.deepEqual(await all(jsonLines(streamOf(...bytes))), [{ a: 1 }, { b: 'ä\n' }]);
  await assert.rejects(all(jsonLines(streamOf('{"a":1}\n{"b"'))), /broke off/);
});

test('waiting times grow up to their limit', () => {
  assert.deepEqual([1, 2, 3, 20].map((n) => backOffMs(n, 0)), [500, 1000, 2000, 30_000]);
  assert.equal(backOffMs(1, 1), 250);
});

test('a stream that breaks off is taken up behind its last event', async () => {
  const asked: (string | null)[] = [];
  const events: unknown[] = [];
  const missed: unknown[] = [];
  await serving((request, response) => {
    const since = new URL(request.url ?? '', 'http://x').searchParams.get('since');
    asked.push(since);
    if (since === null) response.end('{"event":"1","line":"a"}\n{"event":"2","heartbeat":true}\n');
    else if (since === '2') response.end('{"event":"4","gap":1099511627781}\n{"event":"5","line":"b"}\n{"event":"5","error":"unavailable"}\n');
    else response.write('{"event":"6","line":"c"}\n');
  }, async () => {
    await new Promise<void>((resolve) => {
      const following = follow<{ event: string; line: string }>('/api/v1/tail', {}, {
        event: (event) => {
          events.push(event.line);
          if (event.line !== 'c') return;
          assert.equal(following.place(), '6');
          following.stop();
          resolve();
        },
        missed: (count, why) => missed.push([count, why]),
      });
    });
  });
  assert.deepEqual(asked, [null, '2', '5']);
  assert.deepEqual(events, ['a', 'b', 'c']);
  assert.deepEqual(missed, [[1, 'gap']]);
});

test('a stream that breaks off before its first event is taken up from where it began', async () => {
  const asked: (string | null)[] = [];
  const waits: number[] = [];
  await serving((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://x').searchParams.get('since'));
    if (asked.length <= 2) response.end(`{"event":"${6 + asked.length}","heartbeat":true}\n`);
    else response.write('{"event":"8","heartbeat":true}\n{"event":"9","line":"a"}\n');
  }, async () => {
    await new Promise<void>((resolve) => {
      const following = follow<{ line: string }>('/api/v1/tail', { since: 'now' }, {
        event: ({ line }) => {
          assert.equal(line, 'a');
          following.stop();
          resolve();
        },
        state: (state) => {
          if (state.is !== 'waiting') return;
          assert.equal(following.place(), String(6 + asked.length));
          waits.push(state.againInMs);
        },
      });
    });
  });
  assert.deepEqual(asked, ['now', '7', '8']);
  // A server that only begins is not asked more and more often.
  assert.equal(waits.length, 2);
  const [first = 0, second = 0] = waits;
  assert.ok(first <= 500 && second >= 500, `${first}, ${second}`);
});

test('any call finds out that the server is gone, and that it is back; one that began before does not know better', async () => {
  const held: ServerResponse[] = [];
  await serving((request, response) => {
    if (request.url === '/held') held.push(response);
    else if (request.url === '/cut') request.socket.destroy();
    else {
      response.statusCode = 503;
      response.end('{}');
    }
  }, async () => {
    const failed = (path: string) => call('GET', path).then(() => assert.fail(path), (error: ApiError) => error);
    assert.equal(lost.value, null);
    const error = await failed('/cut');
    assert.deepEqual([error.code, lost.value], ['unreachable', error]);
    assert.equal((await failed('/busy')).status, 503);
    assert.equal(lost.value, null, 'who answers 503 is there');
    const old = failed('/held');
    while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await failed('/busy');
    held[0]?.socket?.destroy();
    assert.equal((await old).code, 'unreachable');
    assert.equal(lost.value, null);
  });
});

test('a stream that is refused is not asked for again', async () => {
  let asked = 0;
  await serving((_, response) => {
    ++asked;
    response.statusCode = 400;
    response.end('{"error":{"code":"invalid_argument","message":"bad"}}');
  }, async () => {
    const last = await new Promise<FollowState>((resolve) => {
      follow('/api/v1/tail', {}, { event: () => undefined, state: (state) => state.is === 'ended' && resolve(state) });
    });
    assert.equal(last.is === 'ended' && last.error.message, 'bad');
  });
  assert.equal(asked, 1);
});
