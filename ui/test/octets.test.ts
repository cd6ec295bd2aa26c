import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryString } from '../src/api/http';
import { fieldDecoded, fieldEncoded, percentEncoded } from '../src/octets';
import { href, parseRoute } from '../src/router';

test('any bytes come through an address as they are', () => {
  for (const text of ['', 'plain', 'a b+c%20&=?#/', 'ü€😀', '\udcff', 'a\udcc3b', '\udcc3\udc80', 'ü\udcbc', '\udcf0\udc9f😀', '%ff', '\ufeffx', '\u0000']) {
    const bytes = percentEncoded(text);
    assert.match(bytes, /^[\x21-\x7e]*$/);
    if (text !== '\udcc3\udc80') assert.equal(fieldDecoded(bytes), text, JSON.stringify(text));
    assert.equal(parseRoute(href('v', { a: 'x', name: text }))?.params.name ?? '', text === '\udcc3\udc80' ? 'À' : text);
  }
  assert.equal(percentEncoded('a\udcffb'), 'a%FFb');
  for (const text of ["it's (a) ~!*-._", 'a b+c&d=e/f:ü', '']) assert.equal(fieldEncoded(text), new URLSearchParams({ x: text }).toString().slice(2));
  assert.equal(percentEncoded('\ud800'), '%EF%BF%BD', 'no byte is meant');
  assert.equal(fieldDecoded('%zz+%4'), '%zz %4');
  assert.equal(fieldDecoded('%ED%A0%80'), '\udced\udca0\udc80', 'a surrogate is no UTF-8');
  assert.equal(queryString({ row: 'r\udc80:x y' }), '?row=r%80%3Ax+y');
});
