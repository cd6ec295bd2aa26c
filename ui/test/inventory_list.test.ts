import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placed, readList, type Listed } from '../src/views/inventory/list';

const machines = (text: string): readonly Listed[] => {
  const list = readList(text);
  assert.ok('machines' in list);
  return list.machines;
};

test('a CSV is read: quotes, comments, empty cells, other separators', () => {
  assert.deepEqual(machines('10.0.0.1,android,mobile\r\n# no more\n\n10.0.0.2\n10.0.0.3,,db,\n'), [
    { machine: '10.0.0.1', name: 'android', group: 'mobile' }, { machine: '10.0.0.2' }, { machine: '10.0.0.3', group: 'db' },
  ]);
  assert.deepEqual(machines('a;"the; ""first"" one" ; g'), [{ machine: 'a', name: 'the; "first" one', group: 'g' }]);
  assert.deepEqual(machines('10.0.0.1, two words, g'), [{ machine: '10.0.0.1', name: 'two words', group: 'g' }]);
});

test('the first line of a CSV may name its columns, in any order', () => {
  assert.deepEqual(machines('\ufeffGroup,Address,Name\nweb,10.0.0.1,w1\n,10.0.0.2,'), [{ machine: '10.0.0.1', name: 'w1', group: 'web' }, { machine: '10.0.0.2' }]);
  assert.deepEqual(machines('group,10.0.0.9'), [{ machine: 'group', name: '10.0.0.9' }]);
});

test('what is wrong with a list names its line', () => {
  for (const [text, words] of [
    ['a,b,c,d', /^line 1: expected machine,name,group, and found 4 parts$/],
    ['a,b\n,c', /^line 2: it has no machine$/],
    ['a,b\n\nc d e', /^line 3: "c d e" is no address or name/],
    ['a,"b', /^line 1: a quote is not closed$/],
    ['a,"b"c', /^line 1: expected "," behind a quoted text$/],
    ['a b c\n10.0.0.1,x,y', /^line 2: the lines before it have blanks/],
    ['[{"machine":', /^the list is no JSON: /],
  ] as const) assert.throws(() => readList(text), { message: words }, text);
});

test('lines with blanks go to the server as they are, JSON as its machines', () => {
  assert.deepEqual(readList('# ours\ndb1 data db\n\n web1'), { lines: '# ours\ndb1 data db\n\n web1', many: 2 });
  assert.deepEqual(readList(' \n#\n'), { lines: ' \n#\n', many: 0 });
  assert.deepEqual(machines(' [{"machine":"a, b"}]'), [{ machine: 'a, b' }]);
});

test('what the server says of a machine is told of its line', () => {
  const list = readList('a,x\n# c\na,y');
  assert.ok('places' in list);
  assert.equal(placed('machine 2: the machine "a" was there before', list.places), 'line 3: the machine "a" was there before');
  assert.equal(placed('no answer', list.places), 'no answer');
});
