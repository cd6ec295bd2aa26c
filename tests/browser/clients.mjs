// Those who follow a server from without: `ws` and curl as they are, and a way between that can be cut.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { fill, pageTool } from './page.mjs';

export const WebSocket = pageTool('ws');

const kPatienceMs = 60_000; // generous: the machine may be busy

// `promise`, but rejected with what was waited for if it takes too long.
export function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${kPatienceMs / 1000} s in vain for ${what}`)), kPatienceMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class Ended extends Error {}

// What came, in its order, for one who asks for it piece by piece. Throws Ended once all was asked for and no more comes.
class Inbox {
  #pieces = [];
  #waiting = [];
  #end;

  put(piece) {
    if (this.#waiting.length > 0) this.#waiting.shift().resolve(piece);
    else this.#pieces.push(piece);
  }

  end(why) {
    this.#end = new Ended(why);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }

  next(what = 'the next event') {
    if (this.#pieces.length > 0) return Promise.resolve(this.#pieces.shift());
    if (this.#end) return Promise.reject(this.#end);
    return soon(new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }); }), what);
  }

  async take(count) {
    const pieces = [];
    while (pieces.length < count) pieces.push(await this.next(`event ${pieces.length} of ${count}`));
    return pieces;
  }

  // Everything up to the end of it.
  async rest() {
    const pieces = [];
    for (;;) {
      try {
        pieces.push(await this.next('the end'));
      } catch (error) {
        if (error instanceof Ended) return pieces;
        throw error;
      }
    }
  }
}

// A WebSocket by `ws`; what comes is JSON. `closed` is its close code, 1006 where the connection broke. options: of `ws`.
export class Socket extends Inbox {
  constructor(server, target, options = {}) {
    super();
    this.ws = new WebSocket(new URL(target, server.url.replace(/^http/, 'ws')), options);
    this.messageBytes = [];
    this.ws.on('message', (data) => {
      this.messageBytes.push(data.length);
      this.put(JSON.parse(data));
    });
    this.ws.on('error', (error) => { this.error = error; });
    this.ws.on('upgrade', ({ headers, rawHeaders, statusMessage }) => {
      this.headers = headers;
      this.headBytes = `HTTP/1.1 101 ${statusMessage}\r\n\r\n`.length + rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
    });
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        this.reason = String(reason);
        this.end(`closed with ${code} ${reason} ${this.error ?? ''}`);
        resolve(code);
      });
    });
    const open = new Promise((resolve, reject) => {
      this.ws.on('open', resolve);
      this.ws.on('close', () => reject(this.error ?? new Ended('closed before it was open')));
    });
    this.opened = soon(open, 'the WebSocket to open');
    this.opened.catch(() => undefined);
  }

  static async open(server, target, options) {
    const socket = new Socket(server, target, options);
    await socket.opened;
    return socket;
  }

  // The pong that answers a ping of these bytes.
  ping(bytes) {
    const pong = new Promise((resolve) => { this.ws.once('pong', (data) => resolve(String(data))); });
    this.ws.ping(bytes);
    return soon(pong, 'a pong');
  }

  async close() {
    this.ws.close(1000);
    return soon(this.closed, 'the server to say goodbye');
  }
}

// A curl that follows; the pieces are the lines that it prints. `exit` is its exit code.
export class Curl extends Inbox {
  #process;
  constructor(server, target, options = []) {
    super();
    this.#process = spawn('curl', ['-q', '-N', '-sS', '--noproxy', '*', ...options, new URL(target, server.url).href], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.errors = '';
    this.#process.stderr.on('data', (data) => { this.errors += data; });
    let half = '';
    this.#process.stdout.setEncoding('utf8').on('data', (data) => {
      // Not Node's readline: to that some other characters end a line, too.
      const lines = (half + data).split('\n');
      half = lines.pop();
      for (const line of lines) this.put(line);
    });
    this.exit = new Promise((resolve, reject) => {
      this.#process.on('close', (code, signal) => {
        this.end(`curl ended: ${this.errors}`);
        resolve(code ?? signal);
      });
      this.#process.on('error', reject);
    });
    this.exit.catch((error) => this.end(String(error)));
  }

  kill() {
    this.#process.kill();
    return this.exit;
  }
}

// A way to a server that can be cut. Stands for the server where one is asked for (`url`).
class Way {
  #proxy;
  #pairs = new Set();
  #cuts = [];
  isOpen = true;

  constructor(server) {
    this.server = server;
    this.#proxy = createServer((client) => this.#join(client));
  }

  async start() {
    await new Promise((resolve, reject) => { this.#proxy.on('error', reject).listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.#proxy.address().port}/`;
  }

  #join(client) {
    client.on('error', () => undefined);
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = connect(this.server.port, '127.0.0.1');
    server.on('error', () => undefined);
    const pair = { client, server, left: Infinity };
    this.#pairs.add(pair);
    client.on('data', (data) => {
      // A browser uses its connections again.
      if (/^GET \/(api\/v1\/(tail|channel|messages)|cloudsandra|realtime)/.test(data)) pair.left = this.#cuts.shift() ?? Infinity;
      server.write(data);
    });
    server.on('data', (data) => {
      client.write(data.subarray(0, pair.left));
      pair.left -= data.length;
      // What was passed on arrives before the end does.
      if (pair.left <= 0) this.#part(pair, () => client.end());
    });
    client.on('close', () => this.#part(pair, () => client.destroy()));
    server.on('close', () => this.#part(pair, () => client.end()));
  }

  #part(pair, endClient) {
    if (!this.#pairs.delete(pair)) return;
    pair.server.removeAllListeners('data').destroy();
    endClient();
  }

  // The next streams are cut once so many bytes of their answers were passed on, each of its own number.
  cutAfter(...bytes) {
    this.#cuts.push(...bytes);
  }

  get cutsLeft() {
    return this.#cuts.length;
  }

  // All that pass it now.
  cut() {
    for (const pair of [...this.#pairs]) this.#part(pair, () => pair.client.resetAndDestroy());
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => { this.#proxy.close(resolve); });
  }
}

export async function withWay(server, body) {
  const way = new Way(server);
  await way.start();
  try {
    return await body(way);
  } finally {
    await way.stop();
  }
}

// ---- What there is to follow ----

export const channelOf = (row, more = '') => `api/v1/channel?channel=${encodeURIComponent(`/CFUTF8Type/${row}`)}${more}`;
export const tailOf = (client, more = '') => `api/v1/tail?q=${encodeURIComponent(`client:${client}`)}${more}`;
export const valueOf = (event) => event.columnvalue ?? event.line;
export const numbers = (first, end) => Array.from({ length: end - first }, (_, i) => String(first + i));

// The numbers first … end - 1 as values of a row that are told on its channel, in posts of `together`.
export async function tell(server, row, first, end, { together = 50, credential } = {}) {
  for (let at = first; at < end; at += together) {
    const columns = numbers(at, Math.min(end, at + together)).map((n) => ({ columnname: `c${n.padStart(6, '0')}`, columnvalue: n }));
    await server.call('POST', 'v0.3/DATA/CFUTF8Type?realtime=true', { body: JSON.stringify({ rowkeys: [{ rowkey: row, columns }] }), credential });
  }
}

const kMorning = Date.UTC(2011, 5, 22);

// The same as lines of a client, a millisecond apart; `more` stands behind each number.
export async function log(server, client, first, end, { together = 50, more = '', credential } = {}) {
  for (let at = first; at < end; at += together) {
    const some = numbers(at, Math.min(end, at + together));
    await fill(server, some.map((n) => ({ host: client, log: 'l', time: kMorning + Number(n), message: n + more })), credential);
  }
}

// Lines that are hard to pass on, and what is read of them: stored bytes that are no UTF-8 come as lone surrogates.
const kAwkward = [
  'ü € 😀', 'a\u2028b\u2029c', 'a\u0000b\u007f\u0085', 'a\rb: \tc', 'data: x', ':', 'id: 1', '\ufeffx', '{"a":"\\u0000"}', '</script>', 'x'.repeat(100_000),
].map((text) => [Buffer.from(text), text]).concat([
  [Buffer.from([0x61, 0xff, 0xc3, 0x28]), 'a\udcff\udcc3('],
  [Buffer.from([0xed, 0xa0, 0x80]), '\udced\udca0\udc80'],
  [Buffer.from([0xf0, 0x9f, 0x98]), '\udcf0\udc9f\udc98'],
]);
export const awkwardTexts = kAwkward.map(([, text]) => text);

export async function logAwkward(server, client) {
  for (const [bytes] of kAwkward) await server.call('POST', `api/v1/logs?client=${client}&log=l`, { body: bytes, type: 'text/plain' });
}

// The place where all that comes from now on begins.
export async function placeNow(server) {
  return (await server.call('GET', 'api/v1/tail?transport=poll&wait=0')).next;
}

// A metric's sum over its labels.
export async function metric(server, name) {
  const lines = (await server.call('GET', 'metrics')).split('\n').filter((line) => line.split(/[{ ]/)[0] === name);
  assert.notEqual(lines.length, 0, `no ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
