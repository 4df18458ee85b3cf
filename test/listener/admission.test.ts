import { describe, expect, test } from 'vitest';
import { manualClock } from '../support/manual-clock.ts';
import { TOKEN } from './config/load.ts';
import { echo, withServer } from './with-server.ts';

const OTHER = 'sensitive-listener-token-0002';
const TOKENS = `tokens: [{ name: a, token: ${TOKEN}, may: [open] }, { name: b, token: ${OTHER}, may: [open] }]`;
const LIMITS = 'server: { rate_limits: { token: 3/m, remote: 2/m }, trusted_proxies: [127.0.0.0/8] }';
const PROXY = 'server: { trusted_proxies: [127.0.0.1] }';
const route = echo({ method: 'GET', path: '/v1/x', bodyLimit: 1 });

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const https = { 'x-forwarded-proto': 'https' };

describe('a token', () => {
  test('is taken from this machine over plain http', () =>
    withServer({ config: TOKENS, routes: [route] }, async ({ origin }) => {
      expect((await fetch(`${origin}/v1/x`, { headers: bearer(TOKEN) })).status).toBe(200);
    }));

  test('is taken where a trusted proxy says that it came over https', () =>
    withServer({ config: `${TOKENS}\n${PROXY}`, routes: [route] }, async ({ origin }) => {
      const headers = { ...bearer(TOKEN), ...https, 'x-forwarded-for': '203.0.113.7' };
      const response = await fetch(`${origin}/v1/x`, { headers });
      expect(await response.json()).toMatchObject({ remote: '203.0.113.7' });
    }));

  test.each([
    ['said to have come over http', { 'x-forwarded-proto': 'http', 'x-forwarded-for': '203.0.113.7' }],
    ['not said how it came', { 'x-forwarded-for': '203.0.113.7' }],
    ['said twice, last over http', { 'x-forwarded-proto': 'https, http', 'x-forwarded-for': '203.0.113.7' }],
  ])('is refused from a trusted proxy when %s', (_what, headers) =>
    withServer({ config: `${TOKENS}\n${PROXY}`, routes: [route] }, async ({ origin }) => {
      const response = await fetch(`${origin}/v1/x`, { headers: { ...bearer(TOKEN), ...headers } });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 'forbidden', hint: expect.any(String) } });
    }),
  );
});

describe('the address of the caller', () => {
  test.each([
    ['what anybody says, without a trusted proxy', '', '203.0.113.7', '127.0.0.1'],
    ['what the proxy says', PROXY, '203.0.113.7', '203.0.113.7'],
    ['the last that is no proxy of ours', PROXY, '198.51.100.1, 203.0.113.7, 127.0.0.1', '203.0.113.7'],
    ['the proxy, when it names nobody', PROXY, '', '127.0.0.1'],
    ['the proxy, when what it names is no address', PROXY, 'unknown', '127.0.0.1'],
  ])('is %s', (_what, config, forwarded, remote) =>
    withServer({ config, routes: [route] }, async ({ origin }) => {
      const response = await fetch(`${origin}/v1/x`, { headers: { 'x-forwarded-for': forwarded } });
      // Without a trusted proxy the header is not even looked at.
      expect(await response.json()).toMatchObject({ remote: config === '' ? '127.0.0.1' : remote });
    }),
  );
});

describe('a rate limit', () => {
  const setup = { config: `${TOKENS}\n${LIMITS}`, routes: [route] };
  const ask = (origin: string, headers: Record<string, string>) =>
    fetch(`${origin}/v1/x`, { headers: { ...https, ...headers } }).then(({ status }) => status);

  test('counts each token by itself, wherever it is used', () =>
    withServer({ ...setup, clock: manualClock() }, async ({ origin, metricsText }) => {
      const from = (address: string) => ({ ...bearer(TOKEN), 'x-forwarded-for': address });
      expect(await ask(origin, from('203.0.113.1'))).toBe(200);
      expect(await ask(origin, from('203.0.113.2'))).toBe(200);
      expect(await ask(origin, from('203.0.113.3'))).toBe(200);
      expect(await ask(origin, from('203.0.113.4'))).toBe(429);
      expect(await ask(origin, { ...bearer(OTHER), 'x-forwarded-for': '203.0.113.4' })).toBe(200);
      expect(await metricsText()).toContain('listener_http_rate_limited_total{by="token"} 1');
    }));

  test('counts each address by itself, and a wrong token as none', () =>
    withServer({ ...setup, clock: manualClock() }, async ({ origin }) => {
      const one = { 'x-forwarded-for': '203.0.113.1' };
      expect(await ask(origin, one)).toBe(200);
      expect(await ask(origin, { ...one, ...bearer('a-guessed-token-000001') })).toBe(200);
      expect(await ask(origin, { ...one, ...bearer('a-guessed-token-000002') })).toBe(429);
      expect(await ask(origin, { 'x-forwarded-for': '203.0.113.2' })).toBe(200);
    }));

  test('counts the addresses of one IPv6 network as one', () =>
    withServer({ ...setup, clock: manualClock() }, async ({ origin }) => {
      expect(await ask(origin, { 'x-forwarded-for': '2001:db8:1:2::1' })).toBe(200);
      expect(await ask(origin, { 'x-forwarded-for': '2001:db8:1:2:ffff::2' })).toBe(200);
      expect(await ask(origin, { 'x-forwarded-for': '2001:db8:1:2:3:4:5:6' })).toBe(429);
      expect(await ask(origin, { 'x-forwarded-for': '2001:db8:1:3::1' })).toBe(200);
    }));

  test('says when to ask again, and then answers', async () => {
    const clock = manualClock();
    await withServer({ ...setup, clock }, async ({ origin }) => {
      for (let count = 0; count < 2; count++) await ask(origin, {});
      const refused = await fetch(`${origin}/v1/x`, { headers: https });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('30');
      expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
      clock.freeze(30_000);
      expect(await ask(origin, {})).toBe(200);
      expect(await ask(origin, {})).toBe(429);
    });
  });

  test('spares callers who share an address, as Slack does', () =>
    withServer(
      { ...setup, clock: manualClock(), routes: [{ ...route, rateLimit: 'none' }] },
      async ({ origin }) => {
        for (let count = 0; count < 10; count++) expect(await ask(origin, {})).toBe(200);
      },
    ));
});
