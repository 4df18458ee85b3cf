import { describe, expect, test } from 'vitest';
import { folderOf, versionOf } from '../support/version-of.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const inPublic = (ts: string) => folderOf('release', { channel: 'C0PUBLIC001', ts });
const members = {
  channels: [
    { id: 'C0RELEASES1', name: 'releases', member: true },
    { id: 'C0PUBLIC001', name: 'public', member: true },
  ],
};

describe('thread_from', () => {
  test('replies where the earlier message is, whatever the default channel', () =>
    withWorld(async ({ put, slack }) => {
      const parent = slack.say('public', 'released');
      const step = await put({ text: 'and deployed', thread_from: 'release' }, { files: inPublic(parent) });
      expect(step.stderr).toBe('');
      const [, reply] = slack.messages('public');
      expect(reply).toMatchObject({ text: 'and deployed', thread_ts: parent });
      expect(step.json()).toMatchObject({
        version: { channel: 'C0PUBLIC001', ts: reply?.ts, thread: parent },
      });
      expect(slack.messages('releases')).toEqual([]);
    }));

  test('goes on in the thread of a message that is itself a reply', () =>
    withWorld(async ({ put, slack }) => {
      const parent = slack.say('releases', 'released');
      const first = await put({ text: 'one', thread: parent });
      expect(first.json()).toMatchObject({ version: { thread: parent } });
      const version = versionOf(first);
      const step = await put({ text: 'two', thread_from: 'reply' }, { files: folderOf('reply', version) });
      expect(step.stderr).toBe('');
      expect(slack.messages('releases')).toMatchObject([
        {},
        { text: 'one' },
        { text: 'two', thread_ts: parent },
      ]);
    }));

  test('shows the reply in the channel too when broadcast is set', () =>
    withWorld(async ({ put, slack }) => {
      const parent = slack.say('releases', 'released');
      await put({ text: 'loud', thread: parent, broadcast: true });
      await put({ text: 'quiet', thread: parent, broadcast: false });
      expect(slack.messages('releases')).toMatchObject([
        {},
        { reply_broadcast: true },
        { reply_broadcast: false },
      ]);
    }));

  test('of a message that was never sent warns and posts by itself', () =>
    withWorld(async ({ put, slack }) => {
      const files = folderOf('release', { status: 'not_sent', id: 'x' });
      const step = await put({ text: 'alone', thread_from: 'release' }, { files });
      expect(step.code).toBe(0);
      expect(step.stderr).toContain('warning: params.thread_from: that message was not sent (not_sent)');
      expect(slack.messages('releases')).toMatchObject([{ text: 'alone', thread_ts: undefined }]);
    }));

  test('puts an upload without text into that thread', () =>
    withWorld(async ({ put, slack }) => {
      const parent = slack.say('releases', 'released');
      const step = await put(
        { artifacts: [{ file: 'out/log.txt', as: 'upload' }], thread: parent },
        { files: { 'out/log.txt': 'log' } },
      );
      expect(step.stderr).toBe('');
      const [, reply] = slack.messages('releases');
      expect(reply?.thread_ts).toBe(parent);
      expect(step.json()).toMatchObject({ version: { ts: reply?.ts, thread: parent } });
    }));
});

describe('update_from and update', () => {
  async function posted({ put }: World): Promise<Readonly<Record<string, string>>> {
    return versionOf(
      await put({ text: 'waiting', buttons: [{ text: 'Logs', url: 'https://logs.example' }] }),
    );
  }

  test('rewrites text and blocks together (S18)', () =>
    withWorld(async (world) => {
      const version = await posted(world);
      const step = await world.put({ text: 'done', update_from: 'm' }, { files: folderOf('m', version) });
      expect(step.stderr).toBe('');
      expect(step.json()).toMatchObject({ version });
      expect(world.slack.messages('releases')).toMatchObject([{ text: 'done', blocks: [] }]);
    }));

  test('takes a ts with a channel id, and not with a name (S4)', () =>
    withWorld(async (world) => {
      const { ts, channel } = await posted(world);
      const named = await world.put({ text: 'done', update: ts, channel: '#releases' });
      expect(named.stderr).toContain(
        'params.update needs a channel id, #releases is a name [PARAMS_INVALID]',
      );
      const step = await world.put({ text: 'done', update: ts, channel });
      expect(step.code).toBe(0);
      expect(world.slack.messages('releases')).toMatchObject([{ text: 'done' }]);
    }));

  test('shares a file of a rewritten reply in the thread where the reply stands', () =>
    withWorld(async ({ put, slack }) => {
      const parent = slack.say('releases', 'released');
      const reply = await put({ text: 'deploying', thread: parent });
      const version = versionOf(reply);
      const step = await put(
        { text: 'deployed', update_from: 'm', artifacts: [{ file: 'out/log.txt', as: 'upload' }] },
        { files: { ...folderOf('m', version), 'out/log.txt': 'log' } },
      );
      expect(step.stderr).toBe('');
      const [, rewritten, file] = slack.messages('releases');
      expect(rewritten).toMatchObject({ text: 'deployed', thread_ts: parent });
      expect(file).toMatchObject({ thread_ts: parent, files: [expect.stringMatching(/^F/)] });
    }));

  test("refuses somebody else's message in one line", () =>
    withWorld(async ({ put, slack }) => {
      const ts = slack.say('releases', 'mine');
      const step = await put({ text: 'x', update: ts });
      expect(step.code).toBe(1);
      expect(step.stderr).toMatch(/Slack refused chat\.update: cant_update_message \[SLACK_REFUSED\]/);
      expect(step.stdout).toBe('');
    }));
});

describe('delete_from', () => {
  test('deletes the message, and is content when it is gone already', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ text: 'oops' });
      const version = versionOf(step);
      const files = folderOf('m', version);
      for (const gone of ['', 'put: the message was gone already\n']) {
        const deleted = await put({ delete_from: 'm' }, { files });
        expect(deleted).toMatchObject({ code: 0, stderr: gone });
        expect(deleted.json()).toMatchObject({
          version,
          metadata: [{}, { name: 'status', value: 'deleted' }],
        });
        expect(slack.messages()).toEqual([]);
      }
    }));

  test('of a message that was never sent does nothing', () =>
    withWorld(async ({ put, slack }) => {
      const files = folderOf('m', { status: 'dry_run', id: 'x' });
      const step = await put({ delete_from: 'm' }, { files });
      expect(step.json()).toMatchObject({ version: { status: 'not_sent' } });
      expect(slack.count()).toBe(0);
    }));
});

describe('react', () => {
  test('marks the message it has just posted, colons or not', () =>
    withWorld(async ({ put, slack }) => {
      await put({ text: 'done', react: ':white_check_mark:' });
      expect(slack.messages('releases')).toMatchObject([{ reactions: ['white_check_mark'] }]);
    }));

  test('alone marks an earlier message, and is content when it is marked already', () =>
    withWorld(
      async ({ put, slack }) => {
        const ts = slack.say('public', 'released');
        for (const _ of [1, 2]) {
          const step = await put({ react: 'tada', thread_from: 'release' }, { files: inPublic(ts) });
          expect(step).toMatchObject({ code: 0, stderr: '' });
        }
        expect(slack.messages('public')).toMatchObject([{ reactions: ['tada'] }]);
        expect(slack.count('chat.postMessage')).toBe(0);
      },
      { slack: members },
    ));

  test('finds the id of a channel that is only named (S4)', () =>
    withWorld(async ({ put, slack }) => {
      const ts = slack.say('releases', 'released');
      const step = await put({ react: 'tada', thread: ts, channel: '#releases' });
      expect(step).toMatchObject({ code: 0, stderr: '' });
      expect(slack.messages('releases')).toMatchObject([{ reactions: ['tada'] }]);
    }));
});

describe('react without a text', () => {
  test('needs a message to react to', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ react: 'eyes' });
      expect(step.stderr).toContain('params.react: needs a message to react to');
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(slack.calls).toEqual([]);
    }));

  test('prints the reaction on a dry run, and no message', () =>
    withWorld(async ({ put }) => {
      const step = await put({ react: 'eyes', thread: '1700000000.000100', dry_run: true });
      expect(step.stderr).toContain('dry run: reactions.add');
      expect(step.stderr).not.toContain('chat.postMessage');
      expect(step.code).toBe(0);
    }));
});

describe('after a message that was not sent', () => {
  const unsent = folderOf('release', { status: 'not_sent', id: 'some-id' });
  const told = 'that message was not sent (not_sent), so there is nothing to reply to or change';

  test.each([
    ['react alone', { react: 'tada', thread_from: 'release' }],
    ['react alone', { react: 'tada', update_from: 'release' }],
    ['delete_from', { delete_from: 'release' }],
    ['a reply with no channel of its own', { text: 'and deployed', thread_from: 'release' }],
  ])('%s does nothing: %j', (_, params) =>
    withWorld(async ({ put, slack, source }) => {
      const step = await put(params, { files: unsent, source: source({ channel: undefined }) });
      expect(step.stderr).toContain(told);
      expect(versionOf(step)).toMatchObject({ status: 'not_sent' });
      expect(slack.count()).toBe(0);
    }),
  );

  test('a reaction does not become a message of its own in the default channel', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ react: 'tada', thread_from: 'release' }, { files: unsent });
      expect(versionOf(step)).toMatchObject({ status: 'not_sent' });
      expect(slack.count()).toBe(0);
    }));
});

test('replies in the channel of the earlier message also beside another channel', () =>
  withWorld(
    async ({ put, slack }) => {
      const ts = slack.say('public', 'released');
      await put({ text: 'deployed', thread_from: 'release', channel: '#releases' }, { files: inPublic(ts) });
      expect(slack.messages()).toMatchObject([{ ts }, { channel: 'C0PUBLIC001', thread_ts: ts }]);
    },
    { slack: members },
  ));

test.each(['thread_from', 'update_from', 'delete_from'])('%s refuses several channels', (key) =>
  withWorld(async ({ put, slack }) => {
    const content = key === 'delete_from' ? {} : { text: 'Released' };
    const step = await put({ ...content, [key]: 'release', channels: ['C0RELEASES1', 'C0PUBLIC001'] });
    expect(step.stderr).toContain('params.channels: a thread or an update is in one channel: use channel');
    expect(step.code).toBe(1);
    expect(slack.count()).toBe(0);
  }),
);

test('a mention beside a reaction is written into the thread', () =>
  withWorld(async ({ put, slack }) => {
    const ts = slack.say('releases', 'released');
    await put({ react: 'tada', thread: ts, mention: ['U0ALICE0001'] });
    expect(slack.messages()).toMatchObject([{ ts }, { text: '<@U0ALICE0001>', thread_ts: ts }]);
  }));

test('a reaction to a parent answers a version that is no reply', () =>
  withWorld(async ({ put, slack }) => {
    const ts = slack.say('releases', 'released');
    const step = await put({ react: 'tada', thread: ts });
    expect(versionOf(step)).toEqual({ channel: 'C0RELEASES1', ts });
  }));

test('a reply of files alone is broadcast by a message that names them', () =>
  withWorld(async ({ put, slack }) => {
    const thread = slack.say('releases', 'released');
    const artifacts = [{ file: 'out/a.log', as: 'upload' }];
    const step = await put({ artifacts, thread, broadcast: true }, { files: { 'out/a.log': 'log' } });
    expect(step.code, step.stderr).toBe(0);
    const [, reply, file] = slack.messages('releases');
    expect(reply).toMatchObject({ text: 'a.log', thread_ts: thread, reply_broadcast: true });
    expect(file).toMatchObject({ thread_ts: thread, files: [expect.any(String)] });
  }));
