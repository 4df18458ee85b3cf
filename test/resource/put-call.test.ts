import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { runStep } from '../support/step.ts';
import { BUILD } from '../support/world.ts';
import { versionOf, withCalls } from './call-world.ts';

const DEPLOY = { method: 'POST', path: '/deploy', body: { namespace: 'production' } };
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

test('calls once, signed, and answers with call, status and digest as strings', () =>
  withCalls(async ({ call, gateway }) => {
    const step = await call(DEPLOY);
    expect(step).toMatchObject({ code: 0 });
    expect(step.json()).toEqual({
      version: {
        call: expect.stringMatching(/^[0-9a-f]{32}$/),
        status: '202',
        digest: sha256('{"id":"d-1","status":"queued"}'),
      },
      metadata: [
        { name: 'call', value: 'POST /deploy' },
        { name: 'status', value: '202' },
        { name: 'took', value: expect.stringMatching(/^\d+\.\d s$/) },
        { name: 'size', value: '30 bytes' },
      ],
    });
    expect(gateway.calls).toHaveLength(1);
    expect(gateway.calls[0]?.headers).toMatchObject({
      'x-api-key': 'sensitive-api-key',
      'content-type': 'application/json',
    });
    expect(step.stderr).toMatch(/AWS identity: access key …0001\n.*POST \/deploy: 202 in \d/s);
  }));

test('needs neither Slack, S3 nor a listener', () =>
  withCalls(async ({ call, source }) => {
    const step = await call(
      DEPLOY,
      {},
      { source: source({}, { s3: undefined, channel: undefined, prefix: undefined }) },
    );
    expect(step.code, step.stderr).toBe(0);
  }));

test('without signing asks for no identity at all', () =>
  withCalls(
    async ({ call, gateway, source }) => {
      const aws = { role_arn: 'arn:aws:iam::123456789012:role/none' };
      const step = await call(DEPLOY, {}, { source: source({ auth: 'none' }, { aws }) });
      expect(step.code, step.stderr).toBe(0);
      expect(step.stderr).not.toContain('AWS identity');
      expect(gateway.calls[0]?.headers).not.toHaveProperty('authorization');
    },
    { auth: 'none' },
  ));

test('reaches a private API through its VPC endpoint by api_id', () =>
  withCalls(
    async ({ call, source }) => {
      expect((await call(DEPLOY, {}, { source: source({ api_id: 'abc123' }) })).code).toBe(0);
      const without = await call(DEPLOY);
      expect(without.stderr).toContain('gateway.api_id');
    },
    { apiId: 'abc123' },
  ));

test('two equal calls of a build are one version, another build makes another (C15)', () =>
  withCalls(async ({ call }) => {
    const first = versionOf(await call(DEPLOY));
    const again = versionOf(await call(DEPLOY));
    const next = versionOf(await call(DEPLOY, {}, { env: { ...BUILD, BUILD_ID: '4712' } }));
    expect(again['call']).toBe(first['call']);
    expect(next['call']).not.toBe(first['call']);
  }));

test('an idempotency key is sent, and names the version (C15)', () =>
  withCalls(async ({ call, gateway }) => {
    gateway.fault('POST /deploy', 'lost');
    const step = await call({ ...DEPLOY, idempotency_key: 'deploy-{{BUILD_ID}}' });
    expect(versionOf(step)['call']).toBe('deploy-4711');
    expect(gateway.calls.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'deploy-4711',
      'deploy-4711',
    ]);
    expect(gateway.deployments.begun).toHaveLength(1);
  }));

test('a POST whose answer is lost is made once, and the step says that it may have been done', () =>
  withCalls(async ({ call, gateway }) => {
    gateway.fault('POST /deploy', 'lost');
    const step = await call(DEPLOY);
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toMatch(/it may have been done \[GATEWAY_OUTCOME_UNKNOWN\]/);
    expect(gateway.calls).toHaveLength(1);
  }));

describe('values', () => {
  test('go into path, query, headers and body, each encoded for its place (C30, P6)', () =>
    withCalls(async ({ call, gateway }) => {
      const evil = '"}, "admin": true, "x": {"y": "../../admin?a=1#b';
      const name = 'a/b c?d=1&e#f+g%2F"é';
      const step = await call(
        {
          method: 'POST',
          path: '/echo/{{name}}/tail',
          query: { q: '{{name}}', list: [1, 'two', true], flag: '' },
          headers: { 'x-version': '{{version}}' },
          body: {
            text: 'note: {{evil}}',
            alone: '{{replicas}}',
            on: '{{on}}',
            inside: 'n={{replicas}}',
            braces: '\\{{x}}',
          },
        },
        { vars: { name, evil, replicas: 3, on: false, version: '1.20' } },
      );
      expect(step.code, step.stderr).toBe(0);
      expect(gateway.calls[0]?.target).toBe(
        '/prod/echo/a%2Fb%20c%3Fd%3D1%26e%23f%2Bg%252F%22%C3%A9/tail?flag=&list=1&list=true&list=two&q=a%2Fb%20c%3Fd%3D1%26e%23f%2Bg%252F%22%C3%A9',
      );
      expect(gateway.calls[0]?.headers['x-version']).toBe('1.20');
      expect(JSON.parse(gateway.calls[0]?.body ?? '')).toEqual({
        text: `note: ${evil}`,
        alone: 3,
        on: false,
        inside: 'n=3',
        braces: '{{x}}',
      });
    }));

  test('of files are text, also where they look like numbers', () =>
    withCalls(async ({ call, gateway }) => {
      await call(
        { method: 'POST', path: '/echo/x', body: { sha: '{{sha}}' } },
        { vars_files: { sha: 'repo/.git/ref' } },
        { files: { 'repo/.git/ref': '1234567\n' } },
      );
      expect(gateway.calls[0]?.body).toBe('{"sha":"1234567"}');
    }));

  test.each([
    ['a step up', { path: '/echo/{{v}}' }, '..'],
    ['an encoded step up', { path: '/echo/{{v}}' }, '%2e%2E'],
    ['a step up behind a slash', { path: '/echo/{{v}}' }, 'a/../../admin'],
    ['a step up encoded twice', { path: '/echo/{{v}}' }, '..%252f..%252fadmin'],
    ['a step up with a matrix parameter', { path: '/echo/{{v}}' }, '..;x=1'],
    ['a backslash', { path: '/echo/{{v}}' }, 'a\\..\\b'],
    ['a line break in the path', { path: '/echo/{{v}}' }, 'a\r\nb'],
    ['nothing, which would name the whole collection', { path: '/deploy/{{v}}' }, ''],
    ['a line break in a header', { path: '/text', headers: { 'x-team': '{{v}}' } }, 'a\r\nx-admin: 1'],
    ['a line break in the idempotency key', { ...DEPLOY, idempotency_key: '{{v}}' }, 'a\nb'],
    ['a step up in save_to', { ...DEPLOY, save_to: 'calls/{{v}}' }, '../../other'],
  ])('that are %s are refused before any call (P4)', (_what, one, v) =>
    withCalls(async ({ call, gateway }) => {
      const step = await call(one, { vars: { v } });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toMatch(/\[(?:PARAMS_INVALID|KEY_REFUSED)\]/);
      expect(gateway.calls).toEqual([]);
    }),
  );

  test('of unknown names are refused with the known ones', () =>
    withCalls(async ({ call, gateway }) => {
      const step = await call({ ...DEPLOY, body: { v: '{{verison}}' } }, { vars: { version: '1' } });
      expect(step.stderr).toContain('did you mean {{version}}?');
      expect(gateway.calls).toEqual([]);
    }));
});

describe('a body_file', () => {
  test('is sent byte for byte, and signed as it is (P30)', () =>
    withCalls(async ({ call, gateway }) => {
      const files = { 'out/blob': Buffer.from([0, 255, 13, 10, 128]) };
      const step = await call({ method: 'PUT', path: '/echo/x', body_file: 'out/blob' }, {}, { files });
      expect(step.code, step.stderr).toBe(0);
      expect(gateway.calls.at(-1)?.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': '5',
      });
    }));

  test('with the name of JSON is sent as JSON, and a header says otherwise', () =>
    withCalls(async ({ call, gateway }) => {
      const files = { 'out/a.json': '{"a": "{{not a template}}"}' };
      await call({ method: 'POST', path: '/echo/x', body_file: 'out/a.json' }, {}, { files });
      const headers = { 'Content-Type': 'application/x-ndjson' };
      await call({ method: 'POST', path: '/echo/x', body_file: 'out/a.json', headers }, {}, { files });
      expect(gateway.calls.map((seen) => seen.headers['content-type'])).toEqual([
        'application/json',
        'application/x-ndjson',
      ]);
      expect(gateway.calls[0]?.body).toBe(files['out/a.json']);
    }));

  test('of more than 10 MB is refused before any call', () =>
    withCalls(async ({ call, gateway }) => {
      const files = { 'out/big': Buffer.alloc(10 * 1024 * 1024 + 1) };
      const step = await call({ method: 'POST', path: '/echo/x', body_file: 'out/big' }, {}, { files });
      expect(step.stderr).toContain('[FILE_INVALID]');
      expect(gateway.calls).toEqual([]);
    }));
});

describe('params that do not fit are refused before any call', () => {
  test.each([
    ['no gateway', DEPLOY, { gateway: undefined }, 'source.gateway: required to call a service'],
    ['a path with a query', { path: '/a?b=1' }, {}, 'holds a "?"'],
    ['a path with a fragment', { path: '/a#b' }, {}, 'holds a "?", a "#"'],
    ['two slashes', { path: '//evil.example/a' }, {}, 'params.call.path: must begin with exactly one slash'],
    ['two slashes inside', { path: '/a//b' }, {}, 'holds "//"'],
    ['a dot segment', { path: '/a/./b' }, {}, 'has a "." or ".." segment'],
    ['an encoded dot segment', { path: '/a/%2e%2e/b' }, {}, 'has a "." or ".." segment'],
    ['an address', { path: 'http://evil.example/' }, {}, 'must begin with exactly one slash'],
    [
      'a host header',
      { path: '/a', headers: { Host: 'evil.example' } },
      {},
      'headers.Host is set by the resource itself',
    ],
    [
      'an authorization header',
      { path: '/a', headers: { Authorization: 'x' } },
      {},
      'is set by the resource itself',
    ],
    [
      'an x-amz header',
      { path: '/a', headers: { 'X-Amz-Security-Token': 'x' } },
      {},
      'is set by the resource itself',
    ],
    [
      'the api id as a header',
      { path: '/a', headers: { 'x-apigw-api-id': 'x' } },
      {},
      'is set by source.gateway.api_id',
    ],
    [
      'a transfer-encoding header',
      { path: '/a', headers: { 'transfer-encoding': 'chunked' } },
      {},
      'is set by the resource itself',
    ],
    ['a header that is two', { path: '/a', headers: { 'x:y\r\nz': 'x' } }, {}, 'is not the name of a header'],
    ['a body without a method', { path: '/a', body: {} }, {}, 'a GET has no body: set method: POST'],
    ['two bodies', { ...DEPLOY, body_file: 'a/b' }, {}, 'params.call.body_file: cannot stand beside body'],
    [
      'save_to without a bucket',
      { ...DEPLOY, save_to: 'x' },
      { s3: undefined },
      'source.s3: required for params.call.save_to',
    ],
    [
      'a poll with an odd duration',
      { ...DEPLOY, poll: { path: '/a', json: 'a', equals: 'b', every: '5' } },
      {},
      'params.call.poll.every: must be a duration',
    ],
    ['a gate resource', DEPLOY, { gate: 'release' }, 'a gate resource accepts only approval'],
    [
      'no region',
      DEPLOY,
      { aws: { access_key_id: 'AKIASENSITIVE0000001', secret_access_key: 'x' } },
      'source.gateway.region: required',
    ],
  ])('%s', (_what, one, top, told) =>
    withCalls(async ({ call, gateway, source }) => {
      const step = await call(one, {}, { source: source({}, top) });
      expect(step.stderr).toContain(told);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(gateway.calls).toEqual([]);
    }),
  );
});

describe('a source that could misdirect a call is refused', () => {
  test.each([
    [{ url: 'http://api.example/prod' }, 'source.gateway.url: must be https: signed calls travel there'],
    [{ url: 'https://api.example/prod//x' }, 'source.gateway.url: has an odd path'],
    [{ url: 'https://api.example/%2e%2e/x' }, ''],
    [{ headers: { Host: 'x' } }, 'source.gateway.headers.Host: is set by the resource itself'],
    [{ headers: { 'x-a': 'b\r\nc' } }, 'source.gateway.headers.x-a: holds a line break'],
    [{ api_id: 'a/b' }, 'source.gateway.api_id: must be the id of an API'],
    [{ region: 'eu west' }, 'source.gateway.region: must be the name of a region'],
  ])('%j', (change, told) =>
    withCalls(async ({ source }) => {
      const step = await runStep('check', { source: source(change) });
      if (told === '') expect(step.code).toBe(0);
      else expect(step.stderr).toContain(told);
    }),
  );
});

test('check answers the given version', () =>
  withCalls(async ({ source }) => {
    const version = { call: 'abc', status: '200', digest: 'sha256:00' };
    const step = await runStep('check', { source: source(), version });
    expect(step.json()).toEqual([version]);
  }));
