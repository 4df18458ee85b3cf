import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createConcourse } from './fakes/concourse/create-concourse.ts';
import type { ConcourseOptions } from './fakes/concourse/create-concourse.ts';
import type { Concourse } from './fakes/concourse/concourse.ts';
import { Cluster } from './fakes/concourse/cluster.ts';
import { startFakeListener } from './fakes/listener/server.ts';
import type { FakeListener } from './fakes/listener/server.ts';
import { until } from './support/gate.ts';
import { withTempDir } from './support/step.ts';

const file = new URL('../examples/approval-gate.yaml', import.meta.url);
const assets = process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../assets', import.meta.url));

interface Running {
  readonly concourse: Concourse;
  readonly listener: FakeListener;
  /** The same pipeline somewhere else on the same Concourse. */
  readonly set: (options: Partial<ConcourseOptions>) => Concourse;
}

function withGatedPipeline(use: (running: Running) => Promise<void>): Promise<void> {
  return withTempDir(async (workDir) => {
    const listener = await startFakeListener();
    const cluster = new Cluster();
    const all: Concourse[] = [];
    const set = (options: Partial<ConcourseOptions>) => {
      const concourse = createConcourse({
        pipeline: readFileSync(file, 'utf8'),
        workDir,
        resourceTypes: { 'concourse-slack-aws-resource': assets },
        vars: { listener: { url: listener.url, token: listener.token }, concourse: { webhook_token: 'w' } },
        cluster,
        ...options,
      });
      all.push(concourse);
      return concourse;
    };
    try {
      await use({ concourse: set({}), listener, set });
      listener.expectNoUnknown();
    } finally {
      await Promise.all(all.map((concourse) => concourse.close()));
      await listener.close();
    }
  });
}

function waits({ approvals }: FakeListener, count = 1): boolean {
  return approvals.length === count && approvals.at(-1)?.holding === 1;
}

const yes = { status: 'approved', by: ['Ana'] } as const;

describe.concurrent('the waiting shape', () => {
  test('deploys what was approved, once it is', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const build = concourse.start('deploy', { createdBy: 'octocat' });
      await until(() => waits(listener));
      expect(listener.last().body).toMatchObject({
        title: 'Ship 1.2.3 to production?',
        context: { version: '1.2.3', digest: 'sha256:0123' },
        origin: { team: 'main', pipeline: 'app', job: 'deploy', created_by: 'octocat' },
      });
      listener.decide(listener.last(), yes);
      const { status, log } = await build.done;
      expect(log).toContain('approved by Ana');
      expect(log).toContain('deploying sha256:0123');
      expect(status).toBe('succeeded');
      expect(listener.last().claimedBy).toBe(String(build.id));
    }));

  test('does not deploy what was denied, and asks once under attempts (C15)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const build = concourse.start('deploy');
      await until(() => waits(listener));
      listener.decide(listener.last(), { status: 'denied', by: ['Ben'], reason: 'tests are red' });
      const { status, log } = await build.done;
      expect(status).toBe('failed');
      expect(log).toMatch(/was denied by Ben at .*: "tests are red"/);
      expect(log).not.toContain('deploying');
      expect(listener.approvals).toHaveLength(1);
    }));

  test('re-attaches to its request when the put is started anew (C23)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const build = concourse.start('deploy');
      await until(() => waits(listener));
      const { pid } = build.steps.findLast(({ kind }) => kind === 'put') ?? {};
      // As a worker that goes away does: nothing of the step is left to say goodbye.
      process.kill(pid ?? Number.NaN, 'SIGKILL');
      await until(() => listener.count('POST /v1/approvals') === 2 && waits(listener));
      listener.decide(listener.last(), yes);
      await build.done;
      expect(build.status).toBe('succeeded');
      expect(listener.approvals).toHaveLength(1);
    }));

  test('says "build stopped" when the build is aborted (C16)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const build = concourse.start('deploy');
      await until(() => waits(listener));
      concourse.abort(build);
      await build.done;
      expect(build.status).toBe('aborted');
      expect(listener.last().detached).toBe('build stopped');
    }));

  test('asks anew when the build is run again (C26)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const build = concourse.start('deploy');
      await until(() => waits(listener));
      listener.decide(listener.last(), yes);
      await build.done;
      const rerun = concourse.start('deploy', { rerunOf: build });
      await until(() => waits(listener, 2));
      listener.decide(listener.last(), { status: 'withdrawn', note: 'by an operator' });
      await rerun.done;
      expect(rerun.status).toBe('failed');
    }));
});

/** Asks by the pipeline's own job, and answers. */
async function approved({ concourse, listener }: Pick<Running, 'concourse' | 'listener'>) {
  const build = await concourse.trigger('ask');
  expect(build.status).toBe('succeeded');
  listener.decide(listener.last(), yes);
  return { approval: listener.last().id, status: 'approved' };
}

describe.concurrent('the check shape', () => {
  test('starts the deploy when it is approved, with the decision and its context (C5, C11)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const version = await approved({ concourse, listener });
      await concourse.check('release-gate');
      const [build] = await concourse.runScheduled();
      expect(build?.log).toContain('claimed at gate release: "Ship 1.2.3 to production?"');
      expect(build?.log).toContain('deploying sha256:0123');
      expect(build).toMatchObject({ jobName: 'deploy-approved', status: 'succeeded' });
      expect(build?.outputs.map((output) => output.version)).toEqual([version]);
      await concourse.check('release-gate');
      expect(concourse.dueJobs()).toEqual([]);
    }));

  test('starts nothing by a mere request (C7)', () =>
    withGatedPipeline(async ({ concourse }) => {
      const build = await concourse.trigger('ask');
      await concourse.check('release-gate');
      expect(build.outputs.map(({ version }) => version['status'])).toEqual(['requested']);
      expect(concourse.versions('release-gate')).toEqual([]);
      expect(concourse.dueJobs()).toEqual([]);
    }));

  test('starts nothing by a denial', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      await concourse.trigger('ask');
      listener.decide(listener.last(), { status: 'denied', by: ['Ben'] });
      await concourse.check('release-gate');
      expect(concourse.dueJobs()).toEqual([]);
    }));

  test('drops a version that was made by hand (C24)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      await concourse.trigger('ask');
      const forged = { approval: listener.last().id, status: 'approved' };
      const { status } = await concourse.check('release-gate', { from: forged });
      expect(status).toBe('succeeded');
      expect(concourse.versions('release-gate')).toEqual([]);
      expect(concourse.dueJobs()).toEqual([]);
    }));

  test('stays closed while the listener is away', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const version = await approved({ concourse, listener });
      await listener.stop();
      const { status, stderr } = await concourse.check('release-gate', { from: version });
      await listener.start();
      expect(status).toBe('failed');
      expect(stderr).toContain('[LISTENER_UNREACHABLE]');
      expect(concourse.versions('release-gate')).toEqual([]);
    }));

  test('deploys once by one approval, whatever is triggered by hand, and cannot be rerun (C26)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      await approved({ concourse, listener });
      await concourse.check('release-gate');
      const [first] = await concourse.runScheduled();
      const again = await concourse.trigger('deploy-approved');
      expect(first?.status).toBe('succeeded');
      expect(again.status).toBe('failed');
      expect(again.log).toContain(`already used by build ${first?.id} [APPROVAL_REFUSED]`);
      expect(() => concourse.start('deploy-approved', { rerunOf: again })).toThrow('reruns of job');
    }));

  test('is not opened by a pinned approval that was used (C26)', () =>
    withGatedPipeline(async ({ concourse, listener }) => {
      const version = await approved({ concourse, listener });
      await concourse.check('release-gate');
      await concourse.runScheduled();
      concourse.pinVersion('release-gate', version);
      const build = await concourse.trigger('deploy-approved');
      expect(build.log).toContain('[APPROVAL_REFUSED]');
      expect(build.status).toBe('failed');
    }));

  test.for<readonly [string, Partial<ConcourseOptions>]>([
    ['team', { team: 'other' }],
    ['pipeline', { pipelineName: 'other' }],
    ['instance of the pipeline', { instanceVars: { env: 'production' } }],
  ])('gives an approval to no other %s that watches the same gate (C25)', async ([, place]) =>
    withGatedPipeline(async ({ concourse, listener, set }) => {
      await approved({ concourse, listener });
      const elsewhere = set(place);
      await elsewhere.check('release-gate');
      const [build] = await elsewhere.runScheduled();
      expect(build?.status).toBe('failed');
      expect(build?.log).toContain('it was asked for in another pipeline [APPROVAL_REFUSED]');
      expect(build?.log).not.toContain('deploying');
      expect(listener.last().claimedBy).toBeUndefined();
    }),
  );
});
