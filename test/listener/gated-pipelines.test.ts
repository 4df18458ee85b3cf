import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createConcourse } from '../fakes/concourse/create-concourse.ts';
import type { Concourse } from '../fakes/concourse/concourse.ts';
import type { Build } from '../fakes/concourse/build-record.ts';
import { serveWebhooks } from '../fakes/concourse/serve-webhooks.ts';
import { isRecord } from '../../src/kit/json.ts';
import { until } from '../support/gate.ts';
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
        vars: {
          listener: { url: listener.url, token: listener.token },
          concourse: { webhook_token: 'webhook-token' },
        },
      });
      try {
        await use(concourse, listener);
      } finally {
        await concourse.close();
      }
    }),
  );
}

/** Clicks a button of a request's card, once the listener knows that it is posted; a form that opens is filled in. */
async function click(listener: ListenerProcess, id: string, button: 'Approve' | 'Deny'): Promise<void> {
  const { slack } = listener;
  await until(async () => (await view(listener, id))['channel'] !== undefined);
  const card = await slack.when(() => slack.messages('releases').find((one) => hasButtons(one, id)));
  const clicked = await slack.click({ channel: card.channel, ts: card.ts, button, by: 'U0ALICE0001' });
  expect(clicked.status).toBe(200);
  if (button === 'Approve') return;
  const form = await slack.when(() => clicked.modal);
  await slack.submit(form, { values: { reason: 'tests are red' } });
}

async function view({ url, token }: ListenerProcess, id: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/v1/approvals/${id}`, { headers: { authorization: `Bearer ${token}` } });
  const body: unknown = await answer.json();
  return isRecord(body) ? body : {};
}

function hasButtons({ blocks }: { readonly blocks: unknown }, id: string): boolean {
  return JSON.stringify(blocks).includes(`"value":"${id}.`);
}

/** The id of the request that a build waits for. */
async function askedBy(build: Build): Promise<string> {
  await build.logged(/waiting: 0 of 1/);
  return /\(([0-9a-f]{24})\)/.exec(build.log)?.[1] ?? '';
}

/** Approvals that the gate has reported to Concourse. */
function reports(concourse: Concourse): readonly (string | undefined)[] {
  return concourse.versions('release-gate').map(({ version }) => version['approval']);
}

function cards({ slack }: ListenerProcess): readonly { readonly text: string }[] {
  return slack.messages('releases').filter(({ thread_ts: thread }) => thread === undefined);
}

function textOf({ slack }: ListenerProcess): string {
  return JSON.stringify(slack.messages('releases'));
}

describe.concurrent('with the real listener, the waiting shape', () => {
  test('deploys after a click on Approve, and the card says who and what for', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy', { createdBy: 'octocat' });
      await click(listener, await askedBy(build), 'Approve');
      await build.done;
      expect(build.log).toContain('approved by alice');
      expect(build.log).toContain('deploying sha256:0123');
      expect(build.status).toBe('succeeded');
      await listener.slack.when(() => /used by/.test(textOf(listener)));
    }));

  test('does not deploy after a click on Deny, and says who and why', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      await click(listener, await askedBy(build), 'Deny');
      await build.done;
      expect(build.log).toMatch(/was denied by alice at .*: "tests are red" \[APPROVAL_DENIED\]/);
      expect(build.log).not.toContain('deploying');
      expect(build.status).toBe('failed');
      expect(cards(listener)).toHaveLength(1);
    }));

  test('survives a restart of the listener, and a kill (C23)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      const id = await askedBy(build);
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await listener.stop(signal);
        await listener.start();
      }
      await click(listener, id, 'Approve');
      await build.done;
      expect(build.log).toContain('deploying sha256:0123');
      expect(cards(listener)).toHaveLength(1);
    }));

  test('re-attaches after its process was killed, and asks once (C15, C23)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      const id = await askedBy(build);
      const { pid } = build.steps.findLast(({ kind }) => kind === 'put') ?? {};
      process.kill(pid ?? Number.NaN, 'SIGKILL');
      await build.logged(/waiting: 0 of 1[^]*waiting: 0 of 1/);
      await click(listener, id, 'Approve');
      await build.done;
      expect(build.status).toBe('succeeded');
      expect(cards(listener)).toHaveLength(1);
    }));

  test('tells on the card that the build was stopped (C16)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      await askedBy(build);
      concourse.abort(build);
      await build.done;
      expect(build.log).toContain('the listener knows that the build was stopped');
      await listener.slack.when(() => JSON.stringify(cards(listener)).includes('⏸ build stopped'));
    }));

  test('opens its own build alone while the check shape opens the other job: one approval, one job (C5, C26)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      const waited = await askedBy(build);
      const { pid } = build.steps.findLast(({ kind }) => kind === 'put') ?? {};
      // Approved, and the put has not heard of it: whoever checks now would be faster than the build that waits.
      process.kill(pid ?? Number.NaN, 'SIGSTOP');
      let other = '';
      try {
        await click(listener, waited, 'Approve');
        await until(async () => (await view(listener, waited))['status'] === 'approved');
        const asks = await concourse.trigger('ask');
        other = asks.outputs[0]?.version['approval'] ?? '';
        await click(listener, other, 'Approve');
        await until(async () => {
          await concourse.check('release-gate');
          return reports(concourse).includes(other);
        });
        await concourse.check('release-gate', { from: { approval: waited, status: 'approved' } });
        expect(reports(concourse)).toEqual([other]);
      } finally {
        process.kill(pid ?? Number.NaN, 'SIGCONT');
      }
      const scheduled = await concourse.runScheduled();
      await build.done;
      expect(scheduled.map(({ jobName, status }) => [jobName, status])).toEqual([
        ['deploy-approved', 'succeeded'],
      ]);
      expect(build.status).toBe('succeeded');
      for (const { log } of [build, ...scheduled]) expect(log).toContain('deploying sha256:0123');
      await concourse.check('release-gate');
      expect([concourse.dueJobs(), reports(concourse)]).toEqual([[], [other]]);
      const users = [await view(listener, waited), await view(listener, other)].map(
        (each) => each['claimed_by'],
      );
      expect(users).toEqual(['app/deploy #1', 'app/deploy-approved #1']);
    }));

  test('is not reported by the gate whenever it is checked, and starts no second job (C5)', () =>
    withPipeline(async (concourse, listener) => {
      const build = concourse.start('deploy');
      await click(listener, await askedBy(build), 'Approve');
      // As the webhook, Concourse's own rhythm and people do.
      await until(async () => {
        await concourse.check('release-gate');
        return build.status !== 'started' && build.status !== 'pending';
      });
      await concourse.check('release-gate');
      expect([build.status, reports(concourse), concourse.dueJobs()]).toEqual(['succeeded', [], []]);
    }));

  test('is refused at a gate that is not for it, and posts nothing', () =>
    withPipeline(
      async (concourse, listener) => {
        const build = await concourse.trigger('deploy');
        expect(build.status).toBe('failed');
        expect(build.log).toContain('this gate is for main/other, not for main/app [APPROVAL_REFUSED]');
        expect(listener.slack.messages('releases')).toEqual([]);
      },
      { gate: { from: ['main/other'] } },
    ));
});

describe.concurrent('with the real listener, the check shape', () => {
  const ask = async (concourse: Concourse) => {
    const build = await concourse.trigger('ask');
    expect(build.status).toBe('succeeded');
    return build.outputs[0]?.version['approval'] ?? '';
  };
  /** Checks until the gate has reported so many decisions. */
  const reported = (concourse: Concourse, count: number) =>
    until(async () => {
      await concourse.check('release-gate');
      return concourse.versions('release-gate').length === count;
    });

  test('deploys once, and says at the second time by whom it was used (C5, C26)', () =>
    withPipeline(async (concourse, listener) => {
      await click(listener, await ask(concourse), 'Approve');
      await reported(concourse, 1);
      const [build] = await concourse.runScheduled();
      expect(build?.log).toContain('deploying sha256:0123');
      expect(build?.status).toBe('succeeded');
      const again = await concourse.trigger('deploy-approved');
      expect(again.log).toMatch(/was used already, by app\/deploy-approved #1 \[APPROVAL_REFUSED\]/);
      expect(again.status).toBe('failed');
    }));

  test('is not opened by a version made by hand (C24)', () =>
    withPipeline(async (concourse) => {
      const forged = { approval: await ask(concourse), status: 'approved' };
      expect((await concourse.check('release-gate', { from: forged })).status).toBe('succeeded');
      expect(concourse.versions('release-gate')).toEqual([]);
    }));

  test('starts nothing by a denial', () =>
    withPipeline(async (concourse, listener) => {
      const id = await ask(concourse);
      await click(listener, id, 'Deny');
      await until(async () => (await view(listener, id))['status'] === 'denied');
      await concourse.check('release-gate');
      expect(concourse.versions('release-gate')).toEqual([]);
    }));

  test('is checked at once, because the listener pokes its webhook (C27)', () => {
    const webhooks = [
      { gate: 'release', team: 'main', pipeline: 'app', resource: 'release-gate', token: 'webhook-token' },
    ];
    const config: Record<string, unknown> = {};
    return withPipeline(
      async (concourse, listener) => {
        const server = await serveWebhooks(concourse);
        try {
          // Its configuration names an address that is known only now.
          config['concourse'] = { url: server.url, webhooks };
          await listener.stop();
          await listener.start();
          await click(listener, await ask(concourse), 'Approve');
          await until(() => concourse.versions('release-gate').length === 1);
          expect((await server.settled()).map(({ status }) => status)).toContain('succeeded');
          expect(listener.log()).not.toContain('webhook-token');
        } finally {
          await server.close();
        }
      },
      { config },
    );
  });

  test('a newer request on the same subject withdraws the older one', () =>
    withPipeline(async (concourse, listener) => {
      const older = await ask(concourse);
      const newer = await ask(concourse);
      await until(async () => (await view(listener, older))['status'] === 'withdrawn');
      await click(listener, newer, 'Approve');
      await reported(concourse, 1);
      expect(concourse.versions('release-gate')[0]?.version).toEqual({ approval: newer, status: 'approved' });
    }));
});
