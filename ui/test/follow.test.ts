// What is followed by WebSocket, and what becomes of it where none comes through. tests/browser has the real ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow, type FollowState } from '../src/api/follow';
import { lost } from '../src/api/http';
import { signIn, signOut } from '../src/session';
import { withAnswers } from './answers';

class Socket {
  static all: Socket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: string[] = [];
  closed = false;
  constructor(readonly url: URL, readonly protocols: string[]) {
    Socket.all.push(this);
  }
  send(text: string) { this.sent.push(text); }
  close() { this.closed = true; }
  say(...values: unknown[]) { for (const value of values) this.onmessage?.({ data: JSON.stringify(value) }); }
}

// The sockets that are opened are the test's; what is asked for otherwise is answered by it as well.
const withSockets = (body: Parameters<typeof withAnswers>[0]) => withAnswers(async (asked, until) => {
  Socket.all = [];
  Object.assign(globalThis, { WebSocket: Socket, location: new URL('https://hub:1/below/#/tail') });
  try {
    await body(asked, until);
  } finally {
    Object.assign(globalThis, { WebSocket: undefined, location: undefined });
  }
});

test('a WebSocket that is closed is opened again behind the last event', withSockets(async (asked, until) => {
  const lines: string[] = [];
  const states: string[] = [];
  const following = follow<{ line: string }>('/api/v1/tail', { q: 'x', since: 'now' }, { event: ({ line }) => lines.push(line), state: ({ is }) => states.push(is) });
  const [first] = Socket.all as [Socket];
  assert.equal(first.url.href, 'wss://hub:1/below/api/v1/tail?q=x&since=now&transport=websocket&place=true');
  assert.deepEqual(first.protocols, []);
  first.onopen?.();
  assert.deepEqual(states, ['connecting']);
  first.say({ event: '4', heartbeat: true });
  assert.deepEqual([states, following.place()], [['connecting', 'live'], '4']);
  first.say({ event: '5', line: 'a' });
  first.onclose?.();
  await until(() => Socket.all.length === 2);
  const second = Socket.all[1] as Socket;
  assert.equal(second.url.searchParams.get('since'), '5');
  second.onopen?.();
  second.say({ event: '5', heartbeat: true }, { event: '6', line: 'b' });
  following.stop();
  second.say({ event: '7', line: 'c' });
  assert.deepEqual(lines, ['a', 'b']);
  assert.ok(second.closed);
  assert.equal(asked.length, 0);
}));

test('a WebSocket offers the credentials as a protocol', withSockets(async () => {
  signIn({ token: 'tok?', account: 'ä>?~' }, false);
  try {
    follow('/api/v1/tail', {}, { event: () => undefined }).stop();
    const [{ protocols }] = Socket.all as [Socket];
    const [name, credential = ''] = protocols;
    assert.equal(name, 'nm-store');
    assert.match(credential, /^nm-store\.basic\.[A-Za-z0-9_-]+$/);
    assert.equal(Buffer.from(credential.slice('nm-store.basic.'.length), 'base64url').toString('utf8'), 'tok?:ä>?~');
  } finally {
    signOut();
  }
}));

test('where no WebSocket opens, the server is asked why; where it answers all the same, lines are read', withSockets(async (asked, until) => {
  const states: FollowState['is'][] = [];
  const lines: string[] = [];
  const following = follow<{ line: string }>('/api/v1/tail', { q: 'x' }, { event: ({ line }) => lines.push(line), state: ({ is }) => states.push(is) });
  for (let n = 1; n <= 2; ++n) {
    await until(() => Socket.all.length === n);
    Socket.all[n - 1]?.onclose?.();
    await until(() => asked.length === n);
    assert.equal(asked[n - 1]?.url.searchParams.get('transport'), 'poll');
    asked[n - 1]?.answer.finish({ events: [], next: '9' });
  }
  await until(() => asked.length === 3);
  assert.equal(asked[2]?.url.searchParams.get('transport'), 'lines');
  asked[2]?.answer.say({ event: '9', heartbeat: true }, { event: '10', line: 'a' });
  await until(() => lines.length === 1);
  assert.equal(states[states.length - 1], 'live');
  // Once that breaks off, a WebSocket may open again.
  asked[2]?.answer.break(new Error('cut'));
  await until(() => Socket.all.length === 3);
  assert.equal(Socket.all[2]?.url.searchParams.get('since'), '10');
  Socket.all[2]?.onopen?.();
  assert.equal(lost.value, null);
  following.stop();
}));
