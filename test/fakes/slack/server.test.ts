import { afterEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { api } from './testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

describe('fake Slack', () => {
  it('posts a message by channel name and answers the channel id', async () => {
    slack = await startFakeSlack();
    const answer = await api(slack, 'chat.postMessage', { channel: '#releases', text: 'hello' });
    expect(answer).toMatchObject({ ok: true, channel: 'C0RELEASES1' });
    expect(slack.messages('releases')).toMatchObject([{ text: 'hello', channel: 'C0RELEASES1' }]);
    expect(slack.count('chat.postMessage')).toBe(1);
    slack.expectNoUnknown();
  });

  it('records an unknown method and fails the test that asked for it', async () => {
    slack = await startFakeSlack();
    expect(await api(slack, 'chat.poke', {})).toMatchObject({ ok: false, error: 'unknown_method' });
    expect(() => slack.expectNoUnknown()).toThrow('unknown method chat.poke');
  });
});
