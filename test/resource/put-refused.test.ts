import { expect, test } from 'vitest';
import { SECRET_KEY, withWorld } from '../support/world.ts';

test('a gate resource takes no message, whose version would start the gated job by itself (C7)', () =>
  withWorld(async ({ put, source, slack }) => {
    const step = await put({ text: 'hello' }, { source: source({ gate: 'release' }) });
    expect(step.stderr).toContain('a gate resource accepts only approval (with wait: true) and claim');
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(slack.calls).toEqual([]);
  }));

test('a gate resource asks for nothing that it does not wait for: the version of a mere request would open the gate (C7)', () =>
  withWorld(async ({ put, source, slack }) => {
    const listener = { url: 'https://listener.test', token: SECRET_KEY };
    const params = { approval: { title: 'Ship?', wait: false } };
    const step = await put(params, { source: source({ gate: 'release', listener }) });
    expect(step.stderr).toContain('params.approval.wait: must be true on a gate resource');
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(slack.calls).toEqual([]);
  }));

test('a rotating identity token belongs into params, never into source, where it would reset the history (C10)', () =>
  withWorld(async ({ put, source, slack }) => {
    const aws = {
      region: 'eu-west-1',
      role_arn: 'arn:aws:iam::123456789012:role/ci',
      web_identity_token: SECRET_KEY,
    };
    const step = await put({ text: 'hello' }, { source: source({ aws }) });
    expect(step.stderr).toContain('source.aws.web_identity_token: unknown key');
    expect(step.stderr).not.toContain(SECRET_KEY);
    expect(slack.calls).toEqual([]);
  }));

test.each(['username', 'icon_emoji', 'icon_url', 'attachments'])(
  '%s, which today’s Slack apps ignore, is refused rather than dropped (C31)',
  (key) =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ text: 'hello', [key]: 'x' });
      expect(step.stderr).toContain(`params.${key}: unknown key`);
      expect(slack.calls).toEqual([]);
    }),
);

test('two equal puts of one build are two messages, each with a mark of its own (C15)', () =>
  withWorld(async ({ put, slack }) => {
    await put({ text: 'hello' });
    await put({ text: 'hello' });
    const marks = slack.messages('releases').map(({ metadata }) => JSON.stringify(metadata));
    expect(marks).toHaveLength(2);
    expect(new Set(marks).size).toBe(2);
  }));
