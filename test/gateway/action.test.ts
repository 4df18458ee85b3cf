import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareAction, rateWait } from '../../src/gateway/action.ts';
import type { Action, ActionClick } from '../../src/gateway/action.ts';
import { compileValueSchema } from '../../src/listener/config/value-schema.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const compiled = compileValueSchema({
  type: 'object',
  properties: { deployment: { enum: ['app', 'api'] }, note: { type: 'string' } },
  required: ['deployment'],
  additionalProperties: false,
});
const ACTION: Action = {
  name: 'k8s_deploy',
  channels: ['C0AB'],
  problemsOf: 'problemsOf' in compiled ? compiled.problemsOf : () => ['no schema'],
  confirm: 'Deploy {{value.deployment}} for {{user.name}}?',
  once: true,
  maxAgeMs: 86_400_000,
  rate: { count: 5, perMs: 60_000 },
  call: {
    method: 'POST',
    path: '/deploy/{{value.deployment}}',
    body: {
      deployment: '{{value.deployment}}',
      by: '{{user.id}}',
      via: '{{token}}',
      at: '{{message_ts}}',
      in: '{{channel}}',
      all: '{{value}}',
    },
  },
};
const CLICK: ActionClick = {
  action: 'k8s_deploy',
  value: { deployment: 'app' },
  channel: 'C0AB',
  nonce: 'nonce-1',
  issuedAt: NOW - 1000,
  messageTs: '1700000000.000100',
  token: { name: 'ci-main', actions: new Set(['k8s_deploy']) },
  user: { id: 'U123', name: 'Ana', allowed: true },
  clickId: 'click-1',
};

const prepare = (click: Partial<ActionClick> = {}, action: Partial<Action> = {}) =>
  prepareAction({ ...ACTION, ...action }, { ...CLICK, ...click }, NOW);
function ready(click: Partial<ActionClick> = {}, action: Partial<Action> = {}) {
  const prepared = prepare(click, action);
  if (prepared.kind !== 'ready') throw new Error(prepared.message);
  return prepared;
}

describe('a click that may run', () => {
  it('becomes the very call, and a dialog with the real values', () => {
    const { call, confirm, onceKey, rate } = ready();
    expect(call).toMatchObject({ method: 'POST', path: '/deploy/app' });
    expect(JSON.parse(call.body?.toString() ?? '')).toEqual({
      deployment: 'app',
      by: 'U123',
      via: 'ci-main',
      at: '1700000000.000100',
      in: 'C0AB',
      all: { deployment: 'app' },
    });
    expect(confirm).toBe('Deploy app for Ana?');
    expect(onceKey).toBe('action/k8s_deploy/nonce-1');
    expect(rate).toEqual({ count: 5, perMs: 60_000 });
  });

  it('shows the value itself where the operator wrote no text', () => {
    expect(ready({}, { confirm: undefined }).confirm).toBe('Run k8s_deploy with {"deployment":"app"}?');
  });

  it('carries one key for a button that works once, whoever clicks it, and one for each click else', () => {
    const key = (click: Partial<ActionClick>, once: boolean) =>
      ready(click, { once }).call.headers['idempotency-key'];
    expect(key({ clickId: 'a', user: { ...CLICK.user, id: 'U2' } }, true)).toBe(key({ clickId: 'b' }, true));
    expect(key({ clickId: 'a' }, false)).not.toBe(key({ clickId: 'b' }, false));
    expect(key({ clickId: 'a' }, false)).toBe(key({ clickId: 'a' }, false));
    expect(ready({}, { once: false }).onceKey).toBeUndefined();
  });

  it('has another fingerprint as soon as the call is another', () => {
    const same = ready().fingerprint;
    expect(ready().fingerprint).toBe(same);
    expect(ready({ value: { deployment: 'api' } }).fingerprint).not.toBe(same);
    expect(ready({}, { call: { ...ACTION.call, query: { force: true } } }).fingerprint).not.toBe(same);
  });
});

describe('a click is refused', () => {
  it.each([
    ['not_offered', { token: { name: 'other', actions: new Set<string>() } }, {}],
    ['wrong_channel', { channel: 'C0OTHER' }, {}],
    ['too_old', { issuedAt: NOW - 86_400_000 }, {}],
    ['too_old', { issuedAt: Number.NaN }, {}],
    ['not_allowed', { user: { ...CLICK.user, allowed: false } }, {}],
    ['bad_value', { value: { deployment: 'db' } }, {}],
    ['bad_value', { value: { deployment: 'app', extra: 1 } }, {}],
    ['bad_value', { value: null }, {}],
    ['unknown_action', { action: 'other' }, {}],
    ['bad_template', {}, { confirm: 'Deploy {{value.version}}?' }],
    [
      'bad_template',
      { value: { deployment: 'app', note: '..' } },
      { call: { ...ACTION.call, path: '/x/{{value.note}}' } },
    ],
    [
      'bad_template',
      { value: { deployment: 'app', note: 'x'.repeat(3000) } },
      { confirm: 'Deploy {{value.note}}?' },
    ],
  ] as const)('as %s for %j', (reason, click, action) => {
    expect(prepare(click, action)).toMatchObject({ kind: 'refused', reason });
  });

  it('as an action that does not exist', () => {
    expect(prepareAction(undefined, CLICK, NOW)).toMatchObject({ reason: 'unknown_action' });
  });
});

it('whatever a value holds, the call stays where it is and its body what it is (C30)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (note) => {
      const prepared = prepare(
        { value: { deployment: 'app', note } },
        {
          call: {
            method: 'POST',
            path: '/deploy/app',
            query: { note: '{{value.note}}' },
            body: { note: 'n: {{value.note}}' },
          },
        },
      );
      if (prepared.kind === 'refused') return expect(note.isWellFormed()).toBe(false);
      expect(prepared.call.path).toBe('/deploy/app');
      expect(prepared.call.query).toEqual([['note', note]]);
      expect(JSON.parse(prepared.call.body?.toString() ?? '')).toEqual({ note: `n: ${note}` });
    }),
  );
});

it('nothing hides in the dialog: direction marks, line breaks and invisible characters are written out', () => {
  const note = 'app\u202e\n\u200bippa\u00ad';
  expect(ready({ value: { deployment: 'app', note } }, { confirm: '{{value.note}}!' }).confirm).toBe(
    'app\\u{202e}\\u{a}\\u{200b}ippa\\u{ad}!',
  );
});

describe('a rate', () => {
  const rate = { count: 2, perMs: 60_000 };

  it('lets so many run in its time, and says how long the next one waits', () => {
    expect(rateWait([], rate, NOW)).toBeUndefined();
    expect(rateWait([NOW - 10_000], rate, NOW)).toBeUndefined();
    expect(rateWait([NOW - 10_000, NOW - 30_000], rate, NOW)).toBe(30_000);
    expect(rateWait([NOW - 10_000, NOW - 60_000], rate, NOW)).toBeUndefined();
    expect(rateWait([NOW - 1000, NOW - 2000, NOW - 3000], rate, NOW)).toBe(58_000);
  });
});
