// The old page's conversation with its server, as it is recorded in tests/blackbox/recordings/page, played by whom it is
// given. See conversation.test.mjs and streams.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// Steps {post, body}, {send: text} and {expect}, in their order; the recording tells what they mean.
function read(name) {
  const steps = [];
  for (const line of readFileSync(new URL(`../blackbox/recordings/page/${name}`, import.meta.url), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('POST ')) steps.push({ post: line.slice('POST /'.length) });
    else if (line.startsWith('> ')) steps.push({ send: line.slice(2) });
    else if (line.startsWith('< ')) steps.push({ expect: JSON.parse(line.slice(2)) });
    else steps.at(-1).body = line;
  }
  return steps;
}

const pattern = (text) => new RegExp(`^${text.split('*').map((part) => part.replace(/[\\^$.|?+(){}[\]]/g, '\\$&')).join('.*')}$`, 's');

// Whether `given` has all that is expected of it. A row's columns must be these, none else: `exactly`.
function fits(expected, given, exactly = false) {
  if (typeof expected === 'string') return typeof given === 'string' && pattern(expected).test(given);
  if (expected === null || typeof expected !== 'object') return expected === given;
  if (given === null || typeof given !== 'object') return false;
  if (exactly && !fits(Object.keys(expected).join('\n'), Object.keys(given).join('\n'))) return false;
  return Object.entries(expected).every(([name, value]) => {
    const found = name in given ? name : Object.keys(given).find((other) => pattern(name).test(other));
    return found !== undefined && fits(value, given[found]);
  });
}

const kRows = ['servers', 'users', 'clients', 'client-external', 'client-tags', 'logs', 'plugins', 'log-live', 'log-history', 'plugin-live', 'plugin-history', 'alerts-live', 'alerts-history', 'config', 'instances'];

function check({ type, request, data, ...others }, given, after) {
  const about = `${after ?? 'at the start'} was answered ${JSON.stringify(given)}`;
  assert.ok(fits({ type, request, ...others }, given), about);
  assert.equal(typeof given.data, 'string', about);
  const isRow = request === 'get' && kRows.includes(type);
  if (typeof data === 'string') assert.ok(fits(data, given.data), about);
  else assert.ok(fits(data, JSON.parse(given.data), isRow), `${about}, not ${JSON.stringify(data)}`);
}

// Plays it on what open(server) gives: {send(text), next(): the next message, close(): its code}. together: how many questions are
// asked before an answer is read.
export async function play(server, { open, together = 1 }) {
  const steps = read('visit.txt');
  for (const { post, body } of steps.filter((step) => step.post)) await server.call('POST', post, { body });
  const page = await open(server);
  const [greeting, ...answers] = steps.filter((step) => step.expect);
  check(greeting.expect, await page.next());
  const questions = steps.filter((step) => step.send);
  assert.equal(answers.length, questions.length);
  for (let at = 0; at < questions.length; at += together) {
    const some = questions.slice(at, at + together);
    for (const { send } of some) await page.send(send);
    for (const [i, { send }] of some.entries()) check(answers[at + i].expect, await page.next(), send);
  }
  assert.equal(await page.close(), 1000);
}
