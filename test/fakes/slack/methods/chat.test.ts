import { afterEach, describe, expect, it } from 'vitest';
import { startFakeSlack } from '../server.ts';
import type { FakeSlack } from '../server.ts';
import { api } from '../testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

const channel = 'C0RELEASES1';

async function post(args: Record<string, unknown> = {}): Promise<string> {
  const answer = await api(slack, 'chat.postMessage', { channel, text: 'hello', ...args });
  return String(answer['ts']);
}

describe('chat.postMessage', () => {
  it.each(['C0RELEASES1', 'releases', '#releases'])('takes %s and answers the channel id', async (given) => {
    slack = await startFakeSlack();
    const answer = await api(slack, 'chat.postMessage', { channel: given, text: 'hello' });
    expect(answer).toMatchObject({ ok: true, channel: 'C0RELEASES1', message: { text: 'hello' } });
    expect(slack.messages('releases')).toHaveLength(1);
    slack.expectNoUnknown();
  });

  it('opens a conversation for a user id', async () => {
    slack = await startFakeSlack();
    const answer = await api(slack, 'chat.postMessage', { channel: 'U0ALICE0001', text: 'hi' });
    expect(answer['channel']).toMatch(/^D/);
    expect(slack.messages('U0ALICE0001')).toMatchObject([{ text: 'hi' }]);
  });

  it.each([
    ['an unknown channel', { channel: 'nowhere' }, 'channel_not_found'],
    ['a private channel the bot is not in', { channel: 'G0PRIVATE01' }, 'channel_not_found'],
    ['an archived channel', { channel: 'old' }, 'is_archived'],
    ['no content', { text: '' }, 'no_text'],
    ['an unknown thread', { thread_ts: '1.000001' }, 'thread_not_found'],
    ['blocks that are no array', { blocks: 'nonsense' }, 'invalid_blocks_format'],
    ['101 attachments', { attachments: Array.from({ length: 101 }, () => ({})) }, 'too_many_attachments'],
    ['metadata without a type', { metadata: { event_payload: {} } }, 'invalid_metadata_schema'],
  ])('refuses %s', async (_, args, error) => {
    slack = await startFakeSlack();
    expect(await api(slack, 'chat.postMessage', { channel, text: 'x', ...args })).toMatchObject({
      ok: false,
      error,
    });
    expect(slack.messages()).toEqual([]);
  });

  it('posts to a public channel unjoined only with chat:write.public', async () => {
    slack = await startFakeSlack({ scopes: ['chat:write'] });
    const refused = await api(slack, 'chat.postMessage', { channel: 'public', text: 'x' });
    expect(refused).toMatchObject({ error: 'not_in_channel' });
    await slack.close();
    slack = await startFakeSlack({ scopes: ['chat:write', 'chat:write.public'] });
    expect(await api(slack, 'chat.postMessage', { channel: 'public', text: 'x' })).toMatchObject({
      ok: true,
    });
  });

  it('cuts text after 40,000 characters', async () => {
    slack = await startFakeSlack();
    await post({ text: 'x'.repeat(40_001) });
    expect(slack.messages('releases')[0]?.text).toHaveLength(40_000);
  });

  it('keeps what a test asks about a reply', async () => {
    slack = await startFakeSlack();
    const parent = await post();
    const metadata = { event_type: 'built', event_payload: { id: '7' } };
    await post({
      thread_ts: parent,
      reply_broadcast: true,
      unfurl_links: false,
      unfurl_media: false,
      metadata,
    });
    expect(slack.messages('releases')[1]).toMatchObject({
      thread_ts: parent,
      reply_broadcast: true,
      unfurl_links: false,
      unfurl_media: false,
      metadata,
      reactions: [],
    });
  });

  it('refuses a reply as the parent of a thread', async () => {
    slack = await startFakeSlack();
    const reply = await post({ thread_ts: await post() });
    const answer = await api(slack, 'chat.postMessage', { channel, text: 'x', thread_ts: reply });
    expect(answer).toMatchObject({ error: 'thread_not_found' });
  });

  it('gives every message its own ts', async () => {
    slack = await startFakeSlack();
    const all = await Promise.all(Array.from({ length: 50 }, () => post()));
    expect(new Set(all).size).toBe(50);
    expect(all.every((ts) => /^\d{10}\.\d{6}$/.test(ts))).toBe(true);
  });
});

describe('chat.update', () => {
  it('takes the channel id only (S4)', async () => {
    slack = await startFakeSlack();
    const ts = await post();
    expect(await api(slack, 'chat.update', { channel: 'releases', ts, text: 'x' })).toMatchObject({
      error: 'channel_not_found',
    });
    expect(await api(slack, 'chat.update', { channel, ts, text: 'new' })).toMatchObject({ ok: true, ts });
    expect(slack.messages('releases')).toMatchObject([{ text: 'new', edited: true }]);
  });

  it('wipes blocks when only text is given, and keeps the text when only blocks are (S18)', async () => {
    slack = await startFakeSlack();
    const ts = await post({ blocks: [{ type: 'divider' }] });
    await api(slack, 'chat.update', { channel, ts, blocks: [{ type: 'divider' }, { type: 'divider' }] });
    expect(slack.messages()[0]).toMatchObject({ text: 'hello', blocks: [{}, {}] });
    await api(slack, 'chat.update', { channel, ts, text: 'plain' });
    expect(slack.messages()[0]).toMatchObject({ text: 'plain', blocks: [] });
  });

  it('keeps metadata that is not given, and clears it by an empty object', async () => {
    slack = await startFakeSlack();
    const ts = await post({ metadata: { event_type: 'a', event_payload: {} } });
    await api(slack, 'chat.update', { channel, ts, text: 'x' });
    expect(slack.messages()[0]?.metadata).toMatchObject({ event_type: 'a' });
    await api(slack, 'chat.update', { channel, ts, text: 'x', metadata: {} });
    expect(slack.messages()[0]?.metadata).toBeUndefined();
  });

  it.each([
    ['text over 4,000 characters', { text: 'x'.repeat(4001) }, 'msg_too_long'],
    ['nothing to change', {}, 'no_text'],
    ['an unknown message', { ts: '1.000001', text: 'x' }, 'message_not_found'],
  ])('refuses %s', async (_, args, error) => {
    slack = await startFakeSlack();
    const ts = await post();
    expect(await api(slack, 'chat.update', { channel, ts, ...args })).toMatchObject({ ok: false, error });
  });

  it("refuses somebody else's message", async () => {
    slack = await startFakeSlack();
    const ts = slack.say('releases', 'mine');
    expect(await api(slack, 'chat.update', { channel, ts, text: 'x' })).toMatchObject({
      error: 'cant_update_message',
    });
    expect(await api(slack, 'chat.delete', { channel, ts })).toMatchObject({ error: 'cant_delete_message' });
  });
});

describe('chat.delete and chat.getPermalink', () => {
  it('removes a message once', async () => {
    slack = await startFakeSlack();
    const ts = await post();
    expect(await api(slack, 'chat.delete', { channel, ts })).toMatchObject({ ok: true });
    expect(await api(slack, 'chat.delete', { channel, ts })).toMatchObject({ error: 'message_not_found' });
    expect(slack.messages()).toEqual([]);
  });

  it('links to a message, and to a reply with its thread', async () => {
    slack = await startFakeSlack();
    const ts = await post();
    const reply = await post({ thread_ts: ts });
    expect(await api(slack, 'chat.getPermalink', { channel, message_ts: ts })).toMatchObject({
      permalink: `https://fake.slack.com/archives/${channel}/p${ts.replace('.', '')}`,
    });
    const answer = await api(slack, 'chat.getPermalink', { channel, message_ts: reply });
    expect(answer['permalink']).toContain(`?thread_ts=${ts}&cid=${channel}`);
  });
});

describe('reactions.add', () => {
  it('adds a reaction once, by a name without colons', async () => {
    slack = await startFakeSlack();
    const timestamp = await post();
    const add = (name: string) => api(slack, 'reactions.add', { channel, timestamp, name });
    expect(await add('white_check_mark')).toEqual({ ok: true });
    expect(await add('white_check_mark')).toMatchObject({ error: 'already_reacted' });
    expect(await add(':tada:')).toMatchObject({ error: 'invalid_name' });
    expect(slack.messages()[0]?.reactions).toEqual(['white_check_mark']);
  });
});
