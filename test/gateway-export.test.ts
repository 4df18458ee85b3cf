import { afterEach, expect, test, vi } from 'vitest';
import type * as GatewayExport from '../src/gateway.ts';
import { startFakeGateway } from './fakes/gateway/server.ts';
import type { FakeGateway } from './fakes/gateway/server.ts';
import type { FakeGatewayOptions } from './fakes/gateway/options.ts';

// The built package by its own name, as its users import it.
const name: string = 'concourse-slack-aws-resource/gateway';
const { callApi, Fault }: typeof GatewayExport = await import(name);

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'sensitive-secret-access-key' };

afterEach(() => vi.unstubAllEnvs());

async function withService(
  use: (gateway: FakeGateway) => Promise<void>,
  options: FakeGatewayOptions = {},
): Promise<void> {
  const gateway = await startFakeGateway(options);
  try {
    await use(gateway);
  } finally {
    await gateway.close();
  }
}

test('callApi signs, sends and returns the parsed answer', () =>
  withService(async ({ url, calls }) => {
    const answer = await callApi(
      { url, region: 'eu-west-1', credentials },
      { method: 'POST', path: '/echo/{{id}}', body: { note: '{{id}}' }, values: { id: 'a/b' } },
    );
    expect(answer).toMatchObject({ status: 200, json: { parts: ['a/b'], body: '{"note":"a/b"}' } });
    expect(calls).toHaveLength(1);
  }));

test('callApi takes credentials and region from the environment when none are given', () =>
  withService(async ({ url, calls }) => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    expect((await callApi({ url }, { path: '/text' })).body.toString()).toBe('all well');
    expect(calls).toHaveLength(1);
  }));

test('callApi sends a Buffer as it is, and waits for the state it polls for', () =>
  withService(
    async ({ url }) => {
      const gateway = { url, auth: 'none' } as const;
      const bytes = Buffer.from([0, 255]);
      expect(await callApi(gateway, { method: 'PUT', path: '/echo/x', body: bytes })).toMatchObject({
        json: { type: 'application/octet-stream' },
      });
      const poll = { path: '/deploy/{{body.id}}', json: 'status', equals: 'done', everySeconds: 0.01 };
      expect(await callApi(gateway, { method: 'POST', path: '/deploy', body: {}, poll })).toMatchObject({
        json: { id: 'd-1', status: 'done' },
      });
    },
    { auth: 'none' },
  ));

test('what fails is a Fault with code and hint, without the credentials', () =>
  withService(async ({ url }) => {
    const wrong = { ...credentials, secretAccessKey: 'sensitive-wrong-key' };
    const failure = await callApi({ url, region: 'eu-west-1', credentials: wrong }, { path: '/text' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Fault);
    expect(failure).toMatchObject({
      code: 'GATEWAY_REFUSED',
      message: 'GET /text was answered 403: InvalidSignatureException',
    });
    expect(JSON.stringify(failure)).not.toContain('sensitive');
  }));

test.each([
  [{ url: 'https://api.example/prod' }, { path: '/x' }, 'gateway.region: required'],
  [{ url: 'http://api.example/prod', region: 'eu-west-1' }, { path: '/x' }, 'gateway.url: must be https'],
  [{ url: 'https://api.example/prod', region: 'eu-west-1' }, { path: '/../x' }, 'has a "." or ".." segment'],
])('refuses %j %j before any call', async (gateway, call, told) => {
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_DEFAULT_REGION', undefined);
  await expect(callApi(gateway, call)).rejects.toThrow(told);
});
