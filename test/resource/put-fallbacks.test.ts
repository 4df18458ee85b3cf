import { expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';

test('takes a message back when its files cannot be shared, and says so (S5)', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put(
      { channel: 'C0PUBLIC001', text: 'Nightly', artifacts: [{ file: 'out/a.log', as: 'upload' }] },
      { files: { 'out/a.log': 'log' } },
    );
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain('not_in_channel; the message was taken back [SLACK_REFUSED]');
    expect(slack.messages('public')).toEqual([]);
  }));

test('says why files cannot be shared when the message cannot be taken back either', () =>
  withWorld(async ({ put, slack }) => {
    slack.fault('chat.delete', { error: 'cant_delete_message' });
    const step = await put(
      { channel: 'C0PUBLIC001', text: 'Nightly', artifacts: [{ file: 'out/a.log', as: 'upload' }] },
      { files: { 'out/a.log': 'log' } },
    );
    expect(step.stderr).toContain(
      'put: Slack refused files.completeUploadExternal: not_in_channel [SLACK_REFUSED]',
    );
    expect(step.stderr).toContain('  hint: invite the app to C0PUBLIC001');
  }));

test('puts the links that one message has no room for into its thread (S31)', () =>
  withWorld(async ({ put, slack }) => {
    const files = Object.fromEntries(
      Array.from({ length: 45 }, (_, index) => [`out/${index + 10}.txt`, 'text']),
    );
    const step = await put(
      { text: 'Reports', artifacts: [{ file: 'out/*.txt', as: 'link', key: 'reports/' }] },
      { files },
    );
    expect(step.stderr).not.toContain('BLOCKS_INVALID');
    expect(step.code).toBe(0);
    const [parent, ...replies] = slack.messages('releases');
    expect(step.json()).toMatchObject({ version: { ts: parent?.ts } });
    expect(replies.length).toBeGreaterThan(0);
    expect(replies.every(({ thread_ts }) => thread_ts === parent?.ts)).toBe(true);
    const urls = JSON.stringify(slack.messages('releases')).match(/reports\/\d+\.txt\?/g);
    expect(urls).toEqual(Object.keys(files).map((name) => name.replace('out/', 'reports/') + '?'));
  }));

test('gives an upload a parent message where the app may not look where files go', () =>
  withWorld(
    async ({ put, slack }) => {
      const step = await put({ artifacts: [{ file: 'a.log', as: 'upload' }] }, { files: { 'a.log': 'log' } });
      expect(step.stderr).toContain('lacks files:read, so nobody can prove that the upload is visible');
      expect(step.code).toBe(0);
      await expect.poll(() => slack.messages('releases').length).toBe(2);
      const [parent, reply] = slack.messages('releases');
      expect(step.json()).toMatchObject({ version: { channel: 'C0RELEASES1', ts: parent?.ts } });
      expect(parent?.text).toBe('a.log');
      expect(reply?.thread_ts).toBe(parent?.ts);
    },
    { slack: { scopes: ['chat:write', 'files:write'] } },
  ));
