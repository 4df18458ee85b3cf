import { describe, expect, test } from 'vitest';
import { signedValue } from '../../src/slack/action-value.ts';
import { Secret } from '../../src/kit/secret.ts';
import { ACTION, ALICE, BOB, BUTTON, TOKEN, withActions } from './with-actions.ts';
import type { ActionsWorld } from './with-actions.ts';

const DEPLOY_ONCE = [{ order: { deployment: 'app', user_id: ALICE, by: 'ci-main' } }];
const tsOfNewest = ({ slack }: ActionsWorld) =>
  slack.messages('releases').findLast(({ app }) => app === slack.apps.pipelines.id)?.ts ?? '';

describe.concurrent('a button that a put has posted', () => {
  test('runs its action once, after a dialog with the real values that only its person sees (A46)', () =>
    withActions({}, async (world) => {
      expect((await world.put()).code).toBe(0);
      const dialog = await world.ask();
      expect(dialog).toMatchObject({ user: ALICE, via: 'response_url' });
      expect(JSON.stringify(dialog.blocks)).toContain('Deploy app for alice?');
      expect(world.slack.ephemerals(BOB)).toEqual([]);
      expect(world.gateway.calls).toEqual([]);

      expect((await world.press(dialog, 'Run')).status).toBe(200);
      const report = await world.reported(/\*deploy\* is done/);
      expect(report).toMatchObject({ app: world.slack.apps.listener.id, channel: 'C0RELEASES1' });
      expect(report.thread_ts).toBe(world.slack.messages('releases')[0]?.ts);
      expect(JSON.stringify(report.blocks)).toContain(`run by <@${ALICE}>`);
      expect(JSON.stringify(report.blocks)).toContain('POST /deploy was answered 202');
      expect(world.slack.ephemerals(ALICE).map(({ text }) => text)).toEqual([
        'Running deploy. What becomes of it is said in the thread.',
      ]);
      expect(world.gateway.calls).toHaveLength(1);
      expect(world.gateway.calls[0]).toMatchObject({
        refused: undefined,
        headers: { 'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/) },
      });
      expect(world.gateway.deployments.begun).toMatchObject(DEPLOY_ONCE);
      expect(world.slack.warnings).toEqual([]);
      expect(await world.metric('listener_actions_total{status="done"}')).toBe(1);
    }));

  test('leaves a history that verifies, and no secret, signature or response URL in log and records', () =>
    withActions({}, async (world) => {
      await world.put();
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
      await world.stop();
      expect(await world.verb('verify-audit')).toContain(' 0 problems');
      const [line = ''] = (await world.verb('list', '--kind', 'action')).split('\n');
      const [id = ''] = line.split(' ');
      expect(line).toMatch(/^action\/[0-9a-f]{32} +done .* deploy by U0ALICE0001$/);
      const shown = await world.verb('show', id);
      expect(shown).toMatch(/event: started[^]*event: done[^]*http: 202[^]*digest: sha256:/);
      const all = shown + world.log() + JSON.stringify(world.reports());
      expect(all).not.toMatch(/sensitive-|\/actions\/T|v1\.[\w-]+\.[\w-]{43}/);
    }));

  test('does nothing once its dialog is cancelled, and says so', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask();
      const pressed = await world.press(dialog, 'Cancel');
      expect(await world.told(/Cancelled/)).toBe('Cancelled. Nothing was run.');
      const late = { ...pressed.payload, trigger_id: '9.9.9' };
      await world.slack.rawInteraction({ app: 'pipeline', payload: withAction(late, 'run-action:run') });
      expect(await world.told(/was cancelled/)).toBe('This was cancelled. Nothing was run.');
      expect(world.gateway.calls).toEqual([]);
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
    }));

  test('runs once when Run is pressed twice at once (S26)', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask();
      await Promise.all([world.press(dialog, 'Run'), world.press(dialog, 'Run')]);
      await world.reported(/is done/);
      expect(world.gateway.calls).toHaveLength(1);
      expect(world.reports()).toHaveLength(1);
      expect(await world.metric('listener_actions_refused_total{reason="not_asked"}')).toBe(1);
      await world.stop();
      expect(await world.verb('verify-audit')).toContain(' 0 problems');
    }));

  test('runs once when two people press Run in the same moment, and the other is told who was faster (S26)', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialogs = [await world.ask(ALICE), await world.ask(BOB)] as const;
      await Promise.all([world.press(dialogs[0], 'Run', ALICE), world.press(dialogs[1], 'Run', BOB)]);
      await world.reported(/is done/);
      expect(world.gateway.calls).toHaveLength(1);
      const text = await world.slack.when(
        () => world.slack.ephemerals().find((one) => /works once/.test(one.text))?.text,
      );
      expect(text).toMatch(
        /^This button works once, and was used by <@U0(?:ALICE|BOB0)0+1>\. Nothing was run\.$/,
      );
      await world.click(BOB);
      await world.told(/was used by/, BOB);
      expect(world.gateway.calls).toHaveLength(1);
    }));

  test('works each time, with a key of its own for each click, where it need not work once', () =>
    withActions({ action: { once: false } }, async (world) => {
      await world.put();
      for (const by of [ALICE, BOB]) await world.press(await world.ask(by), 'Run', by);
      await world.slack.when(() => world.reports().length === 2);
      expect(world.gateway.deployments.begun).toHaveLength(2);
      const keys = world.gateway.calls.map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys).size).toBe(2);
    }));

  test('runs no more often than its rate, and a click that finds it used spends nothing of that', () =>
    withActions({ action: { rate: '2/h' } }, async (world) => {
      const buttons: string[] = [];
      for (let count = 0; count < 3; count++) {
        await world.put();
        buttons.push(tsOfNewest(world));
      }
      const [first = '', second = '', third = ''] = buttons;
      const run = async (ts: string, by: string) => world.press(await world.ask(by, { ts }), 'Run', by);
      const late = await world.ask(BOB, { ts: first });
      await run(first, ALICE);
      await world.press(late, 'Run', BOB);
      await world.told(/works once/, BOB);
      await run(second, BOB);
      await run(third, ALICE);
      expect(await world.told(/too often/)).toMatch(
        /^deploy was run too often: try again in \d{4} s\. Nothing was run\.$/,
      );
      expect(world.gateway.calls).toHaveLength(2);
      expect(await world.metric('listener_actions_refused_total{reason="too_often"}')).toBe(1);
    }));

  test('in a thread it asks and reports there', () =>
    withActions({}, async (world) => {
      await world.put({ params: { text: 'parent', buttons: undefined } });
      const parent = tsOfNewest(world);
      await world.put({ params: { thread: parent } });
      const dialog = await world.ask();
      expect(dialog.thread_ts).toBe(parent);
      await world.press(dialog, 'Run');
      expect((await world.reported(/is done/)).thread_ts).toBe(parent);
    }));

  test('works where pipelines post with the app of the listener', () =>
    withActions({ oneApp: true }, async (world) => {
      await world.put();
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
      expect(world.gateway.deployments.begun).toMatchObject(DEPLOY_ONCE);
    }));
});

describe.concurrent('the listener of a pipelines’ app', () => {
  test('acknowledges a click on a button that only opens an address (S28)', () =>
    withActions({}, async (world) => {
      await world.put({ params: { buttons: [{ text: 'Notes', url: 'https://example.com' }] } });
      const clicked = await world.click(ALICE, { button: 'Notes' });
      expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
      expect(world.slack.ephemerals()).toEqual([]);
    }));

  test('acknowledges in time while Slack hangs, and says then that nothing was run (S15)', () =>
    withActions({}, async (world) => {
      await world.put();
      world.slack.fault('users.info', 'hang', 9);
      const clicked = await world.click();
      expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
      await world.told(/Slack did not say whether you may do this: click again\. Nothing was run/);
      expect(world.gateway.calls).toEqual([]);
    }));

  test('takes buttons of a token that is being rotated, until it is gone', () =>
    withActions({}, async (world) => {
      const tokens = (...token: readonly string[]) => ({
        tokens: [{ name: 'ci-main', token, may: ['open'], actions: ['deploy'] }],
      });
      await world.put();
      await world.stop();
      await world.start(tokens('sensitive-new-listener-token', TOKEN));
      const dialog = await world.ask();
      await world.press(dialog, 'Cancel');
      await world.stop();
      await world.start(tokens('sensitive-new-listener-token'));
      await world.click();
      await world.told(/not made by a pipeline that we know/);
    }));

  test('ends a call that is under way before it stops, and tells of it when it is back', () =>
    withActions({}, async (world) => {
      world.gateway.fault('POST /deploy', 'drip');
      await world.put();
      await world.press(await world.ask(), 'Run');
      await world.slack.when(() => world.gateway.calls.length === 1);
      await world.stop('SIGTERM');
      await world.start();
      await world.reported(/is done/);
      expect(world.gateway.calls).toHaveLength(1);
    }));
});

describe.concurrent('a click on an action runs nothing', () => {
  const refusedWith = async (world: ActionsWorld, words: RegExp, by = ALICE) => {
    await world.put();
    await world.click(by);
    expect(await world.told(words, by)).toMatch(/Nothing was run\.$/);
    expect(world.slack.ephemerals(by)).toHaveLength(1);
    expect(world.gateway.calls).toEqual([]);
  };
  const NOT_ALLOWED = /You may not run deploy/;

  test('of somebody who is not listed', () =>
    withActions({ action: { allow: [BOB] } }, (world) => refusedWith(world, NOT_ALLOWED)));

  test.each([
    ['a guest', { restricted: true }],
    ['a guest of one channel', { ultraRestricted: true }],
    ['a deactivated person', { deleted: true }],
    ['a member of another workspace', { team: 'T0OTHER0001' }],
  ])('of %s, listed or not', (_who, change) =>
    withActions({}, async (world) => {
      world.slack.changeUser(ALICE, change);
      await world.put();
      await world.click();
      expect(await world.told(/Nothing was|may not run/)).not.toContain('Run deploy?');
      expect(world.gateway.calls).toEqual([]);
      expect(JSON.stringify(world.slack.ephemerals(ALICE))).not.toContain('run-action:run');
    }),
  );

  test('while Slack does not say who the person is: they click again', () =>
    withActions({}, async (world) => {
      world.slack.fault('users.info', { error: 'missing_scope' });
      await refusedWith(world, /Slack did not say whether you may do this: click again/);
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
    }));

  test('in a channel that the action is not for', () =>
    withActions({ action: { channels: ['C0PUBLIC001'] } }, (world) =>
      refusedWith(world, /deploy does not work in this channel/),
    ));

  test('with a value that its schema does not take', () =>
    withActions({}, async (world) => {
      await world.put({ params: { buttons: [{ ...BUTTON, value: { deployment: 'db' } }] } });
      await world.click();
      expect(await world.told(/Nothing was run/)).toBe(
        'deploy does not take this value: value.deployment: must be one of app, api. Nothing was run.',
      );
      expect(await world.metric('listener_actions_refused_total{reason="bad_value"}')).toBe(1);
    }));

  test('on a button that is older than the action wants', () =>
    withActions({ action: { max_age: '1h' } }, async (world) => {
      await world.put();
      const content = { action: 'deploy', value: { deployment: 'app' }, channel: 'C0RELEASES1' };
      const old = signedValue(content, new Secret(TOKEN), Date.now() - 3_600_000);
      await world.slack.click({ channel: 'releases', button: 'Deploy', by: ALICE, value: old });
      expect(await world.told(/Nothing was run/)).toBe('This button is too old for deploy. Nothing was run.');
    }));
});

describe.concurrent('who may click is said by', () => {
  test.each([
    ['a user group', ['S0DEPLOYERS']],
    ['an e-mail address', ['Alice@example.com']],
  ])('%s', (_what, allow) =>
    withActions({ action: { allow }, slack: { groups: { S0DEPLOYERS: [ALICE] } } }, async (world) => {
      await world.put();
      await world.click(BOB);
      await world.told(/You may not run deploy/, BOB);
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
    }),
  );
});

describe.concurrent('between the dialog and Run', () => {
  const changed = (change: Record<string, unknown>, words: string) =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask();
      await world.stop();
      await world.start(change);
      await world.press(dialog, 'Run');
      expect(await world.told(/Nothing was run/)).toBe(`${words} Nothing was run.`);
      expect(world.gateway.calls).toEqual([]);
    });
  const deploy = (change: object) => ({ actions: { deploy: { ...ACTION, ...change } } });

  test('the person may have lost the right', () =>
    changed(deploy({ allow: [BOB] }), 'You may not run deploy.'));

  test('the action may have become another', () =>
    changed(
      deploy({ call: { path: '/destroy', body: {} } }),
      'The action was changed: click its button again.',
    ));

  test('the action may be gone', () =>
    changed(
      {
        actions: { other: ACTION },
        tokens: [{ name: 'ci-main', token: TOKEN, may: ['open'], actions: ['other'] }],
      },
      'There is no action deploy.',
    ));

  test('the pipeline may have lost the right to offer it', () =>
    changed(
      { tokens: [{ name: 'ci-main', token: TOKEN, may: ['open'] }] },
      'This pipeline may not offer deploy.',
    ));
});

/** The payload of a click as if on another button of the same value. */
function withAction(payload: Readonly<Record<string, unknown>>, actionId: string): Record<string, unknown> {
  const [first] = Array.isArray(payload['actions']) ? payload['actions'] : [];
  return { ...payload, actions: [{ ...first, action_id: actionId }] };
}
