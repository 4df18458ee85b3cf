import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { startTestApp } from './testing-app.ts';
import type { TestApp } from './testing-app.ts';
import { api } from './testing.ts';

let slack: FakeSlack;
let app: TestApp;

beforeEach(async () => {
  slack = await startFakeSlack();
  app = await startTestApp(slack);
});
afterEach(() => Promise.all([slack.close(), app.close()]));

const plain = (text: string) => ({ type: 'plain_text', text });
const card = (...elements: object[]) => [{ type: 'actions', block_id: 'decide', elements }];
const approve = {
  type: 'button',
  text: plain('Approve'),
  action_id: 'approve',
  value: 'a1',
  style: 'primary',
};

async function post(blocks: object[] = card(approve), channel = 'C0RELEASES1'): Promise<string> {
  const args = { channel, text: 'Approval needed', blocks };
  const { ts } = await app.call('chat.postMessage', args);
  return String(ts);
}

describe('a click', () => {
  it('posts the documented payload as one form field', async () => {
    const ts = await post();
    const click = await slack.click({ channel: 'releases', button: 'Approve', by: 'U0ALICE0001' });
    expect(click).toMatchObject({ status: 200, body: '', warning: undefined });
    expect(app.received).toHaveLength(1);
    expect(app.received[0]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(app.received[0]?.payload).toEqual({
      type: 'block_actions',
      user: { id: 'U0ALICE0001', username: 'alice', name: 'alice', team_id: 'T0TEAM00001' },
      api_app_id: 'A0LISTENER1',
      token: slack.apps.listener.verificationToken,
      container: { type: 'message', message_ts: ts, channel_id: 'C0RELEASES1', is_ephemeral: false },
      trigger_id: click.triggerId,
      team: { id: 'T0TEAM00001', domain: 'fake' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: 'C0RELEASES1', name: 'releases' },
      message: expect.objectContaining({ ts, app_id: 'A0LISTENER1', blocks: card(approve) }),
      state: { values: {} },
      response_url: click.responseUrl,
      actions: [
        {
          action_id: 'approve',
          block_id: 'decide',
          text: plain('Approve'),
          value: 'a1',
          style: 'primary',
          type: 'button',
          action_ts: expect.stringMatching(/^\d{10}\.\d{6}$/),
        },
      ],
    });
  });

  it('is signed over the raw bytes with the secret of the app that posted the message', async () => {
    await post();
    await slack.click({ channel: 'releases', button: 'approve', by: 'U0ALICE0001' });
    const [one] = app.received;
    const timestamp = String(one?.headers['x-slack-request-timestamp']);
    const mac = createHmac('sha256', 'sensitive-signing-secret-of-listener')
      .update(Buffer.concat([Buffer.from(`v0:${timestamp}:`), one?.body ?? Buffer.alloc(0)]))
      .digest('hex');
    expect(one?.headers['x-slack-signature']).toBe(`v0=${mac}`);
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
  });

  it('goes to the app that posted the message', async () => {
    await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'x', blocks: card(approve) });
    await expect(slack.click({ channel: 'releases', button: 'approve', by: 'U0ALICE0001' })).rejects.toThrow(
      "setRequestUrl('A0APP000001'",
    );
    slack.setRequestUrl('pipeline', app.url);
    const click = await slack.click({ channel: 'releases', button: 'approve', by: 'U0ALICE0001' });
    expect(click.payload).toMatchObject({ api_app_id: 'A0APP000001' });
  });

  it('sees the message as it is now, and fails by name when the button is gone', async () => {
    const ts = await post();
    const seen = slack.look('releases', ts);
    await app.call('chat.update', { channel: 'C0RELEASES1', ts, text: 'Approved', blocks: [] });
    const options = { channel: 'releases', ts, button: 'approve', by: 'U0ALICE0001' };
    await expect(slack.click(options)).rejects.toThrow('no approve in message');
    expect(await slack.click({ ...options, seen })).toMatchObject({
      status: 200,
      payload: { actions: [{ value: 'a1' }] },
    });
  });

  it('refuses to guess between two messages and to click as nobody', async () => {
    await post();
    await post();
    const options = { channel: 'releases', button: 'approve', by: 'U0ALICE0001' };
    await expect(slack.click(options)).rejects.toThrow('2 messages');
    const ts = await post(card({ ...approve, action_id: 'other' }));
    await expect(slack.click({ ...options, ts, button: 'other', by: 'U0NOBODY' })).rejects.toThrow('no user');
  });

  it('warns the person after three seconds without an answer, or when the answer is no success', async () => {
    await Promise.all([slack.close(), app.close()]);
    slack = await startFakeSlack({ ackWithinMs: 2000 });
    app = await startTestApp(slack);
    await post();
    const options = { channel: 'releases', button: 'approve', by: 'U0ALICE0001' };
    app.respond = () => undefined;
    expect(await slack.click(options)).toMatchObject({ status: undefined, warning: 'operation_timeout' });
    app.respond = (res) => void res.writeHead(500).end('x');
    expect(await slack.click(options)).toMatchObject({ status: 500, warning: 'http_500' });
    app.respond = (res) => void res.destroy();
    expect(await slack.click(options)).toMatchObject({ status: undefined, warning: 'connection_failed' });
    expect(slack.warnings.map(({ warning }) => warning)).toEqual([
      'operation_timeout',
      'http_500',
      'connection_failed',
    ]);
  });

  it('shows the confirm dialog, and sends nothing when the person declines', async () => {
    const confirm = { title: plain('Deploy?'), text: plain('1.2.3 to production'), confirm: plain('Deploy') };
    await post(card({ ...approve, confirm }));
    const options = { channel: 'releases', button: 'approve', by: 'U0ALICE0001' };
    const dialog = { title: 'Deploy?', text: '1.2.3 to production', confirm: 'Deploy', deny: 'No' };
    expect(await slack.click({ ...options, confirm: false })).toMatchObject({ dialog, status: undefined });
    expect(app.received).toEqual([]);
    expect(await slack.click(options)).toMatchObject({ dialog, status: 200 });
  });

  it('carries what else is filled in in the message', async () => {
    const options = [{ text: plain('Staging'), value: 'stage' }];
    await post([
      ...card(approve),
      {
        type: 'input',
        block_id: 'why',
        label: plain('Why'),
        element: { type: 'plain_text_input', action_id: 'reason' },
      },
      {
        type: 'section',
        block_id: 'where',
        text: plain('Where'),
        accessory: { type: 'static_select', action_id: 'target', options },
      },
    ]);
    const values = { reason: 'fix', target: 'stage' };
    await slack.click({ channel: 'releases', button: 'approve', by: 'U0ALICE0001', values });
    expect(app.received[0]?.payload['state']).toEqual({
      values: {
        why: { reason: { type: 'plain_text_input', value: 'fix' } },
        where: { target: { type: 'static_select', selected_option: options[0] } },
      },
    });
  });

  it('makes up the ids that the app left out, the same ones each time', async () => {
    const elements = [{ type: 'button', text: plain('Go') }];
    await post([{ type: 'actions', elements }]);
    const options = { channel: 'releases', button: 'Go', by: 'U0ALICE0001' };
    const [first, second] = [await slack.click(options), await slack.click(options)];
    expect(first.payload['actions']).toMatchObject([{ action_id: expect.stringMatching(/.{5}/) }]);
    expect(second.payload['message']).toEqual(first.payload['message']);
  });
});

describe('a click that is not what it seems', () => {
  const options = { channel: 'releases', button: 'approve', by: 'U0ALICE0001' };

  it('is replayed byte by byte', async () => {
    await post();
    const click = await slack.click(options);
    expect(await slack.replay(click)).toMatchObject({ status: 200 });
    expect(app.received[1]?.body).toEqual(app.received[0]?.body);
    expect(app.received[1]?.headers['x-slack-signature']).toBe(app.received[0]?.headers['x-slack-signature']);
  });

  it('comes from a copy of the card in another channel', async () => {
    const ts = await post();
    const click = await slack.clickCopy({ ...options, ts }, 'public');
    expect(click.payload).toMatchObject({
      api_app_id: 'A0LISTENER1',
      container: { channel_id: 'C0PUBLIC001' },
      actions: [{ value: 'a1' }],
    });
    expect(app.received[0]?.payload['container']).not.toMatchObject({ message_ts: ts });
  });

  it('comes from someone of another workspace, or from an app installed for an organisation', async () => {
    await post();
    slack.addUser({ id: 'U0MALLORY01', name: 'mallory', team: 'T0FOREIGN01' });
    const foreign = await slack.click({ ...options, by: 'U0MALLORY01' });
    expect(foreign.payload).toMatchObject({ user: { id: 'U0MALLORY01', team_id: 'T0FOREIGN01' } });
    const org = await slack.click({ ...options, org: true });
    expect(org.payload).toMatchObject({
      team: null,
      enterprise: { id: 'E0GRID00001' },
      is_enterprise_install: true,
    });
  });

  it.each([
    ['a wrong secret', { secret: 'other' }],
    ['an old timestamp', { timestamp: 1_500_000_000 }],
    ['a made-up signature', { signature: 'v0=00' }],
  ])('has %s', async (_, tampering) => {
    await post();
    await slack.click({ ...options, ...tampering });
    const genuine = await slack.click(options);
    expect(app.received[0]?.headers['x-slack-signature']).not.toBe(
      app.received[1]?.headers['x-slack-signature'],
    );
    expect(genuine.status).toBe(200);
  });

  it('is any bytes at all, without the headers that were taken away', async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00]);
    await slack.rawInteraction({ body, headers: { 'x-slack-signature': '' } });
    expect(app.received[0]?.body).toEqual(body);
    expect(app.received[0]?.headers).not.toHaveProperty('x-slack-signature');
    expect(app.received[0]?.headers).toHaveProperty('x-slack-request-timestamp');
  });
});

describe('what an app tells one person', () => {
  it('is seen by that person alone, and found from the click', async () => {
    await post();
    const click = await slack.click({ channel: 'releases', button: 'approve', by: 'U0ALICE0001' });
    expect(click.ephemerals).toEqual([]);
    const say = (user: string) =>
      app.call('chat.postEphemeral', { channel: 'C0RELEASES1', user, text: `hello ${user}` });
    expect(await say('U0ALICE0001')).toEqual({ ok: true, message_ts: expect.any(String) });
    await say('U0BOB000001');
    expect(click.ephemerals.map(({ text }) => text)).toEqual(['hello U0ALICE0001']);
    expect(slack.ephemerals('U0BOB000001')).toMatchObject([{ text: 'hello U0BOB000001' }]);
    expect(slack.messages('releases')).toHaveLength(1);
  });

  it('is refused for people and bots outside of the channel', async () => {
    const say = (channel: string) =>
      app.call('chat.postEphemeral', { channel, user: 'U0ALICE0001', text: 'x' });
    slack.leave('releases', 'U0ALICE0001');
    expect(await say('C0RELEASES1')).toMatchObject({ error: 'user_not_in_channel' });
    expect(await say('C0PUBLIC001')).toMatchObject({ error: 'not_in_channel' });
    expect(await say('G0PRIVATE01')).toMatchObject({ error: 'channel_not_found' });
  });

  it('cannot be updated by chat.update (S34)', async () => {
    const args = { channel: 'C0RELEASES1', user: 'U0ALICE0001', text: 'x' };
    const { message_ts: ts } = await app.call('chat.postEphemeral', args);
    expect(await app.call('chat.update', { channel: 'C0RELEASES1', ts, text: 'y' })).toMatchObject({
      error: 'message_not_found',
    });
  });

  it('can have buttons, whose clicks carry no message', async () => {
    const args = { channel: 'C0RELEASES1', user: 'U0ALICE0001', text: 'x', blocks: card(approve) };
    await app.call('chat.postEphemeral', args);
    const [message] = slack.ephemerals('U0ALICE0001');
    if (message === undefined) throw new Error('no ephemeral');
    const click = await slack.click({ message, button: 'Approve', by: 'U0ALICE0001' });
    expect(click.payload).toMatchObject({ container: { is_ephemeral: true, message_ts: message.ts } });
    expect(click.payload).not.toHaveProperty('message');
    await expect(slack.click({ message, button: 'Approve', by: 'U0BOB000001' })).rejects.toThrow(
      'shows U0BOB000001 no message',
    );
  });
});
