import { afterEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from '../server.ts';
import { startFakeSlack } from '../server.ts';
import { api } from '../testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

const channel = 'C0RELEASES1';

async function listAll(args: Record<string, unknown>): Promise<string[]> {
  const names: string[] = [];
  let cursor = '';
  do {
    const answer = await api(slack, 'conversations.list', { ...args, cursor });
    expect(answer).toMatchObject({ ok: true });
    names.push(
      ...[...JSON.stringify(answer['channels']).matchAll(/"name":"([^"]+)"/g)].map((m) => m[1] ?? ''),
    );
    cursor = /"next_cursor":"([^"]*)"/.exec(JSON.stringify(answer))?.[1] ?? '';
  } while (cursor !== '');
  return names;
}

describe('conversations.list', () => {
  it('walks pages by cursor and hides private channels the bot is not in', async () => {
    slack = await startFakeSlack({ pageSize: 1 });
    expect(await listAll({ types: 'public_channel,private_channel', limit: 200 })).toEqual([
      'releases',
      'public',
      'old',
    ]);
    expect(slack.count('conversations.list')).toBe(3);
  });

  it('leaves archived channels out of a page without filling it up', async () => {
    slack = await startFakeSlack({ pageSize: 2 });
    expect(await listAll({ exclude_archived: true })).toEqual(['releases', 'public']);
    expect(slack.count()).toBe(2);
  });

  it('refuses a made-up cursor', async () => {
    slack = await startFakeSlack();
    expect(await api(slack, 'conversations.list', { cursor: 'abc' })).toMatchObject({
      error: 'invalid_cursor',
    });
  });
});

describe('conversations.open', () => {
  it('opens the same conversation each time', async () => {
    slack = await startFakeSlack();
    const first = await api(slack, 'conversations.open', { users: 'U0ALICE0001' });
    expect(first).toMatchObject({ ok: true, channel: { id: expect.stringMatching(/^D/) } });
    expect(await api(slack, 'conversations.open', { users: 'U0ALICE0001' })).toEqual(first);
    expect(await api(slack, 'conversations.open', { users: 'U9' })).toMatchObject({
      error: 'user_not_found',
    });
  });
});

describe('conversations.history and conversations.replies', () => {
  async function thread(): Promise<{ parent: string; reply: string; broadcast: string }> {
    slack = await startFakeSlack();
    const post = async (args: Record<string, unknown>) =>
      String((await api(slack, 'chat.postMessage', { channel, text: 'x', ...args }))['ts']);
    const parent = await post({ metadata: { event_type: 'a', event_payload: {} } });
    const reply = await post({ thread_ts: parent });
    const broadcast = await post({ thread_ts: parent, reply_broadcast: true });
    return { parent, reply, broadcast };
  }

  it('shows the newest first, without replies that were not broadcast', async () => {
    const { parent, broadcast } = await thread();
    const answer = await api(slack, 'conversations.history', { channel });
    expect(answer).toMatchObject({
      ok: true,
      messages: [{ ts: broadcast }, { ts: parent }],
      has_more: false,
    });
  });

  it('shows metadata only when asked', async () => {
    const { parent } = await thread();
    const plain = await api(slack, 'conversations.history', { channel, latest: parent, inclusive: true });
    expect(JSON.stringify(plain)).not.toContain('event_type');
    const full = await api(slack, 'conversations.history', { channel, include_all_metadata: true });
    expect(JSON.stringify(full)).toContain('event_type');
  });

  it('honours oldest and limit', async () => {
    const { parent, broadcast } = await thread();
    const after = await api(slack, 'conversations.history', { channel, oldest: parent });
    expect(after).toMatchObject({ messages: [{ ts: broadcast }] });
    const first = await api(slack, 'conversations.history', { channel, limit: 1 });
    expect(first).toMatchObject({ messages: [{ ts: broadcast }], has_more: true });
  });

  it('shows a thread oldest first, from the ts of any of its messages', async () => {
    const { parent, reply, broadcast } = await thread();
    const answer = await api(slack, 'conversations.replies', { channel, ts: reply });
    expect(answer).toMatchObject({ messages: [{ ts: parent }, { ts: reply }, { ts: broadcast }] });
    expect(await api(slack, 'conversations.replies', { channel, ts: '1.0' })).toMatchObject({
      error: 'thread_not_found',
    });
  });

  it('needs membership', async () => {
    slack = await startFakeSlack();
    expect(await api(slack, 'conversations.history', { channel: 'C0PUBLIC001' })).toMatchObject({
      error: 'not_in_channel',
    });
  });
});
