import { describe, expect, it } from 'vitest';
import { callApi } from '../../src/gateway/call-api.ts';
import { KEYS, withGateway } from './with-gateway.ts';

const POST = { method: 'POST', path: '/deploy', body: { namespace: 'production' } } as const;

describe('a signed call', () => {
  it('is accepted with its stage in the path, and answers with parsed JSON (P30)', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      const answer = await callApi(call(POST), connection(), ports);
      expect(answer).toMatchObject({ status: 202, json: { id: 'd-1', status: 'queued' } });
      expect(gateway.calls).toMatchObject([
        { target: '/prod/deploy', body: '{"namespace":"production"}', refused: undefined },
      ]);
      expect(gateway.deployments.begun).toMatchObject([{ order: { namespace: 'production' } }]);
    }));

  it('is accepted at a custom domain, which has no stage (P30)', () =>
    withGateway(
      async ({ gateway, connection, call, ports }) => {
        expect((await callApi(call(POST), connection(), ports)).status).toBe(202);
        expect(gateway.calls).toMatchObject([{ target: '/deploy' }]);
      },
      { stage: '' },
    ));

  it('reaches a private API through its VPC endpoint by x-apigw-api-id, which is signed too', () =>
    withGateway(
      async ({ gateway, connection, call, ports }) => {
        await expect(callApi(call(POST), connection(), ports)).rejects.toMatchObject({
          code: 'GATEWAY_REFUSED',
          message: 'POST /deploy was answered 403: ForbiddenException, Forbidden',
          hint: expect.stringContaining('gateway.api_id'),
        });
        expect((await callApi(call(POST), connection({ apiId: 'abc123' }), ports)).status).toBe(202);
        expect(gateway.calls[1]?.headers['authorization']).toContain('x-apigw-api-id');
      },
      { apiId: 'abc123' },
    ));

  it('carries the session token of temporary credentials', () =>
    withGateway(
      async ({ connection, call, ports }) => {
        const credentials = async () => ({
          ...KEYS,
          accessKeyId: 'ASIAEXAMPLE',
          sessionToken: 'sensitive-token',
        });
        expect((await callApi(call(POST), connection(), { ...ports, credentials })).status).toBe(202);
      },
      {
        sessions: new Map([
          [
            'sensitive-token',
            {
              accessKeyId: 'ASIAEXAMPLE',
              secretAccessKey: KEYS.secretAccessKey,
              expires: new Date(Date.now() + 60_000),
            },
          ],
        ]),
      },
    ));

  it('asks for credentials at each attempt, and signs anew (P24)', () =>
    withGateway(async ({ gateway, connection, call, ports, asked }) => {
      gateway.fault('GET /text', { http: 503 });
      await callApi(call({ path: '/text' }), connection(), ports);
      expect(asked()).toBe(2);
    }));

  it('is signed by the clock of the gateway when ours is off (P24)', () =>
    withGateway(
      async ({ gateway, connection, call, ports, log }) => {
        expect((await callApi(call(POST), connection(), ports)).status).toBe(202);
        expect(gateway.calls.map(({ refused }) => refused)).toEqual(['InvalidSignatureException', undefined]);
        expect(log.join()).toContain('the clock is 60 minutes off');
      },
      { aheadMs: 3_600_000 },
    ));

  it('signs no header that proxies may change, and sends it all the same (P30)', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      const headers = { 'User-Agent': 'ci', 'cache-control': 'no-cache', 'x-team': ' a   b ' };
      await callApi(call({ path: '/text', headers }), connection(), ports);
      const sent = gateway.calls[0]?.headers ?? {};
      expect(sent).toMatchObject({ 'user-agent': 'ci', 'cache-control': 'no-cache', 'x-team': 'a   b' });
      expect(/SignedHeaders=([^,]+)/.exec(sent['authorization'] ?? '')?.[1]).toBe(
        'accept;host;x-amz-content-sha256;x-amz-date;x-team',
      );
    }));
});

describe('without signing', () => {
  it('neither asks for credentials nor sends a signature', () =>
    withGateway(
      async ({ gateway, connection, call, ports, asked }) => {
        await callApi(call(POST), connection({ auth: 'none', region: undefined }), ports);
        expect(asked()).toBe(0);
        expect(
          Object.keys(gateway.calls[0]?.headers ?? {}).filter((name) =>
            /^(?:x-amz|authorization)/.test(name),
          ),
        ).toEqual([]);
      },
      { auth: 'none' },
    ));
});

describe('an answer', () => {
  it('is bytes, and JSON only where it says so', () =>
    withGateway(async ({ connection, call, ports }) => {
      const bytes = await callApi(call({ path: '/bytes' }), connection(), ports);
      expect([...bytes.body]).toEqual([0, 255, 128, 10]);
      const text = await callApi(call({ path: '/text' }), connection(), ports);
      expect(text).toMatchObject({ json: undefined });
      expect(text.headers).not.toHaveProperty('set-cookie');
      expect((await callApi(call({ path: '/list' }), connection(), ports)).json).toEqual([1, 2, 3]);
    }));

  it('to HEAD and a 204 are empty', () =>
    withGateway(async ({ connection, call, ports }) => {
      const head = await callApi(call({ method: 'HEAD', path: '/echo/x' }), connection(), ports);
      expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0), json: undefined });
      expect(
        (await callApi(call({ method: 'DELETE', path: '/deploy/d-1' }), connection(), ports)).status,
      ).toBe(204);
    }));

  it('larger than 10 MB is refused and not asked for again', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      await expect(callApi(call({ path: '/huge' }), connection(), ports)).rejects.toMatchObject({
        code: 'GATEWAY_FAILED',
        message: 'GET /huge: the answer is larger than 10 MB',
      });
      expect(gateway.calls).toHaveLength(1);
    }));

  it('that redirects is a failure, and is not followed', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      const failure = await callApi(call({ path: '/moved' }), connection(), ports).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'GATEWAY_REFUSED', message: 'GET /moved was answered 302' });
      expect(JSON.stringify(failure)).not.toContain('sensitive');
      expect(gateway.calls).toHaveLength(1);
    }));

  it('is a success when its status is expected, and only then', () =>
    withGateway(async ({ connection, call, ports }) => {
      expect((await callApi(call({ path: '/moved', expect: [302] }), connection(), ports)).status).toBe(302);
      await expect(callApi(call({ ...POST, expect: [200] }), connection(), ports)).rejects.toMatchObject({
        message: 'POST /deploy was answered 202',
        hint: 'call.expect does not name this status',
      });
    }));

  it('that refuses is told in its own words, on one line, without control characters', () =>
    withGateway(async ({ connection, call, ports }) => {
      await expect(
        callApi(call({ method: 'POST', path: '/refuse' }), connection(), ports),
      ).rejects.toMatchObject({
        code: 'GATEWAY_REFUSED',
        message: 'POST /refuse was answered 400: namespace is [31m unknown',
      });
    }));
});

describe('what API Gateway refuses', () => {
  it('by a wrong key is told without the canonical request it quotes (P19)', () =>
    withGateway(async ({ connection, call, ports }) => {
      const credentials = async () => ({ ...KEYS, secretAccessKey: 'sensitive-wrong' });
      const failure = await callApi(call(POST), connection(), { ...ports, credentials }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        message: 'POST /deploy was answered 403: InvalidSignatureException',
        hint: expect.stringContaining('the secret key'),
      });
    }));

  it('as an unknown key says to renew it', () =>
    withGateway(async ({ connection, call, ports }) => {
      const credentials = async () => ({ ...KEYS, accessKeyId: 'AKIAOTHER' });
      await expect(callApi(call(POST), connection(), { ...ports, credentials })).rejects.toMatchObject({
        hint: expect.stringContaining('renew source.aws'),
      });
    }));

  it('as a wrong region says which region was signed for', () =>
    withGateway(async ({ connection, call, ports }) => {
      await expect(callApi(call(POST), connection({ region: 'us-east-1' }), ports)).rejects.toMatchObject({
        hint: expect.stringContaining('gateway.region (now us-east-1)'),
      });
    }));

  it('as an unknown path says to check stage, path and method', () =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      await expect(callApi(call({ path: '/nowhere' }), connection(), ports)).rejects.toMatchObject({
        message:
          'GET /nowhere was answered 403: MissingAuthenticationTokenException, Missing Authentication Token',
        hint: expect.stringContaining('stage, path and method'),
      });
      gateway.expectUnknown();
    }));

  it.each([
    [
      {
        http: 403,
        body: { message: 'User: arn:aws:iam::1:user/ci is not authorized to perform: execute-api:Invoke' },
      },
      'execute-api:Invoke',
    ],
    [{ http: 403, body: { Message: 'Forbidden' } }, 'VPC endpoint'],
    [{ http: 401, body: {} }, 'gateway.headers'],
    [{ http: 404, body: { message: 'no' } }, 'below the stage'],
    [{ http: 413, body: {} }, '10 MB'],
    [{ http: 415, body: {} }, 'content-type'],
    [{ http: 429, body: { message: 'Limit Exceeded' } }, 'throttled'],
    [{ http: 500, body: { message: 'Internal server error' } }, 'request id is 7f1d0c8e'],
    [{ http: 503, body: { message: 'Service Unavailable' } }, 'down'],
  ])('with %j has a hint of its own', (fault, hint) =>
    withGateway(async ({ gateway, connection, call, ports }) => {
      gateway.fault('*', fault, 3);
      await expect(callApi(call(POST), connection(), ports)).rejects.toMatchObject({
        hint: expect.stringContaining(hint),
      });
    }),
  );
});
