import { describe, expect, test } from 'vitest';
import { LONGEST_BODY } from '../../src/slack/form.ts';
import { typedInto } from '../../src/slack/inputs.ts';
import { parseInteraction } from '../../src/slack/interaction.ts';
import { payloadForm } from '../support/sign-slack.ts';
import { clickPayload, submissionPayload } from '../support/slack-payloads.ts';

const parse = (payload: unknown) => parseInteraction(Buffer.from(payloadForm(payload)));
const parseText = (body: string) => parseInteraction(Buffer.from(body));
const field = (text: string) => `payload=${encodeURIComponent(text)}`;

describe('a click', () => {
  test('is read with who, where and what', () => {
    expect(parse(clickPayload('approval:approve'))).toEqual({
      ok: true,
      value: {
        type: 'block_actions',
        userId: 'U0ALICE0001',
        userName: 'alice',
        userTeamId: 'T0TEAM00001',
        appId: 'A0LISTENER1',
        teamId: 'T0TEAM00001',
        enterpriseId: undefined,
        enterpriseInstall: false,
        actionId: 'approval:approve',
        blockId: 'b1',
        element: 'button',
        value: 'v',
        selected: [],
        actionTs: '1700000001.000100',
        channelId: 'C0RELEASES1',
        messageTs: '1700000000.000100',
        threadTs: undefined,
        ephemeral: false,
        view: undefined,
        inputs: [],
        triggerId: '1.2.3',
        responseUrl: 'https://hooks.slack.com/actions/T0TEAM00001/1/abc',
        step: undefined,
      },
    });
  });

  test("stands where Slack's container says, not where the message says", () => {
    const click = clickPayload('a', { message: { ts: '9.9' }, channel: { id: 'C0FORGED001' } });
    expect(parse(click)).toMatchObject({
      value: { channelId: 'C0RELEASES1', messageTs: '1700000000.000100' },
    });
  });

  test('without a container is read from message and channel', () => {
    const click = clickPayload('a', { container: undefined });
    expect(parse(click)).toMatchObject({
      value: { channelId: 'C0RELEASES1', messageTs: '1700000000.000100' },
    });
  });

  test('of an organization has no team, and people whose ids begin with W (S23)', () => {
    const click = clickPayload('a', {
      team: null,
      enterprise: { id: 'E0GRID00001', name: 'Grid' },
      is_enterprise_install: true,
      user: { id: 'W0ALICE0001', team_id: 'E0GRID00001' },
    });
    expect(parse(click)).toMatchObject({
      value: {
        userId: 'W0ALICE0001',
        teamId: undefined,
        enterpriseId: 'E0GRID00001',
        enterpriseInstall: true,
      },
    });
  });

  test('carries the other inputs of its message and what was chosen', () => {
    const state = {
      values: {
        why: { reason: { type: 'plain_text_input', value: '  because \ud800' } },
        when: { day: { type: 'datepicker', selected_date: '2026-01-01' } },
        who: { people: { type: 'multi_users_select', selected_users: ['U1', 'U2'] } },
        none: { reason2: { type: 'plain_text_input', value: null } },
      },
    };
    const actions = [
      { type: 'static_select', action_id: 'a', block_id: 'b', selected_option: { value: 'api' } },
    ];
    const parsed = parse(clickPayload('a', { state, actions }));
    expect(parsed).toMatchObject({ value: { element: 'static_select', selected: ['api'] } });
    if (!parsed.ok || parsed.value.type !== 'block_actions') throw new Error('no click');
    expect(typedInto(parsed.value.inputs, 'reason')).toBe('because \ufffd');
    expect(typedInto(parsed.value.inputs, 'reason2')).toBeUndefined();
    expect(typedInto(parsed.value.inputs, 'constructor')).toBeUndefined();
    expect(parsed.value.inputs.map(({ selected }) => selected)).toEqual([
      [],
      ['2026-01-01'],
      ['U1', 'U2'],
      [],
    ]);
  });

  test('from the step of a workflow names its execution and hides its token', () => {
    const parsed = parse(
      clickPayload('a', { bot_access_token: 'xwfp-sensitive', function_data: { execution_id: 'Fx1' } }),
    );
    expect(parsed).toMatchObject({ value: { step: { executionId: 'Fx1' } } });
    expect(JSON.stringify(parsed)).not.toContain('xwfp-sensitive');
  });
});

test('a submission carries its view, the metadata and what was typed', () => {
  expect(parse(submissionPayload('approval:reason'))).toMatchObject({
    value: {
      type: 'view_submission',
      view: {
        id: 'V1',
        hash: '156.abc',
        callbackId: 'approval:reason',
        privateMetadata: 'request-1',
        inputs: [{ blockId: 'why', actionId: 'reason', value: ' late release ' }],
      },
    },
  });
});

test.each([
  ['view_closed', submissionPayload('c', { type: 'view_closed', is_cleared: true }), { cleared: true }],
  [
    'shortcut',
    clickPayload('a', { type: 'shortcut', callback_id: 'new', channel: undefined }),
    { callbackId: 'new' },
  ],
  [
    'message_action',
    clickPayload('a', { type: 'message_action', callback_id: 'ask', message_ts: '1.2' }),
    { callbackId: 'ask', messageTs: '1.2', channelId: 'C0RELEASES1' },
  ],
  [
    'block_suggestion',
    clickPayload('a', { type: 'block_suggestion', action_id: 'pick', value: 'ab' }),
    { actionId: 'pick', value: 'ab' },
  ],
])('%s is read', (type, payload, value) => {
  expect(parse(payload)).toMatchObject({ ok: true, value: { type, ...value } });
});

test.each([['interactive_message'], ['dialog_submission'], ['toString'], ['__proto__']])(
  'a payload of the unknown type %s is told as such',
  (type) => {
    expect(parse({ type })).toEqual({ ok: true, value: { type: 'unknown', name: type } });
  },
);

test('the name of an unknown type is made fit for a log', () => {
  expect(parse({ type: `a\n\u001b[31m${'x'.repeat(100)}` })).toMatchObject({
    value: { name: expect.stringMatching(/^a\?\?\?31mx{53}$/) },
  });
});

test.each([
  ['no field at all', '', 'no_payload'],
  ['another field alone', 'command=%2Fdeploy', 'no_payload'],
  ['payload twice', `${field('{"type":"x"}')}&${field('{"type":"y"}')}`, 'repeated_field'],
  [
    'payload twice, once encoded',
    `${field('{"type":"x"}')}&%70ayload=${encodeURIComponent('{}')}`,
    'repeated_field',
  ],
  ['ssl_check beside a payload (S14)', `ssl_check=1&${field('{"type":"x"}')}`, 'ssl_check'],
  ['ssl_check after a payload (S14)', `${field('{"type":"x"}')}&ssl_check`, 'ssl_check'],
  ['a broken escape', 'payload=%7', 'bad_encoding'],
  ['an escape that is no UTF-8', 'payload=%ff', 'bad_encoding'],
  ['an overlong escape', 'payload=%c0%af', 'bad_encoding'],
  ['no JSON', field('{'), 'not_json'],
  ['an empty payload', 'payload=', 'not_json'],
  ['JSON and more', field('{} {}'), 'not_json'],
  ['NaN', field('NaN'), 'not_json'],
  ['a list', field('[]'), 'not_an_object'],
  ['null', field('null'), 'not_an_object'],
  ['text', field('"block_actions"'), 'not_an_object'],
  ['no type', field('{}'), 'incomplete'],
  ['a type that is no text', field('{"type":["block_actions"]}'), 'incomplete'],
  ['a key __proto__', field('{"type":"x","a":[{"__proto__":{"ok":true}}]}'), 'forbidden_key'],
  ['an escaped key __proto__', field('{"type":"x","\\u005f_proto__":1}'), 'forbidden_key'],
  ['a deep list', field(`{"type":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'too_deep'],
  ['a payload that grows too long', `payload=${' '.repeat(LONGEST_BODY)}`, 'too_large'],
])('%s is refused', (_, body, reason) => {
  expect(parseText(body)).toEqual({ ok: false, reason });
});

test('bytes that are not UTF-8 are refused', () => {
  expect(parseInteraction(Buffer.from([0x70, 0x3d, 0xff]))).toEqual({ ok: false, reason: 'not_utf8' });
});

test.each([
  ['no user', { user: undefined }],
  ['a user without id', { user: { name: 'alice' } }],
  ['a user id of another form', { user: { id: 'alice' } }],
  ['no app', { api_app_id: undefined }],
  ['no action', { actions: [] }],
  ['actions of another form', { actions: { 0: { action_id: 'a' } } }],
  ['an action id that is no text', { actions: [{ action_id: 7 }] }],
])('a click with %s is refused', (_, change) => {
  expect(parse(clickPayload('a', change))).toEqual({ ok: false, reason: 'incomplete' });
});
