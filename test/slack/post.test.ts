import { describe, expect, it } from 'vitest';
import { postMessage, updateMessage } from '../../src/slack/post.ts';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { withSlack } from '../support/slack-in-process.ts';

const MESSAGE = { text: 'Nightly', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Nightly' } }] };
const RELEASES = { channel: 'C0RELEASES1' };
const NONCE = '0123456789abcdef01234567';
const SILENCE_MS = 1500;

/** Faults after which Slack has the message, and faults after which it has not; the caller cannot tell them apart. */
const DONE: readonly SlackFault[] = ['lost', 'truncated', { html: 'processed' }];
const NOT_DONE: readonly SlackFault[] = [
  'reset',
  'hang',
  'html',
  { http: 500 },
  { http: 502 },
  { error: 'internal_error' },
  { error: 'fatal_error' },
  { error: 'service_unavailable' },
];
const named = (faults: readonly SlackFault[]) =>
  faults.map((fault) => [JSON.stringify(fault), fault] as const);

describe('postMessage', () => {
  it('asks for no previews, which would fetch a presigned link (S10), and answers the id behind a name (S4)', () =>
    withSlack(async (ports) => {
      const posted = await postMessage(MESSAGE, { channel: '#releases' }, NONCE, ports);
      const [message] = ports.fake.messages('releases');
      expect(posted).toEqual({ channel: 'C0RELEASES1', ts: message?.ts });
      expect(message).toMatchObject({ unfurl_links: false, unfurl_media: false, metadata: {} });
      expect(ports.fake.count()).toBe(1);
    }));

  it('replies in a thread, and to the channel too when asked', () =>
    withSlack(async (ports) => {
      const thread = ports.fake.say('releases', 'parent');
      await postMessage(MESSAGE, { ...RELEASES, thread, broadcast: true }, NONCE, ports);
      await postMessage(MESSAGE, { ...RELEASES, broadcast: true }, NONCE, ports);
      const [, reply, top] = ports.fake.messages('releases');
      expect(reply).toMatchObject({ thread_ts: thread, reply_broadcast: true });
      expect(top).toMatchObject({ thread_ts: undefined, reply_broadcast: false });
    }));

  it('says so when Slack took the message but names no place', () =>
    withSlack(async (ports) => {
      const slack = { call: () => Promise.resolve({ ok: true }) };
      await expect(postMessage(MESSAGE, RELEASES, NONCE, { ...ports, slack })).rejects.toMatchObject({
        code: 'SLACK_OUTCOME_UNKNOWN',
      });
    }));
});

describe('a lost answer to chat.postMessage (S11)', () => {
  it.each(named(DONE))('after %s is found again by its metadata, and posted once', (_, fault) =>
    withSlack(async (ports) => {
      ports.fake.say('releases', 'somebody else talks');
      ports.fake.fault('chat.postMessage', fault);
      const posted = await postMessage(MESSAGE, RELEASES, NONCE, ports);
      const [, message, ...others] = ports.fake.messages('releases');
      expect(posted).toEqual({ channel: 'C0RELEASES1', ts: message?.ts });
      expect(others).toEqual([]);
      expect(ports.fake.count('chat.postMessage')).toBe(1);
    }),
  );

  it.each([
    ['a name', '#releases', 'C0RELEASES1'],
    ['a person', 'U0ALICE0001', expect.stringMatching(/^D/)],
  ])('is found again where only %s was given', (_, channel, id) =>
    withSlack(async (ports) => {
      ports.fake.fault('chat.postMessage', 'lost');
      expect(await postMessage(MESSAGE, { channel }, NONCE, ports)).toMatchObject({ channel: id });
      expect(ports.fake.messages()).toHaveLength(1);
    }),
  );

  it('is found again in its thread', () =>
    withSlack(async (ports) => {
      const thread = ports.fake.say('releases', 'parent');
      ports.fake.fault('chat.postMessage', 'lost');
      const posted = await postMessage(MESSAGE, { ...RELEASES, thread }, NONCE, ports);
      expect(ports.fake.messages('releases')[1]).toMatchObject({ ts: posted.ts, thread_ts: thread });
      expect(ports.fake.count('chat.postMessage')).toBe(1);
    }));

  it.each(named(NOT_DONE))('after %s is reported once, and never sent again', (_, fault) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('chat.postMessage', fault);
        await expect(postMessage(MESSAGE, RELEASES, NONCE, ports)).rejects.toMatchObject({
          code: 'SLACK_OUTCOME_UNKNOWN',
          message: expect.stringMatching(/^no clear answer to chat\.postMessage: .+; not sent again/),
          hint: expect.stringContaining('look into the channel'),
        });
        expect(ports.fake.messages()).toEqual([]);
        expect(ports.fake.count('chat.postMessage')).toBe(1);
        expect(ports.fake.count('conversations.history')).toBe(3);
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it('is reported as unknown where the app may not read history', () =>
    withSlack(
      async (ports) => {
        ports.fake.fault('chat.postMessage', 'lost');
        await expect(postMessage(MESSAGE, RELEASES, NONCE, ports)).rejects.toMatchObject({
          code: 'SLACK_OUTCOME_UNKNOWN',
        });
        expect(ports.fake.messages()).toHaveLength(1);
        expect(ports.fake.count('chat.postMessage')).toBe(1);
      },
      { scopes: ['chat:write'] },
    ));

  it('does not take the message of another put for its own', () =>
    withSlack(async (ports) => {
      await postMessage(MESSAGE, RELEASES, 'another-nonce', ports);
      ports.fake.fault('chat.postMessage', 'reset');
      await expect(postMessage(MESSAGE, RELEASES, NONCE, ports)).rejects.toMatchObject({
        code: 'SLACK_OUTCOME_UNKNOWN',
      });
    }));

  it('keeps the first doubt when history fails as well', () =>
    withSlack(async (ports) => {
      ports.fake.fault('chat.postMessage', 'lost');
      ports.fake.fault('conversations.history', { http: 500 }, 9);
      await expect(postMessage(MESSAGE, RELEASES, NONCE, ports)).rejects.toMatchObject({
        code: 'SLACK_OUTCOME_UNKNOWN',
        message: expect.stringContaining('chat.postMessage'),
      });
      expect(ports.fake.count('conversations.history')).toBe(4);
    }));
});

describe('updateMessage', () => {
  it('sends text and blocks together, so that neither is wiped or outdated (S18)', () =>
    withSlack(async (ports) => {
      const at = await postMessage(MESSAGE, RELEASES, NONCE, ports);
      await updateMessage({ text: 'Done' }, at, ports);
      expect(ports.fake.messages()).toMatchObject([{ text: 'Done', blocks: [] }]);
      await updateMessage(MESSAGE, at, ports);
      expect(ports.fake.messages()).toMatchObject([{ text: 'Nightly', blocks: [{ type: 'section' }] }]);
    }));

  it('keeps names and addresses in plain text from coming alive, which this method does by default (S29)', () =>
    withSlack(async (ports) => {
      const at = await postMessage(MESSAGE, RELEASES, NONCE, ports);
      await updateMessage({ text: '@here' }, at, ports);
      expect(ports.fake.calls.at(-1)).toMatchObject({ method: 'chat.update', args: { parse: 'none' } });
    }));

  it.each(named([...DONE, ...NOT_DONE]))('is sent again after %s, for it says the same', (_, fault) =>
    withSlack(
      async (ports) => {
        const at = await postMessage(MESSAGE, RELEASES, NONCE, ports);
        ports.fake.fault('chat.update', fault);
        expect(await updateMessage({ text: 'Done' }, at, ports)).toEqual(at);
        expect(ports.fake.count('chat.update')).toBe(2);
        expect(ports.fake.messages()).toMatchObject([{ text: 'Done' }]);
      },
      { idleMs: SILENCE_MS },
    ),
  );
});
