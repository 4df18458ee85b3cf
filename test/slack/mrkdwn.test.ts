import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateToken, escapeMrkdwn, splitMrkdwn, truncate, utc } from '../../src/slack/mrkdwn.ts';

const RUNS = { numRuns: 2000 };
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

const LIVE = '< > & ` : // :// https:// MailTo: tel: <!channel> <@U123> &amp; &lt;'.split(' ');
const AWKWARD = ['\u202E', '\u2066', '\0', '\u007F', '\u009B', '\r\n', '\n\n', '\t', ' ', '😀', '\u2060'];
const LINK = '<https://a.test|my page>';

/** Any text at all, with everything that is live in mrkdwn far more often than chance would put it there. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom(...LIVE),
      fc.constantFrom(...AWKWARD, LINK),
    ),
  )
  .map((parts) => parts.join(''));

describe('escapeMrkdwn', () => {
  it.each([
    ['a ping', '<!channel> <@U123>', '&lt;!channel&gt; &lt;@U123&gt;'],
    ['a forged link', '<https://evil.test|docs>', '&lt;https:\u2060//evil.test|docs&gt;'],
    ['a bare address', 'see http://evil.test', 'see http:\u2060//evil.test'],
    ['mail and telephone', 'mailto:a@b.test TEL:123', 'mailto:\u2060a@b.test TEL:\u2060123'],
    ['an entity', '&lt;!here&gt; & co', '&amp;lt;!here&amp;gt; &amp; co'],
    ['a backtick', 'run `rm`', 'run \u02CBrm\u02CB'],
    ['control characters', 'a\u0000b\u001b[31mc\u007Fd\u009Be\r\n\tf', 'ab[31mcde\n\tf'],
    ['a bidirectional override', 'gpj\u202E.exe\u2066x\u2069', 'gpj.exex'],
    ['a control character inside ://', 'http:\u0007/\u202A/evil.test', 'http:\u2060//evil.test'],
    ['other writing', 'Größe *fett* 日本 😀', 'Größe *fett* 日本 😀'],
  ])('neutralises %s (S29)', (_, value, escaped) => {
    expect(escapeMrkdwn(value)).toBe(escaped);
  });

  it('leaves nothing live in any text, and loses nothing else (S29)', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const escaped = escapeMrkdwn(value);
        expect(escaped).not.toMatch(/[<>`]|:\/\/|mailto:(?!\u2060)|tel:(?!\u2060)/i);
        expect(escaped).not.toMatch(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/u);
        const decoded = escaped
          .replaceAll('\u2060', '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&');
        const dropped = value.replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069\u2060]/gu, '');
        expect(decoded).toBe(dropped.replaceAll('`', '\u02CB'));
      }),
      RUNS,
    );
  });
});

describe('truncate', () => {
  it.each([
    ['short text', 'hello', 5, 'hello'],
    ['long text', 'hello world', 8, 'hello w…'],
    ['an emoji at the cut', 'ab😀cd', 4, 'ab…'],
    ['an entity at the cut', 'ab&amp;cd', 6, 'ab…'],
    ['an entity that just fits', 'ab&amp;cde', 8, 'ab&amp;…'],
    ['a token at the cut', 'see <https://a.test|the page> now', 20, 'see …'],
    ['a token that is all there is', '<https://a.test|the page>', 10, '<https://…'],
    ['no room but for the ellipsis', 'hello', 1, '…'],
    ['no room at all', 'hello', 0, ''],
  ])('cuts %s', (_, text, max, cut) => {
    expect(truncate(text, max)).toBe(cut);
  });

  it('keeps any text within its limit, whole entities and whole code points', () => {
    fc.assert(
      fc.property(anyText.map(escapeMrkdwn), fc.nat(40), (text, max) => {
        const cut = truncate(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
        if (!LONE_SURROGATE.test(text)) expect(cut).not.toMatch(LONE_SURROGATE);
        expect(text.startsWith(cut.replace(/…$/, '')) || cut === text).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('splitMrkdwn', () => {
  it.each([
    ['nothing for blank text', ' \n\n ', 10, []],
    ['short text in one piece', 'one two', 10, ['one two']],
    ['at a paragraph before a line', 'one\n\ntwo\nthree four', 14, ['one', 'two\nthree four']],
    ['at a line before a space', 'one two\nthree four', 14, ['one two', 'three four']],
    ['at a space', 'one two three', 9, ['one two', 'three']],
    ['inside a word when there is nothing else', 'abcdefghij', 5, ['abcde', 'fghij']],
    ['around an emoji', 'abcd😀efg', 5, ['abcd', '😀efg']],
    ['around an entity', 'abcd&amp;efg', 7, ['abcd', '&amp;ef', 'g']],
    [
      'around a token with spaces',
      'go <https://a.test|my page> now',
      26,
      ['go', '<https://a.test|my page>', 'now'],
    ],
    ['and keeps the indentation of a list', 'one\n  - two\n  - three', 12, ['one\n  - two', '  - three']],
    [
      'an over-long token rather than send a piece Slack refuses',
      '<https://a.test>',
      10,
      ['<https://a', '.test>'],
    ],
  ])('gives %s', (_, text, max, pieces) => {
    expect(splitMrkdwn(text, max)).toEqual(pieces);
  });

  it('cuts at the 3000 characters of a section unless told otherwise (S31)', () => {
    expect(splitMrkdwn('x'.repeat(7000)).map((piece) => piece.length)).toEqual([3000, 3000, 1000]);
  });

  it('refuses a limit that cannot hold an entity', () => {
    expect(() => splitMrkdwn('text', 4)).toThrow(RangeError);
    expect(() => splitMrkdwn('text', Number.NaN)).toThrow(RangeError);
  });

  it('keeps every character that is not whitespace, in pieces within the limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 5, max: 60 }), (text, max) => {
        const pieces = splitMrkdwn(text, max);
        expect(pieces.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(max);
          expect(piece.trim()).not.toBe('');
          if (!LONE_SURROGATE.test(text)) expect(piece).not.toMatch(LONE_SURROGATE);
        }
      }),
      RUNS,
    );
  });

  it('never cuts a token or an entity that fits', () => {
    const parts = fc.constantFrom(LINK, '&amp;', '&lt;', 'word', ' ', '\n', '\n\n');
    fc.assert(
      fc.property(fc.array(parts), fc.integer({ min: 25, max: 60 }), (words, max) => {
        for (const piece of splitMrkdwn(words.join(''), max)) {
          const rest = piece.replaceAll(LINK, '').replace(/&(?:amp|lt);/g, '');
          expect(rest).not.toMatch(/[<>&|]/);
        }
      }),
      RUNS,
    );
  });
});

describe('dates', () => {
  it('are written in UTC to the minute', () => {
    expect(utc(1_795_428_059)).toBe('2026-11-23 10:00 UTC');
    expect(utc(0)).toBe('1970-01-01 00:00 UTC');
  });

  it('are tokens with a fallback that every client can show', () => {
    expect(dateToken(1_795_428_000)).toBe(
      '<!date^1795428000^{date_short_pretty} {time}|2026-11-23 10:00 UTC>',
    );
    expect(dateToken(1_795_428_000.9)).toContain('^1795428000^');
  });
});
