import { describe, expect, test } from 'vitest';
import { CARD_ACTIONS } from '../../src/approvals/card.ts';
import { REASON_MODAL } from '../../src/approvals/modals.ts';
import { Secret } from '../../src/kit/secret.ts';
import { signedValue } from '../../src/slack/action-value.ts';
import { api } from '../fakes/slack/testing.ts';
import { PIPELINE_APP, submissionPayload } from '../support/slack-payloads.ts';
import { ALICE, BOB, BUTTON, OTHER_TOKEN, TOKEN, withActions } from './with-actions.ts';
import type { ActionsWorld } from './with-actions.ts';

const CONTENT = { action: 'deploy', value: { deployment: 'app' }, channel: 'C0RELEASES1' };
const sign = (change: object = {}, token = TOKEN, now = Date.now()) =>
  signedValue({ ...CONTENT, ...change }, new Secret(token), now);

/** What a click with this value tells; whatever it is, nothing may have been called. */
async function clickedWith(world: ActionsWorld, value: string): Promise<string> {
  await world.put();
  const clicked = await world.slack.click({ channel: 'releases', button: 'Deploy', by: ALICE, value });
  expect(clicked.status).toBe(200);
  const text = await world.told(/./);
  expect(world.gateway.calls).toEqual([]);
  return text;
}

/** Posts any button as a pipeline author with the token of the app can. */
async function postButton(world: ActionsWorld, actionId: string, value: string): Promise<string> {
  const element = { type: 'button', action_id: actionId, value, text: { type: 'plain_text', text: 'OK' } };
  const answer = await api(world.slack, 'chat.postMessage', {
    channel: 'C0RELEASES1',
    text: 'harmless',
    blocks: [{ type: 'actions', elements: [element] }],
  });
  return String(answer['ts']);
}

describe.concurrent('the value of a button', () => {
  const [, payload = '', mac = ''] = sign().split('.');
  const edited = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"app"', '"api"')).toString(
    'base64url',
  );
  const day = 86_400_000;

  test.each([
    [
      'made by a pipeline that may not offer the action',
      sign({}, OTHER_TOKEN),
      /This pipeline may not offer deploy/,
    ],
    [
      'made with a token that nobody has',
      sign({}, 'sensitive-token-of-nobody-at-all'),
      /not made by a pipeline that we know, or was changed/,
    ],
    ['edited', `v1.${edited}.${mac}`, /not made by a pipeline that we know, or was changed/],
    ['with its signature cut', `v1.${payload}.${mac.slice(1)}`, /not one of ours/],
    ['without a signature', '{"deployment":"app"}', /not one of ours/],
    ['too long', `v1.${payload}${'A'.repeat(2000)}.${mac}`, /not one of ours/],
    ['made for another channel', sign({ channel: 'C0PUBLIC001' }), /This is a copy of a card/],
    ['from eight days ago', sign({}, TOKEN, Date.now() - 8 * day), /too old/],
    ['from the future', sign({}, TOKEN, Date.now() + day), /from the future/],
    ['for an action that nobody has', sign({ action: 'destroy' }), /There is no action destroy/],
    ['for what every object has', sign({ action: 'constructor' }), /There is no action constructor/],
    [
      'with more than the schema takes',
      sign({ value: { deployment: 'app', admin: true } }),
      /does not take this value/,
    ],
    ['that is no object', sign({ value: ['app'] }), /does not take this value/],
  ])('%s does nothing', (_what, value, words) =>
    withActions({}, async (world) => {
      expect(await clickedWith(world, value)).toMatch(words);
      expect(await world.told(/./)).toMatch(/Nothing was run\.$/);
      expect(JSON.stringify(world.slack.ephemerals())).not.toContain('run-action:run');
      await world.stop();
      expect(world.log()).not.toMatch(/v1\.[\w-]+\.[\w-]{43}/);
      expect(await world.verb('list', '--kind', 'action')).toContain('0 records');
    }),
  );

  test('does nothing on a copy of its card in another channel (S22)', () =>
    withActions({}, async (world) => {
      await world.put();
      const ts = firstOf(world);
      await world.slack.clickCopy({ channel: 'releases', ts, button: 'Deploy', by: ALICE }, 'public');
      expect(await world.told(/copy of a card/)).toMatch(/Nothing was run\.$/);
    }));

  test('is used up with the first of all copies of its card', () =>
    withActions({}, async (world) => {
      await world.put();
      const ts = firstOf(world);
      const copy = world.slack.copyMessage({ channel: 'releases', ts }, 'releases');
      await world.press(await world.ask(ALICE, { ts: copy.ts }), 'Run');
      await world.reported(/is done/);
      await world.click(BOB, { ts });
      await world.told(/works once, and was used/, BOB);
      expect(world.gateway.calls).toHaveLength(1);
    }));

  test('takes nothing from the name of whoever clicks (S21)', () =>
    withActions({ action: { allow: [BOB] } }, async (world) => {
      await world.put();
      await world.slack.click({
        channel: 'releases',
        button: 'Deploy',
        by: ALICE,
        actor: { username: 'bob' },
      });
      await world.told(/You may not run deploy/);
    }));

  test('tells the service whom Slack calls so, not whom the click does (S21)', () => {
    const call = { path: '/deploy', body: { by: '{{user.id}}', name: '{{user.name}}' } };
    return withActions({ action: { call } }, async (world) => {
      await world.put();
      const clicked = await world.slack.click({
        channel: 'releases',
        button: 'Deploy',
        by: ALICE,
        actor: { username: 'bob' },
      });
      await world.press(await world.slack.when(() => clicked.ephemerals[0]), 'Run');
      await world.reported(/is done/);
      expect(world.gateway.deployments.begun).toMatchObject([{ order: { by: ALICE, name: 'alice' } }]);
    });
  });
});

describe.concurrent('what a value holds', () => {
  const FREE = {
    value: { type: 'object', properties: { v: { type: 'string' } } },
    confirm: 'Deploy {{value.v}}?',
  };
  const withValue = (world: ActionsWorld, v: string) =>
    world.put({ params: { buttons: [{ ...BUTTON, value: { v } }] } });

  test('stays one text in the body of the call (C30)', () => {
    const v = 'app","admin":true,"x":"{{user.id}}';
    const call = { path: '/deploy', body: { name: '{{value.v}}', by: '{{user.id}}' } };
    return withActions({ action: { ...FREE, call } }, async (world) => {
      await withValue(world, v.replace('{{', '\\{{'));
      await world.press(await world.ask(), 'Run');
      await world.reported(/is done/);
      expect(world.gateway.deployments.begun).toMatchObject([{ order: { name: v, by: ALICE } }]);
    });
  });

  test.each([
    ['a step up in the path', '../admin', { path: '/echo/{{value.v}}', body: {} }],
    ['an encoded step up', '%2e%2e', { path: '/echo/{{value.v}}', body: {} }],
    [
      'a header of its own',
      'a\r\nx-admin: 1',
      { path: '/deploy', headers: { 'x-name': '{{value.v}}' }, body: {} },
    ],
  ])('cannot be %s', (_what, v, call) =>
    withActions({ action: { ...FREE, call } }, async (world) => {
      await withValue(world, v);
      await world.click();
      expect(await world.told(/Nothing was run/)).toMatch(/deploy cannot be run with this value/);
      expect(world.gateway.calls).toEqual([]);
    }),
  );

  test.each([
    ['letters of another alphabet', 'аpp', 'аpp is \\\\u{430}pp'],
    ['direction marks', 'app\u202eppa', 'app\\\\u{202e}ppa'],
    ['invisible characters', 'ap\u200bp', 'ap\\\\u{200b}p'],
    ['line breaks', 'app?\n\nAll is well', 'app?\\\\u{a}\\\\u{a}All is well'],
  ])('is shown for what it is: %s (A46)', (_what, v, words) =>
    withActions({ action: { ...FREE, call: { path: '/deploy', body: {} } } }, async (world) => {
      await withValue(world, v);
      expect(JSON.stringify((await world.ask()).blocks)).toContain(words);
    }),
  );

  test('neither pings nor links in the dialog and in the thread', () =>
    withActions({ action: { ...FREE, call: { path: '/deploy', body: {} } } }, async (world) => {
      await withValue(world, '<!channel> <https://evil.example|Run>');
      const dialog = await world.ask();
      expect(dialog.text).not.toContain('<!channel>');
      await world.press(dialog, 'Run');
      const report = await world.reported(/is done/);
      expect(report.text).not.toContain('<!channel>');
      expect(mrkdwnOf(report.blocks)).not.toContain('<!channel>');
      expect(mrkdwnOf(dialog.blocks)).not.toContain('<!channel>');
    }));
});

describe.concurrent('whoever holds the token of the pipelines’ app', () => {
  test.each(Object.values(CARD_ACTIONS))('decides nothing with a button %s', (actionId) =>
    withActions({}, async (world) => {
      const ts = await postButton(world, actionId, `${'0'.repeat(24)}.nonce`);
      const { status } = await world.slack.click({ channel: 'releases', ts, button: 'OK', by: ALICE });
      expect(status).toBe(200);
      expect(await world.told(/./)).toContain('not on a message of the app that takes decisions');
      expect(await world.metric('listener_slack_refused_total{reason="not_own_app"}')).toBe(1);
    }),
  );

  test('submits no form', () =>
    withActions({}, async (world) => {
      const payload = submissionPayload(REASON_MODAL, { api_app_id: PIPELINE_APP });
      const answer = await world.slack.rawInteraction({ app: 'pipeline', payload });
      expect(answer.body).toContain('not on a message of the app that takes decisions');
      expect(await world.metric('listener_slack_refused_total{reason="not_own_app"}')).toBe(1);
    }));

  test('cannot have somebody press Run without knowing: dialogs cannot be named, and public messages stay', () =>
    withActions({}, async (world) => {
      await world.put();
      await world.ask(ALICE);
      for (const value of [
        'action/',
        `action/${'0'.repeat(32)}`,
        `once/${'0'.repeat(32)}`,
        'x'.repeat(1900),
      ]) {
        const ts = await postButton(world, 'run-action:run', value);
        await world.slack.click({ channel: 'releases', ts, button: 'OK', by: ALICE });
        await world.told(/not one of ours\. Nothing was run/);
        expect(world.slack.look('releases', ts).text).toBe('harmless');
        const cancel = await postButton(world, 'run-action:cancel', value);
        await world.slack.click({ channel: 'releases', ts: cancel, button: 'OK', by: BOB });
        await world.told(/not one of ours/, BOB);
      }
      expect(world.gateway.calls).toEqual([]);
    }));

  test('cannot answer the dialog of somebody else', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask(ALICE);
      const asBob = (payload: Record<string, unknown>) => ({
        ...payload,
        user: { id: BOB, username: 'bob', name: 'bob', team_id: 'T0TEAM00001' },
      });
      for (const button of ['Cancel', 'Run'])
        await world.slack.click({ message: dialog, button, by: ALICE, change: asBob });
      await world.told(/This dialog is not yours\. Nothing was run/);
      expect(world.gateway.calls).toEqual([]);
      await world.stop();
      expect(await world.verb('list', '--kind', 'action')).toMatch(/^action\/\w+ +asked/);
    }));

  test('cannot use another control than a button', () =>
    withActions({}, async (world) => {
      await world.put();
      const change = (payload: Record<string, unknown>) => {
        const [first] = Array.isArray(payload['actions']) ? payload['actions'] : [];
        return { ...payload, actions: [{ ...first, type: 'static_select' }] };
      };
      await world.slack.click({ channel: 'releases', button: 'Deploy', by: ALICE, change });
      await world.told(/not on a message of the app/);
    }));
});

function firstOf({ slack }: ActionsWorld): string {
  return slack.messages('releases')[0]?.ts ?? '';
}

/** What stands in the mrkdwn of blocks. */
function mrkdwnOf(blocks: readonly unknown[]): string {
  const found: string[] = [];
  JSON.stringify(blocks, (_key, child: unknown) => {
    if (typeof child === 'object' && child !== null && 'type' in child && child.type === 'mrkdwn')
      found.push(JSON.stringify(child));
    return child;
  });
  return found.join('\n');
}
