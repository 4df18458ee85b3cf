import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';
import { mockConcourse } from './mock-concourse.ts';
import type { MockConcourse } from './mock-concourse.ts';

const pipeline = (plan: string, resource = ''): string => `
resources: [{ name: thing, type: mock, source: { record: ((record)) } ${resource} }]
jobs: [{ name: deploy, plan: [${plan}] }]`;

/** Names of the variables a process saw; sh adds PWD, and OLDPWD or _ may come with it. */
function names(env: Record<string, unknown> = {}): string[] {
  return Object.keys(env)
    .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))
    .toSorted();
}

const BUILD = [
  'BUILD_ID',
  'BUILD_JOB_ID',
  'BUILD_JOB_NAME',
  'BUILD_NAME',
  'BUILD_PIPELINE_ID',
  'BUILD_PIPELINE_NAME',
  'BUILD_TEAM_ID',
  'BUILD_TEAM_NAME',
  'BUILD_URL',
  'BUILD_URL_SHORT',
];

describe('environment of get and put (concourse.md 1.4)', () => {
  test('is PATH and the documented variables, no HOME and no TMPDIR (C4)', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing }, { put: thing, no_get: true }'));
    await concourse.trigger('deploy');
    const [get, put] = [concourse.runs('in')[0], concourse.runs('out')[0]];
    expect(names(get?.env)).toEqual(['ATC_EXTERNAL_URL', ...BUILD, 'PATH']);
    expect(names(put?.env)).toEqual(['ATC_EXTERNAL_URL', ...BUILD, 'PATH']);
    expect(put?.env).toMatchObject({
      BUILD_ID: '1',
      BUILD_NAME: '1',
      BUILD_JOB_ID: '1',
      BUILD_JOB_NAME: 'deploy',
      BUILD_PIPELINE_ID: '1',
      BUILD_PIPELINE_NAME: 'app',
      BUILD_TEAM_ID: '1',
      BUILD_TEAM_NAME: 'main',
      ATC_EXTERNAL_URL: 'https://ci.example.com',
      BUILD_URL: 'https://ci.example.com/teams/main/pipelines/app/jobs/deploy/builds/1',
      BUILD_URL_SHORT: 'https://ci.example.com/builds/1',
    });
  });

  test('check gets none of BUILD_* (C8)', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing }'), { buildCreatedBy: 'alice' });
    await concourse.trigger('deploy');
    expect(names(concourse.runs('check')[0]?.env)).toEqual(['PATH']);
  });

  test('nothing tells two puts of one build apart (C15)', async () => {
    const concourse = mockConcourse(pipeline('{ put: a, resource: thing }, { put: b, resource: thing }'));
    await concourse.trigger('deploy');
    const [a, b] = concourse.runs('out');
    expect(a?.env).toEqual(b?.env);
  });

  test('an instanced pipeline has its vars as JSON, and JSON-quoted in BUILD_URL (C14)', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, no_get: true }'), {
      instanceVars: { env: 'prod', branch: 'main', num: 9000 },
    });
    await concourse.trigger('deploy');
    expect(concourse.runs('out')[0]?.env).toMatchObject({
      BUILD_PIPELINE_INSTANCE_VARS: '{"branch":"main","env":"prod","num":9000}',
      BUILD_URL:
        'https://ci.example.com/teams/main/pipelines/app/jobs/deploy/builds/1?vars.branch=%22main%22&vars.env=%22prod%22&vars.num=9000',
    });
  });

  test('the environment of the image or worker is added', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, no_get: true }'), {
      env: { https_proxy: 'http://127.0.0.1:1' },
    });
    await concourse.trigger('deploy');
    expect(concourse.runs('out')[0]?.env['https_proxy']).toBe('http://127.0.0.1:1');
  });

  test('processes run in / and stdin is at its end after the request (1.7)', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing }, { put: thing, no_get: true }'));
    await concourse.trigger('deploy');
    expect(concourse.runs().map(({ cwd }) => cwd)).toEqual(['/', '/', '/']);
  });

  test('ids count over the whole server', async () => {
    const cluster = new Cluster();
    const ours = mockConcourse(pipeline('{ put: thing, no_get: true }'), { cluster, team: 'ours' });
    const theirs = mockConcourse(pipeline('{ put: thing, no_get: true }'), { cluster, team: 'theirs' });
    await ours.trigger('deploy');
    await theirs.trigger('deploy');
    expect(theirs.runs('out')[0]?.env).toMatchObject({
      BUILD_ID: '2',
      BUILD_NAME: '1',
      BUILD_TEAM_ID: '2',
      BUILD_PIPELINE_ID: '2',
    });
  });
});

describe('BUILD_CREATED_BY (concourse.md 1.4)', () => {
  const createdBy = (concourse: MockConcourse, script: 'in' | 'out'): unknown[] =>
    concourse.runs(script).map(({ env }) => env['BUILD_CREATED_BY']);

  test('reaches a put of a resource that exposes it, never a get', async () => {
    const concourse = mockConcourse(
      pipeline('{ get: thing }, { put: thing }', ', expose_build_created_by: true'),
      {
        buildCreatedBy: 'alice',
      },
    );
    await concourse.trigger('deploy');
    expect(createdBy(concourse, 'out')).toEqual(['alice']);
    expect(createdBy(concourse, 'in')).toEqual([undefined, undefined]);
  });

  test('is absent without expose_build_created_by', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing }'), { buildCreatedBy: 'alice' });
    await concourse.trigger('deploy');
    expect(createdBy(concourse, 'out')).toEqual([undefined]);
  });

  test('is absent from a build that was triggered by a version (inferred)', async () => {
    const concourse = mockConcourse(
      pipeline('{ get: thing, trigger: true }, { put: thing }', ', expose_build_created_by: true'),
      { buildCreatedBy: 'alice' },
    );
    await concourse.check('thing');
    const [build] = concourse.schedule();
    await build?.done;
    expect(createdBy(concourse, 'out')).toEqual([undefined]);
  });

  test('names who pressed the button of a rerun', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing }', ', expose_build_created_by: true'));
    const build = await concourse.trigger('deploy', { createdBy: 'alice' });
    await concourse.trigger('deploy', { createdBy: 'bob', rerunOf: build });
    expect(createdBy(concourse, 'out')).toEqual(['alice', 'bob']);
  });
});

describe('BUILD_STATUS (concourse.md 1.4, C13)', () => {
  const statuses = (concourse: MockConcourse, script: 'in' | 'out'): unknown[] =>
    concourse.runs(script).map(({ env }) => env['BUILD_STATUS']);

  test.each([
    ['on_success', '{ put: thing, no_get: true }', 'succeeded'],
    ['on_failure', '{ put: thing, params: { exit: 1 } }', 'failed'],
    ['on_error', '{ put: thing, params: { stdout: oops } }', 'errored'],
    ['ensure', '{ put: thing, no_get: true }', undefined],
  ])('under %s a put sees the outcome of the code, not of the docs', async (hook, plan, status) => {
    const concourse = mockConcourse(`${pipeline(plan).trimEnd().slice(0, -2)},
  ${hook}: { put: told, resource: thing, no_get: true } }]`);
    await concourse.trigger('deploy');
    expect(statuses(concourse, 'out')).toEqual([undefined, status]);
  });

  test('under on_abort a put sees aborted', async () => {
    const concourse = mockConcourse(
      pipeline(
        '{ put: thing, params: { hang: term }, on_abort: { put: told, resource: thing, no_get: true } }',
      ),
    );
    const build = concourse.start('deploy');
    await build.logged(/hanging/);
    concourse.abort(build);
    await build.done;
    expect(statuses(concourse, 'out')).toEqual([undefined, 'aborted']);
  });

  test('the implicit get of any put sees succeeded, also under on_failure', async () => {
    const concourse = mockConcourse(
      pipeline(
        '{ put: thing }, { put: bad, resource: thing, params: { exit: 1 }, on_failure: { put: told, resource: thing, params: { version: { ref: x } } } }',
      ),
    );
    await concourse.trigger('deploy');
    expect(statuses(concourse, 'in')).toEqual(['succeeded', 'succeeded']);
    expect(statuses(concourse, 'out')).toEqual([undefined, undefined, 'failed']);
  });
});
