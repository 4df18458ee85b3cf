import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { Secret } from '../../src/kit/secret.ts';
import type { Click } from '../../src/slack/interaction.ts';
import {
  commandFields,
  OWN_APP,
  PIPELINE_APP,
  stepEvent,
  submissionPayload,
} from '../support/slack-payloads.ts';
import { OWN_SECRET, PIPELINE_SECRET, withIntake } from '../support/with-intake.ts';

const PIPELINE = { secret: PIPELINE_SECRET };
const never = (): Promise<never> => new Promise(() => undefined);
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

describe('a click', () => {
  it('comes to the handler of the longest prefix, once, and is acknowledged when that is done', () =>
    withIntake(async ({ intake, interact, click, events }) => {
      const seen: string[] = [];
      intake.onAction('approval:', async () => {
        throw new Error('the wrong one');
      });
      intake.onAction('approval:approve', async (request: Click, { app, via, receivedAt }) => {
        await setImmediate();
        seen.push(`${request.userId} ${request.actionId} ${app} ${via} ${Date.now() - receivedAt < 60_000}`);
        return undefined;
      });
      expect(await interact(click('approval:approve'))).toMatchObject({ status: 200, text: '' });
      expect(seen).toEqual(['U0ALICE0001 approval:approve own http true']);
      expect(events).toMatchObject([{ kind: 'handled', handler: 'approval:approve' }]);
    }));

  it('on one of several requests touches no other: its value names it, not its action (S27)', () =>
    withIntake(async ({ intake, interact, click }) => {
      const decided: (string | undefined)[] = [];
      intake.onAction('approval:', async ({ value }) => {
        decided.push(value);
        return undefined;
      });
      const action = { type: 'button', action_id: 'approval:approve', value: 'request-2' };
      await interact(click('approval:approve', { actions: [action] }));
      expect(decided).toEqual(['request-2']);
    }));

  it('that nothing handles, as on a button with a URL, is acknowledged at once (S28)', () =>
    withIntake(async ({ interact, click, events, lines }) => {
      expect(await interact(click('link:open'))).toMatchObject({ status: 200, text: '' });
      expect(await interact(click('link:open', { api_app_id: PIPELINE_APP }), PIPELINE)).toMatchObject({
        status: 200,
      });
      const unknown = { kind: 'unknown', what: 'block_actions:link:open' };
      expect(events).toEqual([unknown, unknown]);
      expect(lines[0]).toBe('Slack sent what nothing here handles: block_actions:link:open');
    }));

  it('of a type that Slack may add is acknowledged, counted and logged', () =>
    withIntake(async ({ interact, events }) => {
      expect(await interact({ type: 'future_thing', user: 7 })).toMatchObject({ status: 200, text: '' });
      expect(events).toEqual([{ kind: 'unknown', what: 'future_thing' }]);
    }));

  it('may have a charset behind its content type', () =>
    withIntake(async ({ interact, click }) => {
      const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
      expect(await interact(click('link:open'), { headers })).toMatchObject({ status: 200 });
    }));
});

describe('a click that is not saved in time', () => {
  it('waits for Slack nowhere: a person who is told hangs, the answer does not (S15)', () =>
    withIntake(
      async ({ intake, interact, click }) => {
        intake.onAction('a', async (_, { tell }) => {
          tell('too late');
          return undefined;
        });
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, at) => interact(click('a', { trigger_id: String(at) }))),
        );
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      },
      { responder: { tell: never, show: never, idle: async () => undefined } },
    ));

  it('is acknowledged at the deadline, goes on, and its person hears nothing when it is saved after all (S15)', () =>
    withIntake(
      async ({ intake, interact, click, events, told }) => {
        const gate = Promise.withResolvers<undefined>();
        intake.onAction('a', () => gate.promise);
        expect(await interact(click('a'))).toMatchObject({ status: 200, text: '' });
        expect(events).toMatchObject([{ kind: 'late', handler: 'a' }]);
        gate.resolve(undefined);
        await intake.idle();
        expect(events[1]).toMatchObject({ kind: 'late_handled', handler: 'a' });
        expect(told).toEqual([]);
      },
      { deadlineMs: 30 },
    ));

  it('is told as not saved when it fails after the deadline', () =>
    withIntake(
      async ({ intake, interact, click, events, told }) => {
        const gate = Promise.withResolvers<undefined>();
        intake.onAction('a', () => gate.promise);
        await interact(click('a'));
        gate.reject(new Fault('STORE_UNAVAILABLE', 'the store is locked'));
        await intake.idle();
        expect(events.map(({ kind }) => kind)).toEqual(['late', 'failed']);
        expect(told).toEqual([
          'This could not be saved just now. If the message does not change, click again.',
        ]);
      },
      { deadlineMs: 30 },
    ));

  it('is told as not saved when the handler fails, and never lost in silence (S15, S16)', () =>
    withIntake(async ({ intake, interact, click, events, told, lines }) => {
      intake.onAction('a', async () => {
        throw new Fault('STORE_UNAVAILABLE', 'the store is locked');
      });
      expect(await interact(click('a'))).toMatchObject({ status: 200, text: '' });
      await intake.idle();
      expect(told).toEqual([
        'This could not be saved just now. If the message does not change, click again.',
      ]);
      expect(events).toEqual([{ kind: 'failed', handler: 'a', code: 'STORE_UNAVAILABLE' }]);
      expect(lines).toEqual(['warning: a failed: the store is locked']);
    }));

  it('is told as not saved when the store cannot even say whether it came before', () =>
    withIntake(
      async ({ intake, interact, click, told }) => {
        intake.onAction('a', () => Promise.reject(new Error('never called')));
        expect(await interact(click('a'))).toMatchObject({ status: 200 });
        await intake.idle();
        expect(told).toHaveLength(1);
      },
      { remember: () => Promise.reject(new Fault('STORE_UNAVAILABLE', 'the store is locked')) },
    ));
});

describe('a form', () => {
  it('is answered with what its handler says', () =>
    withIntake(async ({ intake, interact }) => {
      intake.onViewSubmission('approval:', async ({ view }) => {
        expect(view.privateMetadata).toBe('request-1');
        return { body: { response_action: 'clear' } };
      });
      const { status, text } = await interact(submissionPayload('approval:reason'));
      expect([status, JSON.parse(text)]).toEqual([200, { response_action: 'clear' }]);
    }));

  it('that is not saved says so itself, where there is no message to answer to', () =>
    withIntake(async ({ intake, interact }) => {
      intake.onViewSubmission('approval:', async () => {
        throw new Fault('STORE_UNAVAILABLE', 'the store is locked');
      });
      const { status, text } = await interact(submissionPayload('approval:reason'));
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({
        response_action: 'update',
        view: { type: 'modal', blocks: [{ text: { text: expect.stringContaining('could not be saved') } }] },
      });
    }));

  it('from the app of pipelines does nothing', () =>
    withIntake(async ({ intake, interact, events }) => {
      intake.onViewSubmission('approval:', () => Promise.reject(new Error('never called')));
      const payload = submissionPayload('approval:reason', { api_app_id: PIPELINE_APP });
      const { text } = await interact(payload, PIPELINE);
      expect(text).toContain('Nothing was changed');
      expect(events).toEqual([{ kind: 'refused', at: 'view_submission', reason: 'not_own_app' }]);
    }));
});

describe('the app', () => {
  it('of pipelines reaches the actions that take its clicks, and no others', () =>
    withIntake(async ({ intake, interact, click, events, told }) => {
      const seen: string[] = [];
      const handler = async ({ actionId }: Click, { app }: { app: string }) => {
        seen.push(`${app} ${actionId}`);
        return undefined;
      };
      intake.onAction('approval:', handler);
      intake.onAction('call:', handler, { apps: ['own', 'pipeline'] });
      const fromPipeline = { api_app_id: PIPELINE_APP };
      expect(await interact(click('call:deploy', fromPipeline), PIPELINE)).toMatchObject({ status: 200 });
      expect(await interact(click('call:deploy'))).toMatchObject({ status: 200 });
      expect(await interact(click('approval:approve', fromPipeline), PIPELINE)).toMatchObject({
        status: 200,
      });
      const menu = {
        actions: [{ type: 'static_select', action_id: 'call:menu', selected_option: { value: 'x' } }],
      };
      expect(await interact(click('', { ...fromPipeline, ...menu }), PIPELINE)).toMatchObject({
        status: 200,
      });
      await intake.idle();
      expect(seen).toEqual(['pipeline call:deploy', 'own call:deploy']);
      expect(told).toHaveLength(2);
      expect(told[0]).toContain('not on a message of the app that takes decisions');
      expect(events.filter(({ kind }) => kind === 'refused')).toEqual([
        { kind: 'refused', at: 'block_actions', reason: 'not_own_app' },
        { kind: 'refused', at: 'block_actions', reason: 'not_a_button' },
      ]);
    }));

  it.each([
    ['the own id under the secret of pipelines', OWN_APP, PIPELINE_SECRET],
    ["the pipelines' id under the own secret", PIPELINE_APP, OWN_SECRET],
    ['another id under the own secret', 'A0SOMEBODY1', OWN_SECRET],
  ])('must be the one whose secret signed: %s is refused', (_, appId, secret) =>
    withIntake(async ({ intake, interact, click }) => {
      intake.onAction('a', () => Promise.reject(new Error('never called')), { apps: ['own', 'pipeline'] });
      expect(await interact(click('a', { api_app_id: appId }), { secret })).toMatchObject({
        status: 403,
        text: 'it does not come from the app whose secret signed it\n',
      });
    }),
  );

  it("is told by the secret alone while its own id is not known, but is never the pipelines'", () =>
    withIntake(
      async ({ interact, click }) => {
        expect(await interact(click('a'))).toMatchObject({ status: 200 });
        expect(await interact(click('a', { api_app_id: PIPELINE_APP }))).toMatchObject({ status: 403 });
      },
      { own: { appId: () => undefined, secrets: () => [new Secret(OWN_SECRET)] } },
    ));

  it('of pipelines sends neither commands nor events here', () =>
    withIntake(async ({ post }) => {
      const command = form(commandFields('/access'));
      expect(await post('/slack/commands', command, PIPELINE)).toMatchObject({ status: 401 });
      expect(await post('/slack/events', JSON.stringify(stepEvent('Ev1')), PIPELINE)).toMatchObject({
        status: 401,
      });
    }));

  it('may change its secret while the listener runs', () => {
    let secrets = [new Secret('old')];
    return withIntake(
      async ({ interact, click }) => {
        expect(await interact(click('a', { trigger_id: '1' }), { secret: 'old' })).toMatchObject({
          status: 200,
        });
        secrets = [new Secret('new')];
        expect(await interact(click('a', { trigger_id: '2' }), { secret: 'old' })).toMatchObject({
          status: 401,
        });
        expect(await interact(click('a', { trigger_id: '3' }), { secret: 'new' })).toMatchObject({
          status: 200,
        });
      },
      { own: { appId: () => OWN_APP, secrets: () => secrets } },
    );
  });
});

describe('the workspace', () => {
  const uncalled = () => Promise.reject(new Error('never called'));

  it.each([
    ['another workspace', { team: { id: 'T0OTHER0001' } }],
    ['an organization that is not ours (S23)', { team: null, enterprise: { id: 'E1' } }],
    ['no workspace at all (S23)', { team: null, enterprise: null }],
  ])('%s is refused', (_, change) =>
    withIntake(async ({ intake, interact, click }) => {
      intake.onAction('a', uncalled);
      expect(await interact(click('a', change))).toMatchObject({
        status: 403,
        text: 'it does not come from the workspace of this listener\n',
      });
    }),
  );

  it('of somebody from Slack Connect is another one: they are told so (S23, A14)', () =>
    withIntake(async ({ intake, interact, click, told, events }) => {
      intake.onAction('a', uncalled);
      const user = { id: 'U0FOREIGN01', team_id: 'T0OTHER0001' };
      expect(await interact(click('a', { user }))).toMatchObject({ status: 200, text: '' });
      await intake.idle();
      expect(told).toEqual(['Only members of this workspace may do this. Nothing was changed.']);
      expect(events).toContainEqual({ kind: 'refused', at: 'block_actions', reason: 'foreign_user' });
    }));

  it('may be an organization that has installed the app as a whole (S23)', () =>
    withIntake(
      async ({ intake, interact, click }) => {
        const seen: string[] = [];
        intake.onAction('a', async ({ userId }) => {
          seen.push(userId);
          return undefined;
        });
        const ours = { team: null, enterprise: { id: 'E1' }, is_enterprise_install: true };
        const user = { id: 'W0ALICE0001', team_id: 'T0ELSEWHERE' };
        expect(await interact(click('a', { ...ours, user }))).toMatchObject({ status: 200 });
        expect(await interact(click('a', { ...ours, enterprise: { id: 'E2' } }))).toMatchObject({
          status: 403,
        });
        expect(seen).toEqual(['W0ALICE0001']);
      },
      { home: () => ({ teamId: undefined, enterpriseId: 'E1' }) },
    ));

  it('that is not known yet lets nobody in', () =>
    withIntake(
      async ({ intake, interact, click }) => {
        intake.onAction('a', uncalled);
        expect(await interact(click('a'))).toMatchObject({ status: 503 });
      },
      { home: () => ({ teamId: undefined, enterpriseId: undefined }) },
    ));
});

describe('a command', () => {
  it('comes to its handler and is answered to its person alone', () =>
    withIntake(async ({ intake, post }) => {
      intake.onCommand('/access', async ({ text, userId, channelId }) => ({
        body: { response_type: 'ephemeral', text: `${userId} ${channelId} ${text}` },
      }));
      const { status, text } = await post('/slack/commands', form(commandFields('/access')));
      expect([status, JSON.parse(text)]).toEqual([
        200,
        { response_type: 'ephemeral', text: 'U0ALICE0001 C0RELEASES1 list mine' },
      ]);
    }));

  it('that is not saved says so', () =>
    withIntake(async ({ intake, post }) => {
      intake.onCommand('/access', () => Promise.reject(new Error('boom')));
      const { status, text } = await post('/slack/commands', form(commandFields('/access')));
      expect([status, JSON.parse(text)]).toMatchObject([
        200,
        { text: expect.stringContaining('could not be saved') },
      ]);
      expect(text).not.toContain('boom');
    }));

  it("is not what Slack's probe of the certificate is: that is answered and does nothing (S14)", () =>
    withIntake(async ({ intake, post, events }) => {
      intake.onCommand('/access', () => Promise.reject(new Error('never called')));
      const unsigned = {
        headers: { 'x-slack-signature': undefined, 'x-slack-request-timestamp': undefined },
      };
      expect(await post('/slack/commands', 'ssl_check=1&token=legacy', unsigned)).toMatchObject({
        status: 200,
        text: '',
      });
      expect(events).toEqual([{ kind: 'probe' }]);
    }));

  const command = form(commandFields('/access'));
  it.each([
    ['before a command', `ssl_check=1&${command}`],
    ['behind a command', `${command}&ssl_check=1`],
    ['with a payload (bolt-js 2897)', 'ssl_check=1&payload=%7B%22type%22%3A%22block_actions%22%7D'],
    ['twice', 'ssl_check=1&ssl_check=1'],
    ['of another value (bolt-js 2899)', 'ssl_check=true'],
    ['with a space', 'ssl_check=1+'],
    ['with zeros', 'ssl_check=01'],
    ['of no value', 'ssl_check'],
  ])('is not excused from its signature by ssl_check %s (S14)', (_, body) =>
    withIntake(async ({ intake, post }) => {
      intake.onCommand('/access', () => Promise.reject(new Error('never called')));
      const headers = { 'x-slack-signature': undefined };
      expect(await post('/slack/commands', body, { headers })).toMatchObject({
        status: 401,
        text: 'the header x-slack-signature is missing\n',
      });
      expect(await post('/slack/commands', body)).toMatchObject({ status: 400 });
    }),
  );
});

describe('an event', () => {
  const post = (body: unknown) => JSON.stringify(body);

  it('that asks for a challenge gets it back, signed only', () =>
    withIntake(async ({ post: send }) => {
      const body = post({ type: 'url_verification', challenge: 'abc', token: 'x' });
      expect(await send('/slack/events', body)).toMatchObject({ status: 200, text: '{"challenge":"abc"}' });
      expect(await send('/slack/events', body, { secret: 'wrong' })).toMatchObject({ status: 401 });
    }));

  it('of a workflow comes to the handler of its step, once however often Slack sends it (S16)', () =>
    withIntake(async ({ intake, post: send, events }) => {
      const seen: unknown[] = [];
      intake.onFunction('aws_access', async ({ step, eventId }) => {
        seen.push([eventId, step.executionId, step.inputs, String(step.botToken)]);
        return undefined;
      });
      for (let retry = 0; retry < 3; retry++)
        expect(
          await send('/slack/events', post(stepEvent('Ev1')), {
            headers: { 'x-slack-retry-num': String(retry) },
          }),
        ).toMatchObject({ status: 200, text: '' });
      expect(seen).toEqual([['Ev1', 'Fx1', { project: 'payments' }, '***']]);
      expect(events.filter(({ kind }) => kind === 'replayed')).toHaveLength(2);
    }));

  it('that fails is asked for again, and handled then (S16)', () =>
    withIntake(async ({ intake, post: send }) => {
      let tries = 0;
      intake.onFunction('aws_access', async () => {
        tries += 1;
        if (tries === 1) throw new Fault('STORE_UNAVAILABLE', 'the store is locked');
        return undefined;
      });
      expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 503 });
      expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 200 });
      expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 200 });
      expect(tries).toBe(2);
    }));

  it('that is being handled when Slack repeats it runs once (S16)', () =>
    withIntake(
      async ({ intake, post: send }) => {
        const gate = Promise.withResolvers<undefined>();
        let runs = 0;
        intake.onFunction('aws_access', () => {
          runs += 1;
          return gate.promise;
        });
        expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 503 });
        expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 503 });
        gate.resolve(undefined);
        await intake.idle();
        expect(await send('/slack/events', post(stepEvent('Ev1')))).toMatchObject({ status: 200 });
        expect(runs).toBe(1);
      },
      { deadlineMs: 2000 },
    ));

  it('that nothing handles is acknowledged and counted', () =>
    withIntake(async ({ post: send, events }) => {
      const message = stepEvent('Ev1', { event: { type: 'message', text: 'hi' } });
      for (const body of [message, stepEvent('Ev2'), { type: 'app_rate_limited', api_app_id: OWN_APP }])
        expect(await send('/slack/events', post(body))).toMatchObject({ status: 200, text: '' });
      expect(events).toEqual([
        { kind: 'unknown', what: 'event:message' },
        { kind: 'unknown', what: 'function_executed' },
        { kind: 'unknown', what: 'event:app_rate_limited' },
      ]);
    }));

  it.each([
    ['another app', { api_app_id: 'A0SOMEBODY1' }],
    ['another workspace', { team_id: 'T0OTHER0001' }],
  ])('of %s is refused', (_, change) =>
    withIntake(async ({ intake, post: send }) => {
      intake.onFunction('aws_access', () => Promise.reject(new Error('never called')));
      expect(await send('/slack/events', post(stepEvent('Ev1', change)))).toMatchObject({ status: 403 });
    }),
  );
});
