import { describe, expect, it } from 'vitest';
import { callApi } from '../../src/gateway/call-api.ts';
import type { GatewayFault } from '../fakes/gateway/options.ts';
import { withGateway } from './with-gateway.ts';

const POST = { method: 'POST', path: '/deploy', body: { namespace: 'production' } } as const;
const KEYED = { ...POST, idempotencyKey: 'build-4711' };
const GET = { path: '/text' } as const;

const FAULTS: readonly GatewayFault[] = [
  { http: 429 },
  { http: 500 },
  { http: 502 },
  { http: 503 },
  { http: 504 },
  'reset',
  'lost',
  'cut',
];

// [fault, calls of a GET, of a POST, of a POST with an idempotency key, and the code of the bare POST]
const table = [
  [{ http: 429 }, 3, 1, 3, 'GATEWAY_REFUSED'],
  [{ http: 500 }, 3, 1, 1, 'GATEWAY_FAILED'],
  [{ http: 502 }, 3, 1, 3, 'GATEWAY_FAILED'],
  [{ http: 503 }, 3, 1, 3, 'GATEWAY_FAILED'],
  [{ http: 504 }, 3, 1, 3, 'GATEWAY_OUTCOME_UNKNOWN'],
  ['reset', 3, 1, 3, 'GATEWAY_OUTCOME_UNKNOWN'],
  ['lost', 3, 1, 3, 'GATEWAY_OUTCOME_UNKNOWN'],
  ['cut', 3, 1, 3, 'GATEWAY_OUTCOME_UNKNOWN'],
] as const;

describe.each(table)('%j', (fault, gets, posts, keyed, code) => {
  it(`is met by ${gets} calls of a GET`, () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', fault, 9);
      await expect(callApi(call(GET), connection(), ports)).rejects.toMatchObject({ name: 'Fault' });
      expect(gateway.calls).toHaveLength(gets);
    }));

  it(`is met by ${posts} call of a POST, with ${code}`, () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', fault, 9);
      await expect(callApi(call(POST), connection(), ports)).rejects.toMatchObject({ code });
      expect(gateway.calls).toHaveLength(posts);
    }));

  it(`is met by ${keyed} calls of a POST with an idempotency key, which is the same in all`, () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', fault, 9);
      await expect(callApi(call(KEYED), connection(), ports)).rejects.toMatchObject({ name: 'Fault' });
      expect(gateway.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(
        Array(keyed).fill('build-4711'),
      );
    }));

  it('is met by one call of anything with retry: never', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', fault, 9);
      for (const one of [GET, KEYED])
        await callApi(call({ ...one, retry: 'never' }), connection(), ports).catch(() => undefined);
      expect(gateway.calls).toHaveLength(2);
    }));
});

it.each(FAULTS)('a GET survives two of %j', (fault) =>
  withGateway(async ({ gateway, connection, call, ports, waits }) => {
    gateway.fault('GET /text', fault, 2);
    expect((await callApi(call(GET), connection(), ports)).body.toString()).toBe('all well');
    expect(waits).toHaveLength(2);
  }),
);

it('an idempotency key makes a lost answer harmless: one deployment, one answer', () =>
  withGateway(async ({ gateway, connection, call, ports }) => {
    gateway.fault('POST /deploy', 'lost');
    expect((await callApi(call(KEYED), connection(), ports)).json).toMatchObject({ id: 'd-1' });
    expect(gateway.deployments.begun).toHaveLength(1);
  }));

it('a lost answer to a POST without a key says that it may have been done', () =>
  withGateway(async ({ gateway, connection, call, ports }) => {
    gateway.fault('POST /deploy', 'lost');
    await expect(callApi(call(POST), connection(), ports)).rejects.toMatchObject({
      code: 'GATEWAY_OUTCOME_UNKNOWN',
      message: expect.stringContaining('it may have been done'),
    });
    expect(gateway.deployments.begun).toHaveLength(1);
  }));

it('a POST that provably never left is made again', () =>
  withGateway(async ({ gateway, connection, call, ports }) => {
    let refusals = 2;
    const http: typeof ports.http = (request) =>
      ports.http(refusals-- > 0 ? { ...request, origin: 'http://127.0.0.1:1' } : request);
    expect((await callApi(call(POST), connection(), { ...ports, http })).status).toBe(202);
    expect(gateway.calls).toHaveLength(1);
  }));

it('a host that nobody listens on is unreachable, also for a POST', () =>
  withGateway(async ({ connection, call, ports }) => {
    const nowhere = connection({ url: 'http://127.0.0.1:1/prod' });
    await expect(callApi(call(POST), nowhere, ports)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
  }));

describe('Retry-After', () => {
  it('is waited for', () =>
    withGateway(async ({ gateway, connection, call, ports, waits }) => {
      gateway.fault('*', { http: 429, headers: { 'retry-after': '7' } });
      await callApi(call(GET), connection(), ports);
      expect(waits).toEqual([7000]);
    }));

  it('of more than 30 s fails at once', () =>
    withGateway(async ({ gateway, connection, call, ports, waits }) => {
      gateway.fault('*', { http: 429, headers: { 'retry-after': '31' } });
      await expect(callApi(call(GET), connection(), ports)).rejects.toMatchObject({
        code: 'GATEWAY_REFUSED',
      });
      expect(waits).toEqual([]);
    }));
});

describe('a timeout', () => {
  it('of a call that changes nothing is told with its length', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', 'hang');
      await expect(callApi(call({ ...GET, timeoutSeconds: 1 }), connection(), ports)).rejects.toMatchObject({
        code: 'GATEWAY_TIMEOUT',
        message: expect.stringMatching(/^GET \/text was not answered by 127\.0\.0\.1:\d+ within 1 s$/),
      });
      expect(gateway.calls).toHaveLength(1);
    }));

  it('of a POST leaves its outcome unknown', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', 'hang');
      await expect(callApi(call({ ...POST, timeoutSeconds: 1 }), connection(), ports)).rejects.toMatchObject({
        code: 'GATEWAY_OUTCOME_UNKNOWN',
      });
      expect(gateway.calls).toHaveLength(1);
    }));

  it('holds for an answer that comes in drips too', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', 'drip');
      // The whole answer, which is not waited for, would be a success many seconds later.
      await expect(
        callApi(call({ path: '/echo/long/long/long', timeoutSeconds: 1 }), connection(), ports),
      ).rejects.toMatchObject({
        code: 'GATEWAY_TIMEOUT',
      });
    }));
});

it('a stop ends a call that hangs, with its own reason', () =>
  withGateway(async ({ gateway, connection, call, ports }) => {
    gateway.fault('*', 'hang');
    const controller = new AbortController();
    const running = callApi(call(GET), connection(), { ...ports, signal: controller.signal });
    await expect.poll(() => gateway.calls.length).toBe(1);
    controller.abort(new Error('stopped by SIGTERM'));
    await expect(running).rejects.toThrow('stopped by SIGTERM');
  }));
