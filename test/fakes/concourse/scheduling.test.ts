import { describe, expect, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';

const RESOURCES = `
resources:
- { name: app, type: mock, source: { record: ((record)), id: app } }
- { name: gate, type: mock, source: { record: ((record)), id: gate } }`;

const refs = (inputs: readonly { name: string; version: Readonly<Record<string, string>> }[]): string[] =>
  inputs.map(({ name, version }) => `${name}=${version['ref'] ?? ''}`);

describe('trigger (atc/scheduler)', () => {
  test('a job is due when a trigger input has a version it never used', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: watches, plan: [{ get: app, trigger: true }] }
- { name: looks, plan: [{ get: app }, { put: gate }] }`);
    expect(concourse.dueJobs()).toEqual([]);
    await concourse.check('app', { from: { ref: 'a' } });
    expect(concourse.dueJobs()).toEqual(['watches']);
    const builds = await concourse.runScheduled();
    expect(builds.map(({ jobName, status }) => [jobName, status])).toEqual([['watches', 'succeeded']]);
    expect(concourse.dueJobs()).toEqual([]);
  });

  test('a version is tried once, whether its build succeeds or not', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs: [{ name: work, plan: [{ get: app, trigger: true, params: { exit: 1 } }, { put: gate }] }]`);
    await concourse.check('app', { from: { ref: 'a' } });
    expect(await concourse.runScheduled()).toHaveLength(1);
    expect(concourse.dueJobs()).toEqual([]);
  });

  test('a put makes a job with an unpassed get due while its own build still runs (C7)', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- name: ask
  plan: [{ put: gate, params: { version: { ref: requested } } }, { put: app, params: { hang: term } }]
- { name: deploy, plan: [{ get: gate, trigger: true }] }`);
    const asking = concourse.start('ask');
    await asking.logged(/hanging/);
    expect(concourse.dueJobs()).toEqual(['deploy']);
    const [deploy] = await concourse.runScheduled();
    expect(deploy).toMatchObject({ jobName: 'deploy', status: 'succeeded' });
    expect(asking.status).toBe('started');
    concourse.abort(asking);
    await asking.done;
  });

  test('a pipeline that triggers itself without end is stopped', async () => {
    const concourse = mockConcourse(
      `${RESOURCES}
jobs:
- name: loop
  plan: [{ get: app, trigger: true }, { put: gate }, { put: app, params: { version: { ref: ((id:next)) } } }]
var_sources: [{ name: id, type: idtoken, config: {} }]`,
      {
        varSources: { id: () => String(process.hrtime.bigint()) },
      },
    );
    await concourse.check('app');
    await expect(concourse.runScheduled(3)).rejects.toThrow('the pipeline keeps triggering itself: loop');
  });
});

describe('passed (group_resolver.go)', () => {
  const GATED = `${RESOURCES}
jobs:
- { name: build, plan: [{ get: app, trigger: true }, { put: gate, params: { version: { ref: "of-((.:app.ref))" } } }] }
- name: deploy
  plan:
  - { get: app, passed: [build] }
  - { get: gate, passed: [build], trigger: true }`.replace(
    '{ get: app, trigger: true }',
    '{ get: app, trigger: true, params: { metadata: [{ name: ref, value: ((mark)) }] } }',
  );

  test('a version arrives only after the upstream job succeeded with it', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: first, plan: [{ get: app, trigger: true }, { put: gate, params: { fail_first: 1 } }] }
- { name: second, plan: [{ get: app, passed: [first], trigger: true }] }`);
    await concourse.check('app', { from: { ref: 'a' } });
    const failed = await concourse.runScheduled();
    expect(failed.map(({ jobName, status }) => [jobName, status])).toEqual([['first', 'failed']]);
    await concourse.check('app', { from: { ref: 'b' } });
    const builds = await concourse.runScheduled();
    expect(builds.map(({ jobName, inputs }) => [jobName, ...refs(inputs)])).toEqual([
      ['first', 'app=b'],
      ['second', 'app=b'],
    ]);
  });

  test('inputs that passed the same job come from one and the same build of it', async () => {
    const vars = { mark: 'a' };
    const concourse = mockConcourse(GATED, { vars });
    await concourse.check('app', { from: { ref: 'a' } });
    await concourse.runScheduled();
    vars.mark = 'b';
    await concourse.check('app', { from: { ref: 'b' } });
    await concourse.runScheduled();
    expect(concourse.builds('deploy').map(({ inputs }) => refs(inputs))).toEqual([
      ['app=a', 'gate=of-a'],
      ['app=b', 'gate=of-b'],
    ]);
    concourse.disableVersion('gate', { ref: 'of-b' });
    const build = await concourse.trigger('deploy');
    expect(refs(build.inputs)).toEqual(['app=a', 'gate=of-a']);
  });

  test('a pin on one input holds the others to the build that made it', async () => {
    const vars = { mark: 'a' };
    const concourse = mockConcourse(GATED, { vars });
    await concourse.check('app', { from: { ref: 'a' } });
    await concourse.runScheduled();
    vars.mark = 'b';
    await concourse.check('app', { from: { ref: 'b' } });
    await concourse.runScheduled();
    concourse.pinVersion('gate', { ref: 'of-a' });
    const build = await concourse.trigger('deploy');
    expect(refs(build.inputs)).toEqual(['app=a', 'gate=of-a']);
  });

  test('inputs of different upstream jobs are chosen by themselves: a decision may meet a newer artifact', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: make, plan: [{ get: app, trigger: true }] }
- { name: deploy, plan: [{ get: app, passed: [make] }, { get: gate, trigger: true }] }`);
    await concourse.check('app', { from: { ref: 'approved' } });
    await concourse.runScheduled();
    await concourse.check('app', { from: { ref: 'newer' } });
    await concourse.trigger('make');
    await concourse.check('gate', { from: { ref: 'yes-to-approved' } });
    const [build] = await concourse.runScheduled();
    expect(refs(build?.inputs ?? [])).toEqual(['app=newer', 'gate=yes-to-approved']);
  });

  test('an input of two upstream jobs needs a version that both have passed', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: lint, plan: [{ get: app }, { put: gate }] }
- { name: unit, plan: [{ get: app }] }
- { name: ship, plan: [{ get: app, passed: [lint, unit] }] }`);
    for (const [job, ref] of [
      ['lint', 'a'],
      ['unit', 'b'],
    ] as const) {
      await concourse.check('app', { from: { ref } });
      await concourse.trigger(job);
    }
    await expect(concourse.trigger('ship')).rejects.toThrow('app: no satisfiable builds from passed jobs');
    await concourse.trigger('lint');
    expect(refs((await concourse.trigger('ship')).inputs)).toEqual(['app=b']);
  });

  test('every walks the builds of the upstream job one by one', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: make, plan: [{ get: app, trigger: true, version: every }, { put: gate }] }
- { name: use, plan: [{ get: app, passed: [make], trigger: true, version: every }] }`);
    await concourse.check('app', { from: { ref: 'a' } });
    await concourse.runScheduled();
    concourse.platform.resource('app').history.saveChecked([{ ref: 'b' }, { ref: 'c' }]);
    await concourse.trigger('make');
    await concourse.trigger('make');
    const builds = await concourse.runScheduled();
    expect(builds.map(({ inputs }) => refs(inputs))).toEqual([['app=b'], ['app=c']]);
  });
});

describe('limits on builds', () => {
  const hanging = `{ put: app, no_get: true, params: { hang: term } }`;

  test.each([
    ['serial', 'serial: true'],
    ['max_in_flight', 'max_in_flight: 1'],
    ['serial_groups', 'serial_groups: [prod]'],
  ])('%s keeps a second build pending until the first has ended', async (_, limit) => {
    const concourse = mockConcourse(`${RESOURCES}
jobs: [{ name: work, ${limit}, plan: [${hanging}, { put: gate }] }]`);
    const [first, second] = [concourse.start('work'), concourse.start('work')];
    await first.logged(/hanging/);
    expect(second.status).toBe('pending');
    concourse.abort(first);
    await second.logged(/hanging/);
    expect(first.status).toBe('aborted');
    concourse.abort(second);
    await second.done;
  });

  test('a serial group spans jobs, and builds start in the order they were asked for', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: one, serial_groups: [prod], plan: [${hanging}, { put: gate }] }
- { name: two, serial_groups: [prod], plan: [{ put: app, no_get: true }] }
- { name: free, plan: [{ put: app, no_get: true }] }`);
    const one = concourse.start('one');
    const two = concourse.start('two');
    expect((await concourse.trigger('free')).status).toBe('succeeded');
    await one.logged(/hanging/);
    expect(two.status).toBe('pending');
    concourse.abort(one);
    expect((await two.done).status).toBe('succeeded');
  });

  test('a build waits behind an older one that waits for another of its groups', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: x, serial_groups: [x], plan: [${hanging}, { put: gate }] }
- { name: both, serial_groups: [x, y], plan: [{ put: app, no_get: true }] }
- { name: y, serial_groups: [y], plan: [{ put: app, no_get: true }] }`);
    const [x, both, y] = [concourse.start('x'), concourse.start('both'), concourse.start('y')];
    await x.logged(/hanging/);
    expect([both.status, y.status]).toEqual(['pending', 'pending']);
    concourse.abort(x);
    expect((await y.done).status).toBe('succeeded');
    expect(both.status).toBe('succeeded');
  });

  test('a pending build can be aborted', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs: [{ name: work, serial: true, plan: [${hanging}, { put: gate }] }]`);
    const [first, second] = [concourse.start('work'), concourse.start('work')];
    concourse.abort(second);
    expect((await second.done).status).toBe('aborted');
    await first.logged(/hanging/);
    concourse.abort(first);
    await first.done;
    expect(second.steps).toEqual([]);
  });
});

describe('rerun, manual trigger (C26)', () => {
  test('a rerun takes the very inputs of its build, and its name', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs: [{ name: work, plan: [{ get: app }, { put: gate }] }]`);
    await concourse.check('app', { from: { ref: 'a' } });
    const build = await concourse.trigger('work');
    await concourse.check('app', { from: { ref: 'b' } });
    const rerun = await concourse.trigger('work', { rerunOf: build });
    expect(rerun).toMatchObject({ name: '1.1', rerunOf: build.id });
    expect(refs(rerun.inputs)).toEqual(['app=a']);
    expect((await concourse.trigger('work', { rerunOf: rerun })).name).toBe('1.2');
    expect((await concourse.trigger('work')).name).toBe('2');
  });

  test('disable_reruns (8.1) and disable_manual_trigger refuse', async () => {
    const concourse = mockConcourse(`${RESOURCES}
jobs:
- { name: once, disable_reruns: true, plan: [{ put: app }] }
- { name: auto, disable_manual_trigger: true, plan: [{ put: gate }] }`);
    const build = await concourse.trigger('once');
    await expect(concourse.trigger('once', { rerunOf: build })).rejects.toThrow(
      "reruns of job 'once' are disabled",
    );
    await expect(concourse.trigger('auto')).rejects.toThrow("job 'auto' can not be triggered manually");
  });
});

describe('periodic checks (concourse.md 1.6)', () => {
  test('reach trigger inputs always, others until they have a version, and none with check_every never', async () => {
    const concourse = mockConcourse(`
resources:
- { name: watched, type: mock, source: { id: 1 } }
- { name: used, type: mock, source: { id: 2 } }
- { name: never, type: mock, source: { id: 3 }, check_every: never }
jobs: [{ name: work, plan: [{ get: watched, trigger: true }, { get: used }, { get: never }] }]`);
    expect((await concourse.scan()).map(({ resource }) => resource)).toEqual(['watched', 'used']);
    expect((await concourse.scan()).map(({ resource }) => resource)).toEqual(['watched']);
  });
});
