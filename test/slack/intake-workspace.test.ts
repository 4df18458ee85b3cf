import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { Fault } from '../../src/kit/fault.ts';
import { createHttp } from '../../src/kit/http.ts';
import { silentLog } from '../../src/kit/log.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import type { Slack } from '../../src/slack/client.ts';
import { createIntake } from '../../src/slack/intake.ts';
import type { Intake, IntakeEvent } from '../../src/slack/intake.ts';
import type { Delivery } from '../../src/slack/handlers.ts';
import type { Click } from '../../src/slack/interaction.ts';
import { noticeModal, openModal } from '../../src/slack/modal.ts';
import { createResponder } from '../../src/slack/respond.ts';
import { createSocketMode } from '../../src/slack/socket-mode.ts';
import { createLines } from '../../src/slack/web-socket.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import { serveRoutes } from '../support/serve-routes.ts';
import { memory } from '../support/with-intake.ts';

interface WorkspaceWorld {
  readonly fake: FakeSlack;
  readonly intake: Intake;
  readonly events: readonly IntakeEvent[];
  readonly slack: Slack;
  readonly click: (more?: Partial<Parameters<FakeSlack['click']>[0]>) => ReturnType<FakeSlack['click']>;
}

type Mode = 'http' | 'socket';

/** An intake in a workspace where the listener's message has a button `go`, and the pipelines' one has `run`. */
async function withWorkspace(
  mode: Mode,
  use: (world: WorkspaceWorld) => Promise<void>,
  { deadlineMs = 60_000, ...options }: FakeSlackOptions & { readonly deadlineMs?: number } = {},
): Promise<void> {
  const fake = await startFakeSlack({ ackWithinMs: 20_000, ...options });
  const http = createHttp({});
  const events: IntakeEvent[] = [];
  const { listener, pipelines } = fake.apps;
  const ports = { http, clock: systemClock, log: silentLog };
  const client = (token: string) => createSlack({ token: new Secret(token), apiUrl: fake.apiUrl }, ports);
  const intake = createIntake({
    ...ports,
    own: { appId: () => listener.id, secrets: () => [new Secret(listener.signingSecret)] },
    pipeline: { appId: pipelines.id, secrets: () => [new Secret(pipelines.signingSecret)] },
    home: () => ({ teamId: 'T0TEAM00001', enterpriseId: undefined }),
    remember: memory(),
    responder: createResponder({ ...ports, apiUrl: fake.apiUrl }),
    observe: (event) => void events.push(event),
    deadlineMs,
  });
  const served = await serveRoutes(intake.routes);
  const urls = {
    interactions: `${served.origin}/slack/interactions`,
    commands: `${served.origin}/slack/commands`,
    events: `${served.origin}/slack/events`,
  };
  fake.setRequestUrl('listener', urls);
  fake.setRequestUrl('pipeline', urls);
  const sockets = createSocketMode({
    ...ports,
    slack: client(listener.appToken),
    apiUrl: fake.apiUrl,
    open: createLines({}),
    deliver: intake.deliver,
    observe: () => undefined,
  });
  await post(client(listener.token), 'go');
  await post(client(pipelines.token), 'run');
  try {
    if (mode === 'socket') {
      fake.setSocketMode('listener');
      sockets.start();
      await fake.when(() => sockets.live() === 2);
    }
    await use({
      fake,
      intake,
      events,
      slack: client(listener.token),
      click: (more) => fake.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001', ...more }),
    });
    await intake.idle();
    fake.expectNoUnknown();
  } finally {
    await sockets.close(0);
    await Promise.all([served.close(), fake.close()]);
  }
}

async function post(slack: Slack, action: string): Promise<void> {
  const text = { type: 'plain_text', text: action };
  const elements = [{ type: 'button', text, action_id: action, value: 'v' }];
  const blocks = [{ type: 'actions', elements }];
  await slack.call('chat.postMessage', { channel: 'C0RELEASES1', text: action, blocks }, 'once');
}

describe.each(['http', 'socket'] satisfies Mode[])('in a workspace over %s', (mode) => {
  it('a click is handled, acknowledged without a warning, and answered to its person', () =>
    withWorkspace(mode, async ({ fake, intake, click }) => {
      intake.onAction('go', async ({ userId, value, channelId }, { tell, via }) => {
        tell(`${userId} ${value} ${channelId} ${via}`);
        return undefined;
      });
      const clicked = await click();
      expect(clicked).toMatchObject({ status: 200, warning: undefined });
      await fake.when(() => clicked.ephemerals.length === 1);
      expect(clicked.ephemerals[0]?.text).toBe(`U0ALICE0001 v C0RELEASES1 ${mode}`);
    }));

  it('a modal that a click opens comes back with what was typed, and closes', () =>
    withWorkspace(mode, async ({ fake, intake, click, slack }) => {
      const input = {
        type: 'input',
        block_id: 'why',
        label: { type: 'plain_text', text: 'Why?' },
        element: { type: 'plain_text_input', action_id: 'reason' },
      };
      intake.onAction('go', async ({ triggerId }) => {
        const view = {
          ...noticeModal('Deny', 'Tell them'),
          callback_id: 'approval:reason',
          private_metadata: 'request-1',
          submit: { type: 'plain_text', text: 'Deny' },
          blocks: [input],
        };
        expect(await openModal({ slack, clock: systemClock }, triggerId, view)).toMatchObject({ ok: true });
        return undefined;
      });
      const reasons: unknown[] = [];
      intake.onViewSubmission('approval:', async ({ view, userId }) => {
        reasons.push([userId, view.privateMetadata, view.inputs[0]?.value]);
        return { body: { response_action: 'clear' } };
      });
      const { modal } = await click();
      if (modal === undefined) throw new Error('no modal');
      expect(await fake.submit(modal, { values: { reason: 'late release' } })).toMatchObject({ status: 200 });
      expect(reasons).toEqual([['U0ALICE0001', 'request-1', 'late release']]);
      expect(fake.views()).toEqual([]);
    }));

  it('a form that cannot be saved stays before its person with the reason', () =>
    withWorkspace(mode, async ({ fake, intake, click, slack }) => {
      intake.onAction('go', async ({ triggerId }) => {
        const view = {
          ...noticeModal('Deny', 'x'),
          callback_id: 'form',
          submit: { type: 'plain_text', text: 'Send' },
        };
        await openModal({ slack, clock: systemClock }, triggerId, view);
        return undefined;
      });
      intake.onViewSubmission('form', () =>
        Promise.reject(new Fault('STORE_UNAVAILABLE', 'the store is locked')),
      );
      const { modal } = await click();
      if (modal === undefined) throw new Error('no modal');
      await fake.submit(modal);
      expect(JSON.stringify(fake.views()[0]?.content)).toContain('could not be saved');
    }));

  it('somebody from Slack Connect, and another organization, decide nothing (S23, A14)', () =>
    withWorkspace(mode, async ({ fake, intake, click }) => {
      const seen: string[] = [];
      intake.onAction('go', async ({ userId }) => {
        seen.push(userId);
        return undefined;
      });
      const foreign = await click({ by: 'U0FOREIGN01', actor: { username: 'eve', team_id: 'T0OTHER0001' } });
      await fake.when(() => foreign.ephemerals.length === 1);
      expect(foreign.ephemerals[0]?.text).toContain('Only members of this workspace');
      await click({ org: true });
      await click({ change: (payload) => ({ ...payload, team: { id: 'T0OTHER0001' } }) });
      expect(seen).toEqual([]);
    }));

  it('a command is answered, and one that nobody handles too', () =>
    withWorkspace(mode, async ({ fake, intake }) => {
      intake.onCommand('/access', async ({ text }) => ({
        body: { response_type: 'ephemeral', text: `got ${text}` },
      }));
      const typed = { by: 'U0ALICE0001', channel: 'releases', text: 'list' };
      const answered = await fake.command({ command: '/access', ...typed });
      expect(answered.ephemerals).toMatchObject([{ text: 'got list' }]);
      expect(await fake.command({ command: '/other', ...typed })).toMatchObject({
        status: 200,
        warning: undefined,
      });
    }));

  it('an event that fails comes again until it is handled, and runs once (S16, A7)', () =>
    withWorkspace(
      mode,
      async ({ fake, intake }) => {
        let runs = 0;
        intake.onFunction('aws_access', async ({ step }) => {
          runs += 1;
          if (runs === 1) throw new Fault('STORE_UNAVAILABLE', 'the store is locked');
          expect(step).toMatchObject({ executionId: 'Fx1', inputs: { project: 'payments' } });
          return undefined;
        });
        const event = {
          type: 'function_executed',
          function: { id: 'Fn1', callback_id: 'aws_access' },
          function_execution_id: 'Fx1',
          inputs: { project: 'payments' },
        };
        const { deliveries, eventId } = await fake.event(event);
        expect(deliveries.map(({ warning }) => warning === undefined)).toEqual([false, true]);
        await fake.event(event, { eventId });
        expect(runs).toBe(2);
      },
      { ackWithinMs: 3000 },
    ));

  it('a click whose handler hangs is acknowledged in time (S15)', () =>
    withWorkspace(
      mode,
      async ({ intake, click, events }) => {
        const gate = Promise.withResolvers<undefined>();
        intake.onAction('go', () => gate.promise);
        expect(await click()).toMatchObject({ status: 200, warning: undefined });
        expect(events).toMatchObject([{ kind: 'late', handler: 'go' }]);
        gate.resolve(undefined);
      },
      { deadlineMs: 300 },
    ));
});

describe('in a workspace', () => {
  it('the address proves itself when it is set', () =>
    withWorkspace('http', async ({ fake }) => {
      const { status, body } = await fake.verifyUrl('challenge-1');
      expect([status, JSON.parse(body)]).toEqual([200, { challenge: 'challenge-1' }]);
    }));

  it('a click is not repeated by whoever has seen it (A9, C28)', () =>
    withWorkspace('http', async ({ fake, intake, click }) => {
      let runs = 0;
      intake.onAction('go', async () => {
        runs += 1;
        return undefined;
      });
      const clicked = await click();
      expect(await fake.replay(clicked)).toMatchObject({ status: 409 });
      expect(runs).toBe(1);
    }));

  it('an envelope that comes twice is handled once', () =>
    withWorkspace('socket', async ({ fake, intake, click, events }) => {
      let runs = 0;
      intake.onAction('go', async () => {
        runs += 1;
        return undefined;
      });
      await click();
      const [envelope] = fake.sockets.envelopes;
      expect(await fake.sockets.resend(envelope?.id ?? '')).toMatchObject({ status: 200 });
      expect(runs).toBe(1);
      expect(events).toContainEqual({ kind: 'replayed', at: 'socket', reason: 'replayed' });
    }));

  it('a button of the pipelines reaches only what takes its clicks', () =>
    withWorkspace('http', async ({ fake, intake, click }) => {
      const seen: string[] = [];
      const handler = async (_: Click, { app }: Delivery) => {
        seen.push(app);
        return undefined;
      };
      intake.onAction('run', handler, { apps: ['pipeline'] });
      intake.onAction('go', handler);
      await click({ button: 'run' });
      await click();
      const [card] = fake.messages('releases');
      if (card === undefined) throw new Error('no card');
      const copied = await fake.clickCopy(
        { button: 'go', by: 'U0ALICE0001', ts: card.ts, channel: 'releases' },
        'public',
        'pipeline',
      );
      await fake.when(() => copied.ephemerals.length === 1);
      expect(copied.ephemerals[0]?.text).toContain('not on a message of the app that takes decisions');
      expect(seen).toEqual(['pipeline', 'own']);
    }));
});
