import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { parseSource } from '../../src/resource/source.ts';
import type { GatewayFault } from '../fakes/gateway/options.ts';
import { withCalls } from './call-world.ts';

const DEPLOY = {
  method: 'POST',
  path: '/deploy',
  query: { t: 'sensitive-query' },
  body: { password: 'sensitive-body' },
};
const SESSION = {
  accessKeyId: 'ASIASENSITIVE0000001',
  secretAccessKey: 'sensitive-session-secret',
  expires: new Date(Date.now() + 3_600_000),
};
const AWS = {
  region: 'eu-west-1',
  access_key_id: SESSION.accessKeyId,
  secret_access_key: SESSION.secretAccessKey,
  session_token: 'sensitive-session-token',
};
const echo = {
  message: 'sensitive-api-key and sensitive-session-token and Bearer sensitive-bearer',
};

const faults: readonly (readonly [string, GatewayFault | undefined, Record<string, unknown>])[] = [
  ['a call', undefined, {}],
  [
    'a wrong secret key, which the gateway answers with all it has calculated',
    undefined,
    { secret_access_key: 'sensitive-wrong' },
  ],
  ['an answer that quotes what it was sent', { http: 400, body: echo }, {}],
  ['an error that quotes what it was sent', { http: 500, body: echo }, {}],
  ['an answer that holds secrets of its own', { http: 200, body: { password: 'sensitive-answer' } }, {}],
  [
    'a redirect with a token in it',
    { http: 302, headers: { location: 'https://x.test/?token=sensitive-location' } },
    {},
  ],
  ['a lost answer', 'lost', {}],
  ['a broken answer', 'cut', {}],
];

test.concurrent.for(faults)(
  'holds back every secret and payload of %s (C9, P28)',
  ([, fault, aws], { expect: expectHere }) =>
    withCalls(
      async ({ call, gateway, source }) => {
        if (fault !== undefined) gateway.fault('*', fault, 3);
        const step = await call(DEPLOY, {}, { source: source({}, { aws: { ...AWS, ...aws } }) });
        expectHere(gateway.calls.length).toBeGreaterThan(0);
        expectHere(step.stdout + step.stderr).not.toMatch(/sensitive|AWS4-HMAC|Signature=|Canonical/);
      },
      { sessions: new Map([['sensitive-session-token', SESSION]]) },
    ),
);

test('writes no escape sequence that a service sends into the log', () =>
  withCalls(async ({ call }) => {
    const step = await call({ method: 'POST', path: '/refuse' });
    expect(step.stderr).toContain(
      'POST /refuse was answered 400: namespace is [31m unknown [GATEWAY_REFUSED]',
    );
    const escapes = step.stderr.split('\u001b').slice(1);
    expect(escapes.filter((text) => !/^\[(?:31|0)m/.test(text))).toEqual([]);
  }));

test('keeps the headers of a connection wrapped', async () => {
  const gateway = { url: 'https://api.test/prod', headers: { 'x-api-key': 'sensitive-api-key' } };
  const parsed = await parseSource({ gateway });
  expect(parsed).toHaveProperty('source.gateway.url', gateway.url);
  expect(inspect(parsed, { depth: 9 }) + JSON.stringify(parsed)).not.toContain('sensitive');
});
