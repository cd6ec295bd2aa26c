import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting, sizeOf } from '../src/components/line_size';
import { LiveTail } from '../src/views/tail/live_tail';
import { stats, withAnswers, type Answer } from './answers';

const entry = (n: number, line = `line ${n}`) => ({ time: n, client: 'c', log: 'l', kind: 'logs' as const, line, id: String(n) });
const event = (n: number, line?: string) => ({ ...entry(n, line), event: String(n) });
const lines = ({ state }: LiveTail) => state.entries.map(({ line }) => line);

type Asked = { url: URL; answer: Answer }[];
const of = (asked: Asked, path: string) => asked.filter(({ url }) => url.pathname.endsWith(path));

test('what is written is shown before the lines that were there are found', withAnswers(async (asked, until) => {
  const tail = new LiveTail('x', () => undefined);
  tail.begin();
  try {
    assert.equal(tail.state.connection.is, 'connecting');
    await until(() => asked.length === 1);
    of(asked, '/tail')[0]?.answer.say({ event: '0', heartbeat: true });
    await until(() => tail.state.connection.is === 'live');
    await until(() => of(asked, '/search').length === 1);
    assert.deepEqual(tail.state.backlog, { is: 'looking' });
    of(asked, '/tail')[0]?.answer.say(event(3));
    await until(() => lines(tail).length === 1);
    // Line 3 came both ways, half at first.
    of(asked, '/search')[0]?.answer.say(entry(3, 'li'), entry(2), entry(1)).end(null, null);
    await until(() => tail.state.backlog.is === 'there');
    assert.deepEqual(lines(tail), ['line 1', 'line 2', 'line 3']);
    of(asked, '/tail')[0]?.answer.say(event(4), event(2, 'line 2, whole'));
    await until(() => lines(tail).length === 4);
    assert.deepEqual(lines(tail), ['line 1', 'line 2, whole', 'line 3', 'line 4'], 'lines are found again by their ids');
  } finally {
    tail.close();
  }
}));

test('a tail goes on where the lines before cannot be found, and they can be asked for again', withAnswers(async (asked, until) => {
  const tail = new LiveTail('x', () => undefined);
  tail.begin();
  try {
    await until(() => asked.length === 1);
    of(asked, '/tail')[0]?.answer.say({ event: '0', heartbeat: true });
    await until(() => of(asked, '/search').length === 1);
    of(asked, '/search')[0]?.answer.say({ next: null, prev: null, stats, error: { code: 'busy', message: 'too busy' } });
    await until(() => tail.state.backlog.is === 'failed');
    assert.equal(tail.state.connection.is, 'live');
    of(asked, '/tail')[0]?.answer.say(event(3));
    await until(() => lines(tail).length === 1);
    void tail.lookBack();
    await until(() => of(asked, '/search').length === 2);
    of(asked, '/search')[1]?.answer.say(entry(2)).end(null, null);
    await until(() => tail.state.backlog.is === 'there');
    assert.deepEqual(lines(tail), ['line 2', 'line 3']);
  } finally {
    tail.close();
  }
}));

test('the lines of a tail are bounded by what they take, too, also while it is paused', withAnswers(async (asked, until) => {
  const tail = new LiveTail('x', () => undefined);
  const long = 'x'.repeat(4_000_000);
  tail.begin();
  try {
    await until(() => asked.length === 1);
    const { answer } = of(asked, '/tail')[0] as { answer: Answer };
    answer.say({ event: '0', heartbeat: true });
    await until(() => of(asked, '/search').length === 1);
    of(asked, '/search')[0]?.answer.end(null, null);
    for (let n = 1; n <= 12; ++n) answer.say(event(n, `${n} ${long}`));
    await until(() => tail.state.entries[tail.state.entries.length - 1]?.id === '12');
    assert.equal(tail.state.entries.length, 8);
    assert.equal(tail.state.dropped, 4);
    tail.pause();
    for (let n = 13; n <= 24; ++n) answer.say(event(n, `${n} ${long}`));
    await until(() => tail.state.parked);
    await until(() => tail.state.pending === 9);
    assert.equal(tail.state.perSecond, null, 'what the server keeps is not counted here');
    // The rest waits at the server, and is asked for behind the last that came.
    tail.goOn();
    await until(() => of(asked, '/tail').length === 2);
    assert.equal(of(asked, '/tail')[1]?.url.searchParams.get('since'), '21');
    assert.deepEqual([tail.state.entries.length, tail.state.entries[7]?.id], [8, '21']);
  } finally {
    tail.close();
  }
}));

test('a tail that nobody looks at follows nothing, and goes on where it was', withAnswers(async (asked, until) => {
  const tail = new LiveTail('x', () => undefined);
  tail.begin();
  try {
    await until(() => asked.length === 1);
    of(asked, '/tail')[0]?.answer.say({ event: '7', heartbeat: true });
    await until(() => of(asked, '/search').length === 1);
    of(asked, '/search')[0]?.answer.end(null, null);
    // Not one line has come.
    tail.leave();
    tail.leave();
    tail.comeBack();
    tail.comeBack();
    await until(() => of(asked, '/tail').length === 2);
    assert.equal(of(asked, '/tail')[1]?.url.searchParams.get('since'), '7');
    of(asked, '/tail')[1]?.answer.say(event(8));
    await until(() => lines(tail).length === 1);
    // A pause that ends meanwhile begins nothing.
    tail.pause();
    tail.leave();
    tail.goOn();
    assert.equal(of(asked, '/tail').length, 2);
    tail.comeBack();
    await until(() => of(asked, '/tail').length === 3);
    assert.equal(of(asked, '/tail')[2]?.url.searchParams.get('since'), '8');
    of(asked, '/tail')[2]?.answer.say(event(9));
    await until(() => lines(tail).length === 2);
    assert.deepEqual(lines(tail), ['line 8', 'line 9']);
  } finally {
    tail.close();
  }
}));

test('what fits is counted from the end, and is one line at least', () => {
  const of = (n: number, length: number) => Array.from({ length: n }, (_, i) => entry(i, 'x'.repeat(length)));
  assert.equal(fitting(of(5, 10), 3), 3);
  assert.equal(fitting(of(5, 800), 10, 2500), 2);
  assert.equal(fitting(of(5, 8000), 10, 2500), 1);
  assert.equal(fitting([], 10, 2500), 0);
  assert.ok(sizeOf({ ...entry(1), fields: { text: 'y'.repeat(5000) } }) > 5000);
});
