import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { versionOf, withCalls } from './call-world.ts';

const SAVED = { method: 'POST', path: '/deploy', body: {}, save_to: 'calls/{{BUILD_ID}}.json' };
const KEY = 'slack-content/calls/4711.json';
const ANSWER = '{"id":"d-1","status":"queued"}';

test('stores the answer below the prefix, and get writes it without calling again (C11)', () =>
  withCalls(async ({ call, gateway, get, world }) => {
    const step = await call(SAVED);
    expect(step.code, step.stderr).toBe(0);
    const version = versionOf(step);
    expect(version).toMatchObject({ status: '202', saved: 'calls/4711.json' });
    expect(world.aws.s3.object('ci-artifacts', KEY)).toMatchObject({ type: 'application/json' });
    const got = await get(version);
    expect(got.code, got.stderr).toBe(0);
    expect(got.json()).toMatchObject({ version });
    expect(got.files).toMatchObject({ status: '202', digest: version['digest'], body: ANSWER });
    expect(JSON.parse(got.files['headers.json'] ?? '')).toMatchObject({ 'content-type': 'application/json' });
    expect(gateway.calls).toHaveLength(1);
  }));

test('without save_to, get writes status and digest and makes no network call (C11)', () =>
  withCalls(async ({ call, gateway, get, world }) => {
    const version = versionOf(await call({ ...SAVED, save_to: undefined }));
    const before = world.aws.s3.calls.length;
    const got = await get(version, undefined, {});
    expect(got.code, got.stderr).toBe(0);
    expect(Object.keys(got.files).toSorted()).toEqual(['digest', 'status', 'version.json']);
    expect(world.aws.s3.calls.length).toBe(before);
    expect(gateway.calls).toHaveLength(1);
  }));

test('stores the answer of the last look of a poll', () =>
  withCalls(
    async ({ call, get }) => {
      const poll = { path: '/deploy/{{body.id}}', json: 'status', equals: 'done', every: '1s' };
      const got = await get(versionOf(await call({ ...SAVED, poll })));
      expect(got.files).toMatchObject({ status: '200', body: '{"id":"d-1","status":"done"}' });
    },
    { states: ['done'] },
  ));

test('keeps session cookies out of what is stored', () =>
  withCalls(async ({ call, get }) => {
    const got = await get(versionOf(await call({ path: '/text', save_to: 'calls/text' })));
    expect(got.files).toMatchObject({ body: 'all well' });
    expect(got.files['headers.json']).not.toMatch(/cookie/i);
  }));

test.each([
  ['nothing at all', { method: 'DELETE', path: '/deploy/d-1' }, { status: '204', body: '' }],
  ['a type outside ASCII', { path: '/odd' }, { status: '200', body: 'odd' }],
])('stores an answer of %s too', (_what, one, files) =>
  withCalls(async ({ call, get }) => {
    const step = await call({ ...one, save_to: 'calls/x' });
    expect(step.code, step.stderr).toBe(0);
    expect((await get(versionOf(step))).files).toMatchObject(files);
  }),
);

test('an identity that fails is told before the call', () =>
  withCalls(async ({ call, gateway, source }) => {
    const aws = {
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:1',
      role_arn: 'arn:aws:iam::1:role/x',
      access_key_id: 'AKIAX',
      secret_access_key: 'x',
    };
    const step = await call(SAVED, {}, { source: source({}, { aws }) });
    expect(step.stderr).toContain('[AWS_IDENTITY]');
    expect(gateway.calls).toEqual([]);
  }));

test('a bucket that fails after the call says that the call was done', () =>
  withCalls(async ({ call, gateway, world }) => {
    world.aws.s3.fault('*', { http: 403 }, 9);
    const step = await call(SAVED);
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain('POST /deploy was done; only storing its answer failed');
    expect(step.stderr).toContain('[S3_REFUSED]');
    expect(gateway.calls).toHaveLength(1);
  }));

describe('a version that nobody has put', () => {
  test.each(['../secrets.json', '..%2fsecrets.json', '/etc/x', 'slack-content/x', 's3://other/x'])(
    'cannot fetch %s from outside of the prefix',
    (saved) =>
      withCalls(async ({ get, world }) => {
        world.aws.s3.put('ci-artifacts', 'secrets.json', 'sensitive', { type: 'text/plain' });
        const got = await get({ call: 'x', status: '200', digest: 'sha256:0', saved });
        expect(got).toMatchObject({ code: 1, stdout: '', files: {} });
        expect(got.stderr).toContain('[KEY_REFUSED]');
      }),
  );

  test('cannot pass off another object as the answer', () =>
    withCalls(async ({ call, get, world }) => {
      const version = versionOf(await call(SAVED));
      world.aws.s3.put('ci-artifacts', KEY, '{"id":"d-1","status":"forged"}', { type: 'application/json' });
      const got = await get(version);
      expect(got).toMatchObject({ code: 1, files: {} });
      expect(got.stderr).toContain('is not the answer of this call');
    }));
});

describe('get_params.call', () => {
  const MESSAGE = { channel: 'C0RELEASES1', ts: '1700000000.000100' };

  test('makes a fresh GET beside what the version says, signed and with its templates', () =>
    withCalls(async ({ get, gateway }) => {
      const got = await get(MESSAGE, { call: { path: '/echo/{{BUILD_ID}}/{{version.channel}}' } });
      expect(got.code, got.stderr).toBe(0);
      expect(got.json()).toMatchObject({ version: MESSAGE });
      expect(gateway.calls).toMatchObject([{ target: '/prod/echo/4711/C0RELEASES1' }]);
      expect(Object.keys(got.files).toSorted()).toEqual([
        'body',
        'body.json',
        'channel',
        'digest',
        'headers.json',
        'status',
        'ts',
        'version.json',
      ]);
      expect(JSON.parse(got.files['body.json'] ?? '')).toMatchObject({ parts: ['4711', 'C0RELEASES1'] });
      const digest = createHash('sha256')
        .update(got.files['body'] ?? '')
        .digest('hex');
      expect(got.files).toMatchObject({ status: '200', digest: `sha256:${digest}` });
    }));

  test('writes no body.json for an answer that is none', () =>
    withCalls(async ({ get }) => {
      const got = await get(MESSAGE, { call: { path: '/text' } });
      expect(got.files).toMatchObject({ body: 'all well' });
      expect(got.files).not.toHaveProperty('body.json');
    }));

  test.each([
    [{ method: 'POST', path: '/deploy' }, 'must be GET or HEAD'],
    [{ path: '/deploy', body: {} }, 'params.call.body: belongs to a put'],
    [{ path: '/deploy', save_to: 'x' }, 'params.call.save_to: belongs to a put'],
    [{ path: '/deploy', timeout: 'soon' }, 'params.call.timeout: must be a duration'],
  ])('of %j is refused before any call', (call, told) =>
    withCalls(async ({ get, gateway }) => {
      const got = await get(MESSAGE, { call });
      expect(got).toMatchObject({ code: 1, stdout: '', files: {} });
      expect(got.stderr).toContain(told);
      expect(gateway.calls).toEqual([]);
    }),
  );
});
