import { describe, expect, test } from 'vitest';
import { resolveIdentity } from '../../src/aws/identity.ts';
import type { Sts } from '../../src/aws/sts.ts';
import { createRedactor } from '../../src/kit/redact.ts';
import { listen } from '../fakes/http/listen.ts';
import { linksIn, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { IN_ENV, KEY_ID, KEYS, keysUsed, putAs, ROLE, TOKEN } from './put-as.ts';

function expectNamedOnce(stderr: string, name: string | RegExp): void {
  const lines = stderr.split('\n').filter((line) => line.includes('AWS identity'));
  expect(lines).toEqual([
    typeof name === 'string' ? `put: AWS identity: ${name}` : expect.stringMatching(name),
  ]);
}

describe.concurrent('an identity that works is named once:', () => {
  test('keys', () =>
    withWorld(async (world) => {
      const step = await putAs(world, KEYS);
      expect(step.code, step.stderr).toBe(0);
      expectNamedOnce(step.stderr, 'access key …0001');
      expect(world.aws.sts.count()).toBe(0);
      expect(keysUsed(world)).toEqual([KEY_ID]);
    }));

  test('temporary keys, whose token goes with each request and each link', () =>
    withWorld(async (world) => {
      const session = { accessKeyId: 'ASIASESSION', secretAccessKey: 'sensitive-session-secret' };
      world.aws.sessions.set('sensitive-session-token', {
        ...session,
        expires: new Date(Date.now() + 600_000),
      });
      const step = await putAs(world, {
        access_key_id: session.accessKeyId,
        secret_access_key: session.secretAccessKey,
        session_token: 'sensitive-session-token',
      });
      expect(step.code, step.stderr).toBe(0);
      expectNamedOnce(step.stderr, 'access key …SION');
      const [url = ''] = linksIn(world.slack.messages()[0]?.blocks);
      expect(await (await fetch(url)).text()).toBe('a report');
      expect(step.stdout + step.stderr).not.toContain('sensitive');
    }));

  test('a role, with the external id and a session name that tells the build', () =>
    withWorld(
      async (world) => {
        const step = await putAs(world, { ...KEYS, role_arn: ROLE, external_id: 'sensitive-external-id' });
        expect(step.code, step.stderr).toBe(0);
        expectNamedOnce(
          step.stderr,
          /^put: AWS identity: role arn:.*:role\/reports, session concourse-main-app-4711, until 20\S+Z$/,
        );
        expect(world.aws.sts.calls).toMatchObject([
          {
            action: 'AssumeRole',
            args: { ExternalId: 'sensitive-external-id', RoleSessionName: 'concourse-main-app-4711' },
          },
        ]);
        expect(keysUsed(world)).toEqual([expect.stringMatching(/^ASIA/)]);
        expect(step.stdout + step.stderr).not.toContain('sensitive');
      },
      { aws: { roles: { [ROLE]: { externalId: 'sensitive-external-id', maxDuration: 43_200 } } } },
    ));

  test('a role with the identity token of the pipeline, and no keys at all', () =>
    withWorld(
      async (world) => {
        const params = { aws: { web_identity_token: TOKEN } };
        const step = await putAs(world, { role_arn: ROLE, session_name: 'nightly' }, { params });
        expect(step.code, step.stderr).toBe(0);
        expectNamedOnce(step.stderr, /role arn:.*:role\/reports, session nightly, until/);
        expect(world.aws.sts.calls.map(({ action }) => action)).toEqual(['AssumeRoleWithWebIdentity']);
        expect(step.stdout + step.stderr).not.toContain(TOKEN);
      },
      { aws: { webIdentityToken: TOKEN, roles: { [ROLE]: { maxDuration: 43_200 } } } },
    ));

  test('the default chain, by the ARN that STS tells', () =>
    withWorld(async (world) => {
      const step = await putAs(world, {}, { env: IN_ENV });
      expect(step.code, step.stderr).toBe(0);
      expectNamedOnce(step.stderr, 'arn:aws:iam::123456789012:user/ci of the default chain');
      expect(world.aws.sts.calls.map(({ action }) => action)).toEqual(['GetCallerIdentity']);
      expect(keysUsed(world)).toEqual([KEY_ID]);
    }));

  test('the default chain, by its key where it may not ask for its name', () =>
    withWorld(async (world) => {
      world.aws.sts.fault('GetCallerIdentity', { http: 403, code: 'AccessDenied' });
      const step = await putAs(world, {}, { env: IN_ENV });
      expect(step.code, step.stderr).toBe(0);
      expectNamedOnce(step.stderr, 'access key …0001 of the default chain');
    }));

  test('a role assumed from the default chain', () =>
    withWorld(
      async (world) => {
        const step = await putAs(world, { role_arn: ROLE }, { env: IN_ENV });
        expect(step.code, step.stderr).toBe(0);
        expectNamedOnce(step.stderr, /role arn:.*:role\/reports/);
        expect(world.aws.sts.calls.map(({ action }) => action)).toEqual(['AssumeRole']);
        expect(keysUsed(world)).toEqual([expect.stringMatching(/^ASIA/)]);
      },
      { aws: { roles: { [ROLE]: { maxDuration: 43_200 } } } },
    ));
});

describe.concurrent('a role session', () => {
  const durations = ({ aws }: World) => aws.sts.calls.map(({ args }) => args['DurationSeconds']);
  const role = (maxDuration: number) => ({ aws: { roles: { [ROLE]: { maxDuration } } } });

  test.each([
    ['is asked to live as long as its links', '6h', ['21600']],
    ['is asked for twelve hours at most', '7d', ['43200']],
    ['lives an hour where links are shorter', '10m', ['3600']],
  ])('%s', (_, expires_in, asked) =>
    withWorld(async (world) => {
      const params = { artifacts: [{ key: 'report.pdf', as: 'link', expires_in }] };
      const step = await putAs(world, { ...KEYS, role_arn: ROLE }, { params });
      expect(step.code, step.stderr).toBe(0);
      expect(durations(world)).toEqual(asked);
    }, role(43_200)),
  );

  test('settles for an hour where the role allows no more, and the message tells the true end (S10, P24)', () =>
    withWorld(async (world) => {
      const before = Math.floor(Date.now() / 1000);
      const step = await putAs(world, { ...KEYS, role_arn: ROLE });
      const after = Math.ceil(Date.now() / 1000);
      expect(step.code, step.stderr).toBe(0);
      expect(durations(world)).toEqual(['43200', '3600']);
      expect(step.stderr).toContain(
        'warning: the link to report.pdf ends with the AWS credentials that signed it, before expires_in',
      );
      const blocks = JSON.stringify(world.slack.messages()[0]?.blocks);
      const until = Number(/<!date\^(\d+)\^/.exec(blocks)?.[1]);
      expect(until).toBeGreaterThanOrEqual(before + 3600 - 1);
      expect(until).toBeLessThanOrEqual(after + 3600);
      const end = new Date(until * 1000).toISOString().slice(0, 16);
      expect(step.stdout).toContain(`until ${end}Z`);
    }, role(3600)));
});

describe('no identity at all', () => {
  test('is told in one line, with where to set one', () =>
    withWorld(async (world) => {
      const step = await putAs(world, {});
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(
        'put: no AWS credentials: Could not load credentials from any providers [AWS_IDENTITY]',
      );
      expect(step.stderr).toContain('hint: set source.aws.access_key_id and secret_access_key');
    }));

  test('is told within seconds where the metadata service never answers', () =>
    withWorld(async (world) => {
      const silent = await listen(() => undefined);
      const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.origin };
      // A step that waits for the service is killed in the end, and then the test fails.
      const step = await putAs(world, {}, { env });
      expect(step.stderr).toContain('no AWS credentials');
      await silent.close();
    }));
});

test('asks AWS for the role, not the endpoint that a VPC has for S3', () =>
  withWorld(
    async (world) => {
      const gone = await listen(() => undefined);
      await gone.close();
      const vpce = { endpoint: 'https://bucket.vpce-0a1b.s3.eu-west-1.vpce.amazonaws.com', role_arn: ROLE };
      // Nothing of this test leaves the machine.
      const env = { AWS_ENDPOINT_URL_STS: world.aws.url, https_proxy: gone.origin };
      const step = await putAs(world, { ...KEYS, ...vpce }, { env });
      expect(world.aws.sts.count('AssumeRole')).toBe(1);
      expect(step.stderr).toContain('no answer from bucket.vpce-0a1b.s3.eu-west-1.vpce.amazonaws.com');
      expect(step.stderr).toContain('[S3_UNREACHABLE]');
    },
    { aws: { roles: { [ROLE]: { maxDuration: 43_200 } } } },
  ));

test('asks for no identity where nothing of S3 is wanted', () =>
  withWorld(async (world) => {
    const { put, source } = world;
    const step = await put(
      { text: 'hello' },
      { source: source({ aws: { region: 'eu-west-1', role_arn: ROLE } }) },
    );
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(world.aws.sts.count()).toBe(0);
  }));

test('the keys of a session are held back from the moment they are known (P28)', async () => {
  const redactor = createRedactor();
  const secrets = {
    secretAccessKey: 'sensitive-session-secret',
    sessionToken: 'sensitive-session-token',
  };
  const session = () => Promise.resolve({ accessKeyId: 'ASIASESSION', ...secrets });
  const sts: Sts = {
    assumeRole: session,
    assumeRoleWithWebIdentity: session,
    defaultChain: async () => ({ credentials: await session(), arn: undefined }),
    whoIs: () => Promise.resolve('arn:aws:sts::123456789012:assumed-role/ci/put'),
  };
  const role = { arn: ROLE, sessionName: 'put' };
  const log = { info: () => undefined, warn: () => undefined };
  await resolveIdentity({ region: 'eu-west-1', role }, { log, redactor, sts: () => Promise.resolve(sts) });
  expect(redactor.redact(Object.values(secrets).join(', '))).toBe('***, ***');
});
