import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/kit/did-you-mean.ts';

const keys = ['channel', 'text', 'text_file', 'blocks', 'artifacts', 's3', 'expires_in', 'thread_from'];

describe('didYouMean', () => {
  it.each([
    ['a missing letter', 'chanel', 'channel'],
    ['a letter too many', 'blockss', 'blocks'],
    ['a wrong letter', 'artefacts', 'artifacts'],
    ['two neighbours swapped', 'txet', 'text'],
    ['two edits in a long word', 'exspires_inn', 'expires_in'],
    ['another case', 'Text_File', 'text_file'],
    ['a hyphen for an underscore', 'text-file', 'text_file'],
    ['camel case', 'threadFrom', 'thread_from'],
  ])('suggests a key for %s', (_, word, meant) => {
    expect(didYouMean(word, keys)).toBe(meant);
  });

  it.each([
    ['three edits', 'chnl'],
    ['another word', 'message'],
    ['half of a short word', 'a3'],
    ['an empty word', ''],
    ['only separators', '-_-'],
  ])('suggests nothing for %s', (_, word) => {
    expect(didYouMean(word, keys)).toBeUndefined();
  });

  it('prefers the nearest candidate, then the first', () => {
    expect(didYouMean('texts', ['tents', 'text', 'textes'])).toBe('tents');
    expect(didYouMean('texts', ['tenths', 'text', 'textes'])).toBe('text');
  });

  it('gives back a candidate that is written exactly', () => {
    expect(didYouMean('s3', ['s4', 's3'])).toBe('s3');
  });

  it('always answers with a candidate or nothing, for any words', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, candidates) => {
        const answer = didYouMean(word, candidates);
        expect(answer === undefined || candidates.includes(answer)).toBe(true);
      }),
    );
  });

  it('finds every word of five letters or more again after one edit', () => {
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'.split(''));
    fc.assert(
      fc.property(
        fc.array(letter, { minLength: 5, maxLength: 12 }),
        fc.nat(),
        letter,
        (word, where, other) => {
          const index = where % word.length;
          const edited = [word.toSpliced(index, 1), word.toSpliced(index, 0, other), word.with(index, other)];
          for (const typed of edited) expect(didYouMean(typed.join(''), [word.join('')])).toBe(word.join(''));
        },
      ),
    );
  });
});
