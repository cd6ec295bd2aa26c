import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Loader, type LinesState } from '../src/views/search/loader';
import { stats, withAnswers } from './answers';

const entry = (n: number) => ({ time: n, client: 'c', log: 'l', kind: 'logs', line: `line ${n}`, id: String(n) });

const search = { q: 'x', from: '-1h', to: '', order: 'desc' } as const;
const told = () => {
  const states: LinesState[] = [];
  return { states, loader: new Loader(search, (state) => states.push(state)) };
};
const lines = ({ entries }: LinesState) => entries.map(({ line }) => line);

test('what a slow search has found is there before its end, and stays when it is stopped', withAnswers(async (asked, until) => {
  const { loader } = told();
  void loader.first();
  await until(() => asked.length === 1);
  asked[0]?.answer.say(entry(2), { progress: { ...stats, lines_scanned: 7 } }, entry(1));
  await until(() => loader.state.entries.length === 2);
  assert.equal(loader.state.loading, 'first');
  assert.equal(loader.state.begun, true);
  assert.equal(loader.state.progress?.lines_scanned, 7);
  loader.stop();
  await until(() => loader.state.loading === null);
  assert.deepEqual(lines(loader.state), ['line 2', 'line 1']);
  assert.equal(loader.state.stopped, true);
  assert.equal(loader.state.error, null);
}));

test('pages follow each other in both directions', withAnswers(async (asked, until) => {
  const { loader } = told();
  void loader.first();
  await until(() => asked.length === 1);
  asked[0]?.answer.say(entry(5), entry(4)).end('n1', 'p1');
  await until(() => loader.state.loading === null);
  loader.next();
  loader.next();
  await until(() => asked.length === 2);
  assert.equal(asked[1]?.url.searchParams.get('cursor'), 'n1');
  assert.equal(asked[1]?.url.searchParams.get('from'), null, 'a cursor has the times of the first page');
  asked[1]?.answer.say(entry(3)).end(null, 'p2', { complete: false, stopped_by: 'query_timeout' });
  await until(() => loader.state.loading === null);
  assert.equal(loader.state.next, false);
  assert.equal(loader.state.cutShort, 'query_timeout');
  loader.prev();
  await until(() => asked.length === 3);
  assert.equal(asked[2]?.url.searchParams.get('cursor'), 'p1');
  asked[2]?.answer.say(entry(6), entry(7)).end('n0', 'p0');
  await until(() => loader.state.loading === null);
  assert.deepEqual(lines(loader.state), ['line 7', 'line 6', 'line 5', 'line 4', 'line 3']);
  loader.prev();
  await until(() => asked.length === 4);
  assert.equal(asked[3]?.url.searchParams.get('cursor'), 'p0');
  asked[3]?.answer.end('n', 'p0');
  await until(() => loader.state.newer === 'none');
  assert.equal(loader.state.entries.length, 5);
}));

test('a page that fails is asked for again, and those before it stay', withAnswers(async (asked, until) => {
  const { loader } = told();
  void loader.first();
  await until(() => asked.length === 1);
  asked[0]?.answer.say(entry(5)).end('n1', 'p1');
  await until(() => loader.state.loading === null);
  loader.next();
  await until(() => asked.length === 2);
  asked[1]?.answer.say(entry(4)).break(new TypeError('network'));
  await until(() => loader.state.error !== null);
  assert.deepEqual(lines(loader.state), ['line 5']);
  loader.retry();
  await until(() => asked.length === 3);
  asked[2]?.answer.say(entry(4), entry(3)).end(null, 'p2');
  await until(() => loader.state.loading === null);
  assert.deepEqual(lines(loader.state), ['line 5', 'line 4', 'line 3']);
  assert.equal(loader.state.error, null);
}));

test('a first page that breaks off is asked for again, from its begin', withAnswers(async (asked, until) => {
  const { loader } = told();
  void loader.first();
  await until(() => asked.length === 1);
  const cut = asked[0]?.answer.say(entry(5));
  await until(() => loader.state.entries.length === 1);
  cut?.break(new TypeError('network'));
  await until(() => loader.state.error !== null);
  assert.deepEqual(lines(loader.state), ['line 5'], 'what came is there');
  loader.retry();
  await until(() => asked.length === 2);
  assert.equal(asked[1]?.url.searchParams.get('cursor'), null);
  assert.equal(asked[1]?.url.searchParams.get('from'), '-1h');
  asked[1]?.answer.say(entry(5), entry(4)).end(null, 'p1');
  await until(() => loader.state.loading === null);
  assert.deepEqual(lines(loader.state), ['line 5', 'line 4']);
  assert.equal(loader.state.error, null);
}));

test('very many lines: the pages at the other end are let go, and come back', withAnswers(async (asked, until) => {
  const { loader } = told();
  const line = 'x'.repeat(1_000_000);
  void loader.first();
  for (let page = 0; page < 70; ++page) {
    await until(() => asked.length === page + 1);
    asked[page]?.answer.say({ ...entry(page), line }).end(`n${page}`, `p${page}`);
    await until(() => loader.state.loading === null);
    if (page < 69) loader.next();
  }
  assert.equal(loader.state.entries.length, 64);
  assert.equal(loader.state.entries[0]?.id, '6');
  assert.equal(loader.state.prev, true);
  loader.prev();
  await until(() => asked.length === 71);
  assert.equal(asked[70]?.url.searchParams.get('cursor'), 'p6');
  asked[70]?.answer.say({ ...entry(5), line }).end('n5', 'p5');
  await until(() => loader.state.loading === null);
  assert.deepEqual([loader.state.entries[0]?.id, loader.state.entries.length], ['5', 64]);
  loader.next();
  await until(() => asked.length === 72);
  assert.equal(asked[71]?.url.searchParams.get('cursor'), 'n68');
  asked[71]?.answer.end(null, 'p');
  await until(() => loader.state.loading === null);
}));
