// Node's `ws` has the old page's conversation with a real nm-stored.
import { test } from 'node:test';
import { Socket } from './clients.mjs';
import { play } from './conversation.mjs';
import { withServer } from './page.mjs';

const byWs = (target) => async (server) => {
  const socket = await Socket.open(server, target);
  return { next: () => socket.next(), send: (text) => socket.ws.send(text), close: () => socket.close() };
};

// Every character in a frame of its own.
const inFrames = async (server) => {
  const socket = await Socket.open(server, '/');
  const send = (text) => [...text].forEach((character, i, all) => socket.ws.send(character, { fin: i + 1 === all.length }));
  return { next: () => socket.next(), send, close: () => socket.close() };
};

test('ws has the whole conversation, one question at a time', () => withServer([], (server) => play(server, { open: byWs('/') })));
test('ws has the whole conversation, asking without waiting', () => withServer([], (server) => play(server, { open: byWs('/ws'), together: 60 })));
test('ws has the whole conversation, each character in a frame', () => withServer([], (server) => play(server, { open: inFrames })));
