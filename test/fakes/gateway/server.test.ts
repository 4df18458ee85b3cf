import aws4 from 'aws4';
import { expect, it } from 'vitest';
import type { FakeGatewayOptions } from './options.ts';
import { startFakeGateway } from './server.ts';
import type { FakeGateway } from './server.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'sensitive-secret-access-key' };

async function withFake(use: (gateway: FakeGateway) => Promise<void>, options: FakeGatewayOptions = {}) {
  const gateway = await startFakeGateway(options);
  try {
    await use(gateway);
  } finally {
    await gateway.close();
  }
}

interface Change {
  readonly region?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A request signed by a signer of the field, then changed on its way. */
function send({ origin }: FakeGateway, path: string, change: Change = {}, body = '{}'): Promise<Response> {
  const { host } = new URL(origin);
  const signed = aws4.sign(
    { service: 'execute-api', region: change.region ?? 'eu-west-1', host, method: 'POST', path, body },
    KEYS,
  );
  const { Host: _host, 'Content-Length': _length, ...headers } = signed.headers;
  const sent = {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...change.headers,
  };
  return fetch(origin + (change.path ?? path), { method: 'POST', body: change.body ?? body, headers: sent });
}

it('takes what another signer has signed', () =>
  withFake(async (gateway) => {
    expect((await send(gateway, '/prod/deploy')).status).toBe(202);
    expect(gateway.deployments.begun).toHaveLength(1);
    gateway.expectNoUnknown();
  }));

it.each<[string, Change]>([
  ['another body', { body: '{"admin":true}' }],
  ['another path', { path: '/prod/deploy?force=1' }],
  ['another region', { region: 'us-east-1' }],
  ['a header of AWS that is not signed', { headers: { 'x-amz-extra': '1' } }],
  ['no signature', { headers: { authorization: '' } }],
])('refuses %s, and the service never sees it', (_what, change) =>
  withFake(async (gateway) => {
    const answer = await send(gateway, '/prod/deploy', change);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-amzn-errortype')).toMatch(/Exception$/);
    expect(gateway.deployments.begun).toEqual([]);
  }),
);

it('refuses another stage, and a path that the service does not have, which fails the test that did not ask for it', () =>
  withFake(async (gateway) => {
    expect(await (await send(gateway, '/test/deploy')).json()).toEqual({
      message: 'Missing Authentication Token',
    });
    gateway.expectNoUnknown();
    expect((await send(gateway, '/prod/nowhere')).status).toBe(403);
    expect(() => gateway.expectNoUnknown()).toThrow('the service has no POST /prod/nowhere');
  }));

it('begins one deployment for one idempotency key, and goes through its states look by look', () =>
  withFake(
    async (gateway) => {
      const headers = { 'idempotency-key': 'a' };
      for (let n = 0; n < 2; n++)
        expect(
          await (await fetch(`${gateway.url}/deploy`, { method: 'POST', body: '{}', headers })).json(),
        ).toMatchObject({ id: 'd-1' });
      const look = async () => (await fetch(`${gateway.url}/deploy/d-1`)).json();
      expect([await look(), await look(), await look()]).toMatchObject([
        { status: 'queued' },
        { status: 'done' },
        { status: 'done' },
      ]);
      expect(gateway.calls).toHaveLength(5);
    },
    { auth: 'none', states: ['queued', 'done'] },
  ));

it('does what it loses the answer to, and does not do what it refuses by order', () =>
  withFake(
    async (gateway) => {
      const post = () => fetch(`${gateway.url}/deploy`, { method: 'POST', body: '{}' });
      gateway.fault('POST /deploy', 'lost');
      await expect(post()).rejects.toThrow();
      expect(gateway.deployments.begun).toHaveLength(1);
      gateway.fault('POST /deploy', { http: 503 });
      gateway.fault('POST /deploy', 'reset');
      expect((await post()).status).toBe(503);
      await expect(post()).rejects.toThrow();
      expect(gateway.deployments.begun).toHaveLength(1);
    },
    { auth: 'none' },
  ));
