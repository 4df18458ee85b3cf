import { expect, test } from 'vitest';
import { readBuild } from '../../src/resource/build.ts';

const env = {
  BUILD_ID: '4711',
  BUILD_NAME: '41',
  BUILD_JOB_NAME: 'deploy app',
  BUILD_PIPELINE_NAME: 'app',
  BUILD_TEAM_NAME: 'main',
  ATC_EXTERNAL_URL: 'https://ci.example.com/',
};

test('reads only the names that Concourse documents: a worker may leak all of its environment', () => {
  const { vars } = readBuild({ ...env, AWS_SECRET_ACCESS_KEY: 'sensitive', BUILD_SECRET: 'sensitive' });
  expect([...vars.values()].join()).not.toContain('sensitive');
  expect([...vars.keys()].toSorted()).toEqual([
    'ATC_EXTERNAL_URL',
    'BUILD_CREATED_BY',
    'BUILD_ID',
    'BUILD_JOB_NAME',
    'BUILD_NAME',
    'BUILD_PIPELINE_INSTANCE_VARS',
    'BUILD_PIPELINE_NAME',
    'BUILD_STATUS',
    'BUILD_TEAM_NAME',
    'BUILD_URL',
  ]);
});

test('prefers the address that Concourse gives to one put together', () => {
  const given = 'https://ci.example.com/b/1';
  expect(readBuild({ ...env, BUILD_URL: given }).url).toBe(given);
  expect(readBuild(env).url).toBe(
    'https://ci.example.com/teams/main/pipelines/app/jobs/deploy%20app/builds/41',
  );
});

test('has neither address nor name outside Concourse', () => {
  expect(readBuild({})).toMatchObject({ url: undefined, label: 'a build', status: undefined });
});

test('labels a build by what is known of it', () => {
  expect(readBuild(env).label).toBe('main/app/deploy app #41');
  expect(readBuild({ BUILD_ID: '4711' }).label).toBe('build 4711');
  expect(readBuild({ BUILD_ID: '4711', BUILD_TEAM_NAME: 'main' }).label).toBe('build 4711');
});

test.for([['{'], ['null'], ['"text"'], ['{}'], ['']])(
  'leaves out instance vars that are none: %s',
  ([json]) => {
    const { url } = readBuild({ ...env, BUILD_PIPELINE_INSTANCE_VARS: json });
    expect(url).toMatch(/\/builds\/41$/);
  },
);

test('spells the status in one way, and never takes over an unknown one (C13)', () => {
  const statuses = [
    'success',
    'succeeded',
    'failure',
    'failed',
    'error',
    'errored',
    'abort',
    'aborted',
    'pending',
  ];
  const read = statuses.map((status) => readBuild({ BUILD_STATUS: status }));
  expect(read.map(({ status }) => status)).toEqual([
    'succeeded',
    'succeeded',
    'failed',
    'failed',
    'errored',
    'errored',
    'aborted',
    'aborted',
    undefined,
  ]);
  expect(read.map(({ vars }) => vars.get('BUILD_STATUS'))).toEqual(read.map(({ status }) => status ?? ''));
});

test.for([['constructor'], ['toString'], ['__proto__']])(
  'takes no status from an object’s own: %s',
  ([status]) => {
    expect(readBuild({ BUILD_STATUS: status }).status).toBeUndefined();
  },
);
