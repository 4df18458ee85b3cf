import { expect, test } from 'vitest';
import { versionOf } from '../support/version-of.ts';
import { withWorld } from '../support/world.ts';

const CHANNELS = [
  { id: 'C0RELEASES1', name: 'releases', member: true },
  { id: 'C0DEVELOP01', name: 'develop', member: true },
  { id: 'C0ARCHIVED1', name: 'old', archived: true },
];
const SLACK = { slack: { channels: CHANNELS } };

test('posts one parent message to each channel, and answers all places', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put({
      text: 'hello',
      channels: ['#releases', 'C0DEVELOP01', 'releases', '#releases'],
    });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    const [first, second, ...others] = slack.messages();
    expect(others).toEqual([]);
    expect(step.json()).toEqual({
      version: { channel: 'C0RELEASES1', ts: first?.ts, also: `C0DEVELOP01:${second?.ts}` },
      metadata: [{ name: 'channels', value: '#releases (C0RELEASES1), C0DEVELOP01' }],
    });
    expect(slack.count()).toBe(2);
  }, SLACK));

test('gives each channel its own upload in its own thread', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report');
    const step = await put({
      text: 'Nightly',
      channels: ['releases', 'develop'],
      artifacts: [{ key: 'report.pdf', as: 'upload' }],
    });
    expect(step.code).toBe(0);
    for (const name of ['releases', 'develop']) {
      const [parent, reply] = slack.messages(name);
      expect(reply).toMatchObject({ thread_ts: parent?.ts, files: [expect.any(String)] });
    }
    expect(slack.files()).toHaveLength(2);
  }, SLACK));

test('reaches the others when one channel fails, and says both in one line', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put({ text: 'hello', channels: ['releases', 'old', 'develop'] });
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain(
      'put: old: Slack refused chat.postMessage: is_archived; posted to releases, develop [SLACK_REFUSED]',
    );
    expect(step.stderr).toContain('  hint: old is archived: unarchive it or choose another\n');
    expect(slack.messages().map(({ channel }) => channel)).toEqual(['C0RELEASES1', 'C0DEVELOP01']);
  }, SLACK));

test('names every channel that fails', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put({ text: 'hello', channels: ['old', 'nowhere'] });
    expect(step.stderr).toContain(
      'put: old: Slack refused chat.postMessage: is_archived; nowhere: Slack refused chat.postMessage: channel_not_found [SLACK_REFUSED]',
    );
    expect(slack.messages()).toEqual([]);
  }, SLACK));

test('keeps the answers of both channels apart when one is lost (S11)', () =>
  withWorld(async ({ put, slack }) => {
    slack.fault('chat.postMessage', 'lost');
    const step = await put({ text: 'hello', channels: ['releases', 'develop'] });
    expect(step.code).toBe(0);
    expect(slack.count('chat.postMessage')).toBe(2);
    const [first, second] = slack.messages();
    expect(versionOf(step)).toEqual({
      channel: 'C0RELEASES1',
      ts: first?.ts,
      also: `C0DEVELOP01:${second?.ts}`,
    });
  }, SLACK));

test('posts to a person', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put({ text: 'hello', channel: 'U0ALICE0001' });
    expect(versionOf(step)['channel']).toMatch(/^D/);
    expect(slack.messages('U0ALICE0001')).toMatchObject([{ text: 'hello' }]);
  }));

test('uploads to a person, whose conversation it opens first (S4)', () =>
  withWorld(async ({ put, slack }) => {
    const artifacts = [{ file: 'out/log.txt', as: 'upload' }];
    const step = await put({ artifacts, channel: 'U0ALICE0001' }, { files: { 'out/log.txt': 'log' } });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(slack.messages('U0ALICE0001')).toMatchObject([{ files: [expect.any(String)] }]);
  }));
