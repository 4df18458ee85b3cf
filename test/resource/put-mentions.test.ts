import { expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';

test('finds people by e-mail, and takes ids, groups and @here as they are', () =>
  withWorld(async ({ put, slack }) => {
    const mention = ['@here', 'alice@example.com', 'U0BOB000001', 'S0GROUP0001'];
    const step = await put({ text: 'Look', mention });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(slack.messages('releases')[0]?.text).toBe(
      '<!here> <@U0ALICE0001> <@U0BOB000001> <!subteam^S0GROUP0001> Look',
    );
    expect(slack.calls.map(({ method }) => method)).toEqual(['users.lookupByEmail', 'chat.postMessage']);
  }));

test('names somebody who is not in the workspace without notifying anybody, and warns (S33)', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put({ text: 'Look', mention: ['nobody@example.com'] });
    expect(step.code).toBe(0);
    expect(step.stderr).toContain(
      'warning: mention: nobody@example.com is not a member of the workspace and is not notified',
    );
    expect(slack.messages('releases')[0]?.text).toMatch(/^nobody@example\.com Look$/);
  }));

test('asks for the scope that looking up needs, and posts nothing', () =>
  withWorld(
    async ({ put, slack }) => {
      const step = await put({ text: 'Look', mention: ['alice@example.com'] });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('Slack refused users.lookupByEmail: missing_scope');
      expect(step.stderr).toContain('users:read.email');
      expect(slack.messages()).toEqual([]);
    },
    { slack: { scopes: ['chat:write'] } },
  ));

test('lets a value name a person but never a whole channel (S29)', () =>
  withWorld(async ({ put, slack }) => {
    const vars = { owner: 'U0BOB000001', evil: '@channel' };
    const step = await put({ text: 'Look', mention: ['{{owner}}'], vars });
    expect(step.code).toBe(0);
    expect(slack.messages('releases')[0]?.text).toBe('<@U0BOB000001> Look');
    const refused = await put({ text: 'Look', mention: ['{{evil}}'], vars });
    expect(refused.stderr).toContain('params.mention[0]: "@channel" names nobody [PARAMS_INVALID]');
    expect(slack.messages()).toHaveLength(1);
  }));

test('looks up again after a failure of Slack (read methods are safe)', () =>
  withWorld(async ({ put, slack }) => {
    slack.fault('users.lookupByEmail', { http: 500 });
    const step = await put({ text: 'Look', mention: ['alice@example.com'] });
    expect(step.code).toBe(0);
    expect(slack.count('users.lookupByEmail')).toBe(2);
  }));

test('refuses a huge value that is no address', () =>
  withWorld(async ({ put, slack }) => {
    // An expression that looks back and forth in it would take ten minutes.
    const author = `a@${'.'.repeat(1_000_000)} x`;
    const step = await put({ text: 'Look', mention: ['{{author}}'], vars: { author } });
    expect(step.stderr).toContain('params.mention[0]: "a@.......');
    expect(step.code).toBe(1);
    expect(slack.count()).toBe(0);
  }));
