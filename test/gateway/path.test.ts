import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callPath } from '../../src/gateway/path.ts';
import { percentDecode } from '../fakes/aws/canonical-request.ts';

const path = (template: string, scope: Record<string, unknown> = {}) =>
  callPath(template, scope, 'params.call.path');
const odd = fc.constantFrom(
  ...'/\\.%?#&=+;:@ é日"<>{}|^`~\r\n\0'.split(''),
  '..',
  '%2e',
  '%2F',
  '%5c',
  '%25',
  '//',
  '://',
  '日本',
);
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(odd, { maxLength: 8 }).map((all) => all.join('')),
);

describe('a value in a path', () => {
  it('is one part and arrives as it is, or is refused (P4, P6)', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let made: string;
        try {
          made = path('/deploy/{{value}}/status', { value });
        } catch (error) {
          expect(error).toMatchObject({ name: 'Fault', code: 'PARAMS_INVALID' });
          return;
        }
        const parts = made.split('/');
        expect(parts).toHaveLength(4);
        expect(parts[2]).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})+$/);
        expect(Buffer.from(percentDecode(parts[2] ?? ''), 'latin1').toString('utf8')).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('never leads out of its part, however often it is decoded (P4)', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        let made: string;
        try {
          made = path('/stays/{{a}}{{b}}', { a, b });
        } catch {
          return;
        }
        for (let now = made, before = ''; now !== before; before = now, now = decodedOnce(now)) {
          const { host, pathname } = new URL(`http://api.example${now.replace(/[?#]/g, '_')}`);
          expect(host).toBe('api.example');
          expect(pathname.startsWith('/stays/')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('may be a number, and text without a meaning in a path', () => {
    expect(path('/v{{n}}/a-{{s}}', { n: 2, s: 'b.c' })).toBe('/v2/a-b.c');
  });
});

describe('a path as it is written', () => {
  it.each([
    ['/', '/'],
    ['/deploy', '/deploy'],
    ['/deploy/', '/deploy/'],
    ['/a b/ü', '/a%20b/%C3%BC'],
    ['/a%20b', '/a%20b'],
    ['/a:b@c+d', '/a%3Ab%40c%2Bd'],
    ['/...', '/...'],
    ['/a..b', '/a..b'],
  ])('%s is sent as %s', (given, sent) => expect(path(given)).toBe(sent));

  it.each([
    '',
    'a',
    '//',
    '//a',
    '/a//b',
    '/.',
    '/..',
    '/a/../b',
    '/%2e',
    '/%2E%2e',
    '/a%2f..%2fb',
    '/%252e%252e',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/a%5cb',
    '/%ff',
    '/%',
    '/%0a',
    '/a\nb',
    '/{{',
    '/{{a/b}}',
    `/${'a'.repeat(8001)}`,
  ])('%j is refused', (given) =>
    expect(() => path(given)).toThrow(expect.objectContaining({ code: 'PARAMS_INVALID' })),
  );
});

function decodedOnce(text: string): string {
  return text.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
}
