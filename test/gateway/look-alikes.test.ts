import { describe, expect, test } from 'vitest';
import { lookAlikes } from '../../src/gateway/look-alikes.ts';

describe('a word is told to be not what it looks like', () => {
  test.each([
    ['with one letter of another alphabet', 'аpp', 'аpp is \\u{430}pp'],
    ['of look-alikes alone', 'арр', 'арр is \\u{430}\\u{440}\\u{440}'],
    ['of Greek ones', 'ΡΑΥ', 'ΡΑΥ is \\u{3a1}\\u{391}\\u{3a5}'],
    ['of wide letters', 'ｐｒｏｄ', 'ｐｒｏｄ is \\u{ff50}\\u{ff52}\\u{ff4f}\\u{ff44}'],
    ['of mathematical letters', '𝐩rod', '𝐩rod is \\u{1d429}rod'],
    ['with a letter of phonetics', 'ɑpp', 'ɑpp is \\u{251}pp'],
    ['with a ligature', 'ﬁx', 'ﬁx is \\u{fb01}x'],
    ['with digits between', 'а1р2', 'а1р2 is \\u{430}1\\u{440}2'],
  ])('%s', (_what, text, words) => {
    expect(lookAlikes(`deploy ${text}?`)).toBe(`Not what it looks like: ${words}`);
  });
});

test.each([
  'app',
  'v1.2.3-rc+4_x',
  'José',
  'Größe',
  'приложение',
  'выпуск 41',
  'Αθήνα',
  '日本',
  '배포',
  'العربية',
  '',
  '🚀',
])('a word that is what it looks like passes: %s', (text) => {
  expect(lookAlikes(text)).toBeUndefined();
});

test('many of them are counted, each once, and no decoy hides that there are some', () => {
  const words = ['аa', 'аb', 'аc', 'аd', 'аe', 'аf', 'аa'];
  expect(lookAlikes(words.join(' '))).toMatch(/ is \\u\{430\}e, and 1 more$/);
});
