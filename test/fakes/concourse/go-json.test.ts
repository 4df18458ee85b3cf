import { expect, test } from 'vitest';
import { parseGoDuration } from './go-duration.ts';
import { decodeFirst } from './go-json.ts';

test.each([
  [' {"a":"}\\""} {', { a: '}"' }],
  ['[1,[2]]x', [1, [2]]],
  ['"text" more', 'text'],
  ['-1.5e3,', -1500],
  ['truefalse', true],
  ['null', null],
])('decodes the first JSON value of %j', (text, value) => {
  expect(decodeFirst(text)).toEqual(value);
});

test.each(['', ' \n', '{"a":', '"open', '{a:1}', '[1,]', 'hello', '\ufeff{}'])('refuses %j', (text) => {
  expect(() => decodeFirst(text)).toThrow();
});

test.each([
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['500ms', 500],
  ['0', 0],
  ['1d', undefined],
  ['10', undefined],
  ['', undefined],
])('reads the Go duration %j', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});
