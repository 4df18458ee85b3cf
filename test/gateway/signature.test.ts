import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256Hex } from '../../src/aws/sigv4.ts';
import { callApi } from '../../src/gateway/call-api.ts';
import { fillCall } from '../../src/gateway/call.ts';
import { openConnection } from '../../src/gateway/connection.ts';
import type { HttpRequest } from '../../src/kit/http.ts';
import { independent, smithy } from '../aws/peer-signers.ts';
import { verifySigV4 } from '../fakes/aws/verify-sigv4.ts';
import { KEYS } from './with-gateway.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const odd = fc.constantFrom(...("a+ b %2F%25/&=?#'()!*@;,:$~[]é日".match(/%..|./gsu) ?? []));
const word = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.array(odd, { minLength: 1, maxLength: 6 }).map((all) => all.join('')),
);
const name = word.filter((one) => !(one in {}) && !one.includes('{{'));
const calls = fc.record({
  value: word,
  path: fc.constantFrom('/', '/deploy', '/deploy/{{value}}', '/{{value}}/x/{{value}}', '/a b:c/{{value}}'),
  url: fc.constantFrom(
    'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
    'https://api.example',
    'https://api.example:8443/v1/',
  ),
  method: fc.constantFrom('GET' as const, 'POST' as const, 'DELETE' as const),
  query: fc.dictionary(
    name,
    fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }), fc.constant('')),
    { maxKeys: 4 },
  ),
  headers: fc.dictionary(
    fc.stringMatching(/^x-[a-z]{1,6}$/),
    fc.stringMatching(/^[!-z]{1,5}(?: {1,3}[!-z]{1,5}){0,2}$/),
    { maxKeys: 2 },
  ),
});

/** What `callApi` would send, without sending it. */
async function sentBy(
  given: typeof calls extends fc.Arbitrary<infer T> ? T : never,
): Promise<HttpRequest | undefined> {
  const { value, url, ...rest } = given;
  const body = rest.method === 'POST' ? { body: { v: value } } : {};
  let sent: HttpRequest | undefined;
  const http = async (request: HttpRequest) => {
    sent = request;
    throw new Error('not sent');
  };
  const clock = { now: () => NOON, sleep: async () => undefined };
  const log = { info: () => undefined, warn: () => undefined };
  try {
    const query = Object.fromEntries(Object.entries(rest.query).map(([key, one]) => [key, clean(one)]));
    const call = fillCall({ ...rest, ...body, query, headers: rest.headers }, { value }, 'call');
    await callApi(call, openConnection({ url, region: 'eu-west-1' }), {
      http,
      clock,
      log,
      credentials: async () => KEYS,
    });
  } catch {
    return sent;
  }
  return sent;
}

// Braces are templates here.
function clean(value: string | string[]): string | string[] {
  return Array.isArray(value) ? value.map((one) => one.replaceAll('{{', '')) : value.replaceAll('{{', '');
}

/** Runs a check on 500 calls, most of which are sent. */
async function forCalls(check: (sent: HttpRequest) => Promise<void>): Promise<void> {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(calls, async (given) => {
      const sent = await sentBy(given);
      if (!sent) return;
      count += 1;
      await check(sent);
    }),
    { numRuns: 500 },
  );
  expect(count).toBeGreaterThan(300);
}

async function expectSame(sent: HttpRequest, peer: typeof smithy): Promise<void> {
  const [path = '', search = ''] = sent.path.split('?');
  const {
    host = '',
    authorization,
    'x-amz-date': _date,
    'x-amz-content-sha256': payloadHash = '',
    ...headers
  } = sent.headers;
  const query = [...new URLSearchParams(search)].map(([key, one]): [string, string] => [key, one]);
  const scope = { service: 'execute-api', region: 'eu-west-1' };
  expect(authorization).toBe(
    await peer({
      request: { method: sent.method, host, path, query, headers, payloadHash },
      scope,
      credentials: KEYS,
      now: NOON,
    }),
  );
}

it('a call is signed as smithy signs it, for hostile paths, queries and headers (P30, P31)', () =>
  forCalls((sent) => expectSame(sent, smithy)));

it('a call is signed as aws4 signs it, for hostile paths, queries and headers (P30, P31)', () =>
  forCalls((sent) => expectSame(sent, independent)));

it('what is sent is what was signed: the bytes on the wire verify by the specification alone (P30, P31)', () =>
  forCalls(async (sent) => {
    const verdict = verifySigV4(
      { method: sent.method, target: sent.path, rawHeaders: Object.entries(sent.headers).flat() },
      {
        service: 'execute-api',
        regions: ['eu-west-1'],
        secretOf: () => ({ secretAccessKey: KEYS.secretAccessKey }),
        bodyHash: sha256Hex(typeof sent.body === 'string' || Buffer.isBuffer(sent.body) ? sent.body : ''),
        now: new Date(NOON),
      },
    );
    expect(verdict).toMatchObject({ ok: true });
    expect(sent.path).toMatch(/^\/(?:[\w.~/-]|%[0-9A-F]{2})*(?:\?(?:[\w.~&=-]|%[0-9A-F]{2})*)?$/);
  }));
