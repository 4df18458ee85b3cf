import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from './click.ts';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { startTestApp } from './testing-app.ts';
import type { TestApp } from './testing-app.ts';

let slack: FakeSlack;
let app: TestApp;
let click: Click;

beforeEach(async () => {
  slack = await startFakeSlack();
  app = await startTestApp(slack);
  const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }];
  const blocks = [{ type: 'actions', elements }];
  await app.call('chat.postMessage', { channel: 'C0RELEASES1', text: 'card', blocks });
  click = await slack.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001' });
});
afterEach(() => Promise.all([slack.close(), app.close()]));

async function respond(body: unknown, url = click.responseUrl): Promise<[number, unknown]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: text });
  return [response.status, await response.json()];
}

describe('a response URL', () => {
  it('tells the person who clicked, unless it is for the channel', async () => {
    expect(await respond({ text: 'you may not' })).toEqual([200, { ok: true }]);
    expect(click.ephemerals.map(({ text }) => text)).toEqual(['you may not']);
    expect(slack.ephemerals('U0BOB000001')).toEqual([]);
    await respond({ text: 'for all', response_type: 'in_channel' });
    expect(slack.messages('releases').at(-1)).toMatchObject({ text: 'for all', app: 'A0LISTENER1' });
    expect(slack.count('response_url')).toBe(2);
    slack.expectNoUnknown();
  });

  it('replaces and deletes the message with the button', async () => {
    await respond({ text: 'done', replace_original: true });
    expect(slack.messages('releases')).toMatchObject([{ text: 'done', blocks: [] }]);
    await respond({ delete_original: 'true' });
    expect(slack.messages('releases')).toEqual([]);
  });

  it('replaces and deletes an ephemeral message, which nothing else can', async () => {
    const elements = [{ type: 'button', text: { type: 'plain_text', text: 'More' }, action_id: 'more' }];
    await respond({ text: 'first', blocks: [{ type: 'actions', elements }] });
    const [message] = click.ephemerals;
    if (message === undefined) throw new Error('no ephemeral');
    const second = await slack.click({ message, button: 'more', by: 'U0ALICE0001' });
    await respond({ text: 'changed', replace_original: true }, second.responseUrl);
    expect(slack.ephemerals()).toMatchObject([{ text: 'changed' }]);
    await respond({ delete_original: true }, second.responseUrl);
    expect(slack.ephemerals()).toEqual([]);
  });

  it('works five times (S17)', async () => {
    for (let use = 1; use <= 5; use += 1) expect((await respond({ text: `${use}` }))[0]).toBe(200);
    expect(await respond({ text: '6' })).toEqual([404, { ok: false, error: 'used_url' }]);
    expect(slack.ephemerals()).toHaveLength(5);
  });

  it('works for 30 minutes (S17)', async () => {
    slack.age(29 * 60_000);
    expect((await respond({ text: 'in time' }))[0]).toBe(200);
    slack.age(2 * 60_000);
    expect(await respond({ text: 'late' })).toEqual([404, { ok: false, error: 'expired_url' }]);
  });

  it('goes by the clock it is given', async () => {
    let now = 1_800_000_000_000;
    const other = await startFakeSlack({ now: () => now });
    other.setRequestUrl('pipeline', app.url);
    const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Go' } }];
    const body = new URLSearchParams({
      channel: 'C0RELEASES1',
      text: 'x',
      blocks: JSON.stringify([{ type: 'actions', elements }]),
    });
    const headers = { authorization: `Bearer ${other.token}` };
    await fetch(`${other.apiUrl}chat.postMessage`, { method: 'POST', headers, body });
    const { responseUrl } = await other.click({ channel: 'releases', button: 'Go', by: 'U0BOB000001' });
    expect(app.received.at(-1)?.headers['x-slack-request-timestamp']).toBe('1800000000');
    now += 31 * 60_000;
    expect((await respond({ text: 'late' }, responseUrl))[0]).toBe(404);
    await other.close();
  });

  it.each([
    ['no JSON', 'hello', 400, 'invalid_payload'],
    ['nothing to say', {}, 500, 'no_text'],
    ['wrong blocks', { text: 'x', blocks: [{ type: 'nonsense' }] }, 400, 'invalid_blocks'],
  ])('refuses %s, which is no use', async (_, body, status, error) => {
    expect(await respond(body)).toEqual([status, { ok: false, error }]);
    for (let use = 1; use <= 5; use += 1) expect((await respond({ text: `${use}` }))[0]).toBe(200);
  });

  it('takes more than 13.2k characters of blocks, unlike chat.postMessage', async () => {
    const section = { type: 'section', text: { type: 'plain_text', text: 'x'.repeat(2900) } };
    expect((await respond({ text: 'x', blocks: Array.from({ length: 5 }, () => section) }))[0]).toBe(200);
  });

  it('fails as told: before the use, or after it', async () => {
    slack.fault('response_url', { http: 500 });
    slack.fault('response_url', 'lost');
    const failed = await fetch(click.responseUrl, { method: 'POST', body: '{"text":"1"}' });
    expect(failed.status).toBe(500);
    await expect(respond({ text: '2' })).rejects.toThrow('fetch failed');
    expect(slack.ephemerals().map(({ text }) => text)).toEqual(['2']);
  });
});
