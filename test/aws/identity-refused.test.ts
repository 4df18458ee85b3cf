import { describe, expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { IN_ENV, KEYS, keysUsed, putAs, ROLE, TOKEN } from './put-as.ts';
import type { Given } from './put-as.ts';

describe.concurrent('an identity that fails is an error, and no other is tried (C21):', () => {
  const refused = async (world: World, identity: object, given: Given = {}) => {
    // The worker has an identity of its own that could do everything.
    const step = await putAs(world, identity, { ...given, env: IN_ENV });
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(world.slack.count()).toBe(0);
    return step.stderr;
  };

  test('a role that may not be assumed', () =>
    withWorld(async (world) => {
      const stderr = await refused(world, { ...KEYS, role_arn: ROLE });
      expect(stderr).toContain(`put: could not assume role ${ROLE}: AccessDenied [AWS_IDENTITY]`);
      expect(stderr).toContain('trust policy');
      expect(stderr).not.toContain('is not authorized');
      expect(world.aws.s3.count()).toBe(0);
      expect(new Set(world.aws.sts.calls.map(({ action }) => action))).toEqual(new Set(['AssumeRole']));
    }));

  test('a role with another external id', () =>
    withWorld(
      async (world) => {
        const stderr = await refused(world, { ...KEYS, role_arn: ROLE, external_id: 'wrong-id' });
        expect(stderr).toContain('AccessDenied [AWS_IDENTITY]');
        expect(stderr).toContain('source.aws.external_id');
        expect(world.aws.s3.count()).toBe(0);
      },
      { aws: { roles: { [ROLE]: { externalId: 'right-id' } } } },
    ));

  test.each([
    ['another', 'sensitive-wrong-token', 'InvalidIdentityTokenException'],
    ['an expired', 'sensitive-old-token', 'ExpiredTokenException'],
  ])('%s identity token of the pipeline', (_, token, error) =>
    withWorld(
      async (world) => {
        const params = { aws: { web_identity_token: token } };
        const stderr = await refused(world, { role_arn: ROLE }, { params });
        expect(stderr).toContain(`could not assume role ${ROLE}: ${error} [AWS_IDENTITY]`);
        expect(stderr).toContain('its aud and sub');
        expect(stderr).not.toContain('sensitive');
        expect(world.aws.s3.count()).toBe(0);
        expect(world.aws.sts.calls.map(({ action }) => action)).toEqual(['AssumeRoleWithWebIdentity']);
      },
      {
        aws: {
          webIdentityToken: TOKEN,
          expiredWebIdentityToken: 'sensitive-old-token',
          roles: { [ROLE]: {} },
        },
      },
    ),
  );

  test('keys with a wrong secret', () =>
    withWorld(async (world) => {
      const stderr = await refused(world, {
        ...KEYS,
        access_key_id: 'AKIAOTHER',
        secret_access_key: 'wrong-secret',
      });
      expect(stderr).toContain('InvalidAccessKeyId [S3_REFUSED]');
      expect(keysUsed(world)).toEqual(['AKIAOTHER']);
      expect(world.aws.sts.count()).toBe(0);
    }));

  test('a role by keys with a wrong secret', () =>
    withWorld(
      async (world) => {
        const stderr = await refused(world, { ...KEYS, secret_access_key: 'wrong-secret', role_arn: ROLE });
        expect(stderr).toContain('SignatureDoesNotMatch [AWS_IDENTITY]');
        expect(stderr).not.toContain('wrong-secret');
        expect(world.aws.s3.count()).toBe(0);
      },
      { aws: { roles: { [ROLE]: {} } } },
    ));

  test.each(['html', 'reset', { http: 500 }] as const)('an STS that answers by %j', (fault) =>
    withWorld(
      async (world) => {
        world.aws.sts.fault('AssumeRole', fault, 9);
        const stderr = await refused(world, { ...KEYS, role_arn: ROLE });
        expect(stderr).toMatch(/could not assume role \S+: .+ \[AWS_IDENTITY\]/);
        expect(stderr).not.toContain('unexpected');
        expect(world.aws.s3.count()).toBe(0);
      },
      { aws: { roles: { [ROLE]: { maxDuration: 43_200 } } } },
    ),
  );
});
