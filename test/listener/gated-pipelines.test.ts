import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createConcourse } from '../fakes/concourse/create-concourse.ts';
import type { Concourse } from '../fakes/concourse/concourse.ts';
import type { Build } from '../fakes/concourse/build-record.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../support/listener-process.ts';
import { withTempDir } from '../support/step.ts';

const pipeline = readFileSync(new URL('../../examples/approval-gate.yaml', import.meta.url), 'utf8');
const assets = process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../../assets', import.meta.url));

/** The example as written, on Concourse, with a listener as a process and people who click. */
function withPipeline(
  use: (concourse: Concourse, listener: ListenerProcess) => Promise<void>,
  setup: ListenerSetup = {},
): Promise<void> {
  return withListenerProcess(setup, (listener) =>
    withTempDir(async (workDir) => {
      const concourse = createConcourse({
        pipeline,
        workDir,
        resourceTypes: { 'concourse-slack-aws-resource': assets },
        vars: { listener: { url: listener.url, token: listener.token }, concourse: { webhook_token: 'w' } },
      });
      try {
        await use(concourse, listener);
      } finally {
        await concourse.close();
      }
    }),
  );
}

/** Clicks a button of the newest card once it is there. */
async function click({ slack }: ListenerProcess, button: 'Approve' | 'Deny', by = 'U0ALICE0001') {
  const hasButtons = () =>
    slack.messages('releases').findLast(({ blocks }) => JSON.stringify(blocks).includes('"Approve"'));
  const card = await slack.when(hasButtons);
  return slack.click({ channel: card.channel, ts: card.ts, button, by });
}

function textOf({ slack }: ListenerProcess): string {
  return JSON.stringify(slack.messages('releases').filter(({ thread_ts: thread }) => thread === undefined));
}

describe('with the real listener, the waiting shape', () => {
  test('deploys after a click on Approve, and the card says who and what for', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy', { createdBy: 'octocat' });
      await click(listener, 'Approve');
      await build.done;
      expect(build.log).toMatch(/approved by \S/);
      expect(build.log).toContain('deploying sha256:0123');
      expect(build.status).toBe('succeeded');
      await listener.slack.when(() => textOf(listener).includes('used by'));
    }));

  test('does not deploy after a click on Deny', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      const done = build.done;
      const denied = await click(listener, 'Deny');
      const modal =
        denied.modal ?? (await listener.slack.when(() => denied.modal, 1000).catch(() => undefined));
      if (modal) await listener.slack.submit(modal, { values: {} });
      await done;
      expect(build.log).toMatch(/was denied by \S+ at .*\[APPROVAL_DENIED\]/);
      expect(build.status).toBe('failed');
    }));

  test('survives a restart of the listener, and a kill (C23)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      await build.logged(/waiting: 0 of 1/);
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await listener.stop(signal);
        await listener.start();
      }
      await click(listener, 'Approve');
      await build.done;
      expect(build.log).toContain('deploying sha256:0123');
      expect(
        listener.slack.messages('releases').filter(({ thread_ts: thread }) => thread === undefined),
      ).toHaveLength(1);
    }));

  test('tells on the card that the build was stopped (C16)', () =>
    withPipeline(async (concourse, listener) => {
      const build: Build = concourse.start('deploy');
      await build.logged(/waiting: 0 of 1/);
      concourse.abort(build);
      await build.done;
      expect(build.log).toContain('the listener knows that the build was stopped');
      await listener.slack.when(() =>
        /build stopped/i.test(JSON.stringify(listener.slack.messages('releases'))),
      );
    }));

  test('is refused when it asks for more than the gate gives', () =>
    withPipeline(
      async (concourse, listener) => {
        const build = await concourse.trigger('deploy');
        expect(build.status).toBe('failed');
        expect(build.log).toContain('[APPROVAL_REFUSED]');
        expect(listener.slack.messages('releases')).toEqual([]);
      },
      { gate: { from: ['main/other'] } },
    ));
});

describe('with the real listener, the check shape', () => {
  const approved = async (concourse: Concourse, listener: ListenerProcess) => {
    expect((await concourse.trigger('ask')).status).toBe('succeeded');
    await click(listener, 'Approve');
    await expect
      .poll(async () => {
        await concourse.check('release-gate');
        return concourse.versions('release-gate').length;
      })
      .toBe(1);
  };

  test('deploys once, and reports the decision no more (C5, C26)', () =>
    withPipeline(async (concourse, listener) => {
      await approved(concourse, listener);
      const [build] = await concourse.runScheduled();
      expect(build?.log).toContain('deploying sha256:0123');
      expect(build?.status).toBe('succeeded');
      const again = await concourse.trigger('deploy-approved');
      expect(again.log).toMatch(/was used already, by .*\[APPROVAL_REFUSED\]/);
      expect(again.status).toBe('failed');
      expect((await concourse.check('release-gate')).status).toBe('succeeded');
    }));

  test('is not opened by a version made by hand (C24)', () =>
    withPipeline(async (concourse) => {
      const build = await concourse.trigger('ask');
      const [requested] = build.outputs;
      const forged = { ...requested?.version, status: 'approved' };
      expect((await concourse.check('release-gate', { from: forged })).status).toBe('succeeded');
      expect(concourse.versions('release-gate')).toEqual([]);
    }));

  test('starts nothing by a denial', () =>
    withPipeline(async (concourse, listener) => {
      await concourse.trigger('ask');
      const denied = await click(listener, 'Deny');
      const modal =
        denied.modal ?? (await listener.slack.when(() => denied.modal, 1000).catch(() => undefined));
      if (modal) await listener.slack.submit(modal, { values: {} });
      await listener.slack.when(() => /Denied/.test(textOf(listener)));
      await concourse.check('release-gate');
      expect(concourse.versions('release-gate')).toEqual([]);
    }));
});
