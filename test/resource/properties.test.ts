import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { parseDuration } from '../../src/kit/duration.ts';
import { formatSize, parseSize } from '../../src/kit/size.ts';
import { withoutNulls } from '../../src/resource/nulls.ts';
import { parseGet, parsePut } from '../../src/resource/params.ts';
import { schemas } from '../../src/resource/schema.ts';
import { parseSource } from '../../src/resource/source.ts';
import { keyWithin } from '../../src/s3/key.ts';
import { ofSchema } from '../support/of-schema.ts';

const SECRET = 'sensitive-';

/** Requests whose keys are mostly right and whose values mostly fit; every other text in them is a secret. */
const sources = fc.oneof(
  { weight: 6, arbitrary: ofSchema(schemas.source, SECRET) },
  {
    weight: 4,
    arbitrary: fc.constant({
      channel: '#releases',
      slack: { token: 'sensitive-token' },
      s3: { bucket: 'b' },
    }),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const puts = fc.oneof(
  { weight: 4, arbitrary: ofSchema(schemas.message, SECRET) },
  { weight: 1, arbitrary: fc.constantFrom({ text: 'x' }, { blocks: [{}] }, { claim: 'release' }) },
  ...[schemas.approval, schemas.claim, schemas.call].map((schema) => ofSchema(schema, SECRET)),
  fc.jsonValue({ maxDepth: 2 }),
);

const gets = fc.oneof(
  { weight: 6, arbitrary: ofSchema(schemas.get, SECRET) },
  { weight: 1, arbitrary: fc.constantFrom({}, { permalink: true }, { call: { path: '/status' } }) },
);

/** What came of a request: `accepted`, or the whole Fault; anything else fails the test. */
async function outcome(parse: () => Promise<unknown>): Promise<string> {
  try {
    await parse();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.code}: ${error.message} / ${error.hint}`;
  }
}

/** Checks many requests, and that among them were all these outcomes. */
async function always(
  parse: (source: unknown, params: unknown, hasStatus: boolean) => Promise<unknown>,
  params: fc.Arbitrary<unknown>,
  numRuns: number,
  outcomes: readonly string[],
): Promise<void> {
  const seen = new Set<string>();
  const property = fc.asyncProperty(sources, params, fc.boolean(), async (...request) => {
    const first = await outcome(() => parse(...request));
    expect(first).not.toContain(SECRET);
    expect(first).not.toMatch(/\n/);
    expect(await outcome(() => parse(...request))).toBe(first);
    seen.add(first.split(':')[0] ?? '');
  });
  await fc.assert(property, { numRuns });
  expect([...seen].toSorted()).toEqual(outcomes);
}

describe('whatever the request', () => {
  const refusals = ['PARAMS_INVALID', 'SOURCE_INVALID', 'accepted'];

  test('a put is accepted or refused with one line, always the same, that quotes no value', () =>
    always(parsePut, puts, 6000, refusals));

  test('a get is accepted or refused with one line, always the same, that quotes no value', () =>
    always(parseGet, gets, 2000, refusals));

  test('a source holds its secrets wrapped', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
        fc.boolean(),
        async (text, withAws) => {
          const secret = `${SECRET}${text}`;
          const aws = { access_key_id: 'AKIA', secret_access_key: secret, session_token: secret };
          const listener = { url: 'https://listener.test', token: secret };
          const parsed = await parseSource({ slack: { token: secret }, listener, ...(withAws && { aws }) });
          if ('source' in parsed) accepted += 1;
          expect(inspect(parsed, { depth: 9 }) + JSON.stringify(parsed)).not.toContain(SECRET);
        },
      ),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('nulls are as good as absent, and nothing else changes', () => {
    const opaque = new Set(['body', 'value']);
    const isClean = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      Object.entries(value).every(
        ([key, child]) => (Array.isArray(value) || child !== null) && (opaque.has(key) || isClean(child)),
      );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const clean = withoutNulls(value);
        expect(isClean(clean)).toBe(true);
        expect(withoutNulls(clean)).toEqual(clean);
        if (isClean(value)) expect(clean).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('keys', () => {
  const awkward = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2E%2e',
    '/',
    '%2f',
    '\\',
    '%5C',
    '%',
    '%zz',
    '+',
    'ä',
    ' ',
    '//',
    'a',
  );
  const segment = fc.constantFrom('a', 'slack content', '%2e', 'ü', 'b+c', '%');
  const prefixes = fc
    .array(segment, { maxLength: 3 })
    .map((parts) => parts.map((part) => `${part}/`).join(''));
  const keys = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(awkward, fc.string({ maxLength: 3 }))).map((parts) => parts.join('')),
  );

  test('never leave their prefix, nor become another key than the one written', () => {
    let accepted = 0;
    fc.assert(
      fc.property(prefixes, keys, (prefix, key) => {
        let full: string;
        try {
          full = keyWithin(prefix, key);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          expect(String(error)).not.toMatch(/\n/);
          return;
        }
        accepted += 1;
        expect(full).toBe(prefix + key);
        expect(key).not.toBe('');
        const read = full.replace(/%2e/gi, '.').replace(/%2f/gi, '/').replace(/%5c/gi, '\\').split(/[/\\]/);
        expect(read).not.toContain('.');
        expect(read).not.toContain('..');
        expect(
          new URL(`https://s3.test/${full.split('/').map(encodeURIComponent).join('/')}`).pathname,
        ).toMatch(
          new RegExp(
            `^/${prefix
              .split('/')
              .map(encodeURIComponent)
              .join('/')
              .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
          ),
        );
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
});

describe('durations and sizes', () => {
  const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

  test('mean the sum of their parts', () => {
    const part = fc.tuple(fc.nat(5000), fc.constantFrom('s', 'm', 'h', 'd', 'w'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const seconds = parts.reduce((sum, [count, unit]) => sum + count * units[unit], 0);
        expect(parseDuration(parts.map(([count, unit]) => `${count}${unit}`).join(''))).toBe(
          seconds || undefined,
        );
      }),
    );
  });

  test('are whole and positive, or nothing', () => {
    const awkward = fc
      .array(fc.constantFrom('1', '0', 's', 'h', 'P', 'T', 'M', 'GB', 'KiB', '.', '-', ' ', 'e9'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), awkward), (text) => {
        for (const parsed of [parseDuration(text), parseSize(text)]) {
          expect(parsed === undefined || (Number.isSafeInteger(parsed) && parsed > 0)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('read back about what they were written as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (count) => {
        expect(parseDuration(`${count}s`)).toBe(count);
        const bytes = parseSize(formatSize(count).replace(/ (?:bytes?)?/, '')) ?? 0;
        expect(Math.abs(bytes - count) / count).toBeLessThan(0.06);
      }),
    );
  });
});
