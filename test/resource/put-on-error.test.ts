import { describe, expect, test } from 'vitest';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { listen } from '../fakes/http/listen.ts';
import { versionOf } from '../support/version-of.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const WARN = { text: 'hello', on_error: 'warn' };
// Without a history scope nothing is looked up, which would take its time.
const SLACK = { slack: { scopes: ['chat:write', 'files:write'] } };

async function expectWarned(world: World, params: unknown, code: string, source = world.source()) {
  const step = await world.put(params, { source, files: { 'out/log.txt': 'log' } });
  expect(step.stderr).toMatch(
    new RegExp(`put: warning: .+ \\[${code}\\]; on_error: warn, so the build goes on`),
  );
  expect(step.code).toBe(0);
  expect(versionOf(step)).toEqual({ status: 'not_sent', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(step.stdout).toContain('"metadata":[{"name":"status","value":"not_sent"}');
}

describe.concurrent('on_error: warn excuses Slack', () => {
  test.each<readonly [string, SlackFault]>([
    ['SLACK_REFUSED', { error: 'invalid_auth' }],
    ['SLACK_REFUSED', { error: 'is_archived' }],
    ['SLACK_RATE_LIMITED', { rateLimit: 3600 }],
    ['SLACK_OUTCOME_UNKNOWN', 'lost'],
    ['SLACK_OUTCOME_UNKNOWN', { http: 500 }],
    ['SLACK_OUTCOME_UNKNOWN', 'html'],
  ])('%s by %j', (code, fault) =>
    withWorld(async (world) => {
      world.slack.fault('chat.postMessage', fault);
      await expectWarned(world, WARN, code);
      expect(world.slack.count('chat.postMessage')).toBe(1);
    }, SLACK),
  );

  test('that cannot be reached', () =>
    withWorld(async (world) => {
      const gone = await listen(() => undefined);
      await gone.close();
      const slack = { token: 'xoxb-sensitive', api_url: `${gone.origin}/api/` };
      await expectWarned(world, WARN, 'SLACK_UNREACHABLE', world.source({ slack }));
    }));

  test('that does not take an upload', () =>
    withWorld(async (world) => {
      world.slack.fault('files.getUploadURLExternal', { error: 'file_uploads_disabled' });
      await expectWarned(
        world,
        { ...WARN, artifacts: [{ file: 'out/log.txt', as: 'upload' }] },
        'SLACK_REFUSED',
      );
      expect(world.slack.messages()).toEqual([]);
    }, SLACK));
});

describe.concurrent('on_error: warn answers with what was posted before Slack failed', () => {
  const incomplete = { name: 'status', value: 'incomplete' };

  test('when the reaction is refused', () =>
    withWorld(async ({ put, slack }) => {
      slack.fault('reactions.add', { error: 'invalid_name' });
      const step = await put({ ...WARN, react: 'tadaa' });
      const [message] = slack.messages();
      expect(step.code).toBe(0);
      expect(versionOf(step)).toEqual({ channel: 'C0RELEASES1', ts: message?.ts });
      expect(step.json()).toMatchObject({ metadata: expect.arrayContaining([incomplete]) });
      expect(step.stderr).toContain('warning: Slack refused reactions.add: invalid_name [SLACK_REFUSED]');
    }));

  test('when one of several channels is archived', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ ...WARN, channels: ['C0ARCHIVED1', 'C0RELEASES1'] });
      const [message, ...others] = slack.messages();
      expect(others).toEqual([]);
      expect(versionOf(step)).toEqual({ channel: 'C0RELEASES1', ts: message?.ts });
    }));

  test('but not with a message that was taken back', () =>
    withWorld(async ({ put, slack }) => {
      const artifacts = [{ file: 'out/log.txt', as: 'upload' }];
      const step = await put(
        { ...WARN, channel: 'C0PUBLIC001', artifacts },
        { files: { 'out/log.txt': 'log' } },
      );
      expect(versionOf(step)).toMatchObject({ status: 'not_sent' });
      expect(slack.messages()).toEqual([]);
    }));
});

describe.concurrent('on_error: warn never excuses', () => {
  const artifact = (of: object) => ({ ...WARN, artifacts: [{ as: 'upload', ...of }] });

  test.each([
    ['bad params', { ...WARN, chanel: 'x' }, 'PARAMS_INVALID'],
    ['an unknown template name', { ...WARN, text: '{{nobody}}' }, 'TEMPLATE_INVALID'],
    ['bad blocks', { ...WARN, blocks: [{ type: 'header' }] }, 'BLOCKS_INVALID'],
    ['a missing file', artifact({ file: 'out/none.txt' }), 'FILE_NOT_FOUND'],
    ['a missing object', artifact({ key: 'none.pdf' }), 'S3_NOT_FOUND'],
    ['a key outside the prefix', artifact({ key: '../none.pdf' }), 'KEY_REFUSED'],
  ])('%s', (_, params, code) =>
    withWorld(async ({ put, slack }) => {
      const step = await put(params);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(`[${code}]`);
      expect(slack.count()).toBe(0);
    }),
  );

  test('an object that cannot be read to its end while it is uploaded (P15)', () =>
    withWorld(async ({ put, slack, aws }) => {
      aws.s3.put('ci-artifacts', 'slack-content/big.bin', { size: 2_000_000 });
      aws.s3.fault('GET', 'cut', 9);
      const step = await put(artifact({ key: 'big.bin' }));
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(
        'put: reading s3://ci-artifacts/slack-content/big.bin broke off: aborted [S3_FAILED]',
      );
      expect(aws.s3.count('GET')).toBe(3);
      expect(slack.messages()).toEqual([]);
    }));

  test('being stopped (C16)', () =>
    withWorld(async ({ put, slack }) => {
      slack.fault('chat.postMessage', { rateLimit: 60 });
      const step = await put(WARN, { killAfterStderr: /asks to wait 60 s/ });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('[STOPPED]');
      expect(slack.messages()).toEqual([]);
    }));

  test('being stopped while a lost answer is looked up (C16)', () =>
    withWorld(async ({ put, slack }) => {
      slack.fault('chat.postMessage', 'html');
      slack.fault('conversations.history', { rateLimit: 60 });
      const step = await put(WARN, { killAfterStderr: /asks to wait 60 s before conversations.history/ });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('[STOPPED]');
    }));
});
