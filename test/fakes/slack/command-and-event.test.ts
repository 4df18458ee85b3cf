import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { json, startTestApp } from './testing-app.ts';
import type { TestApp } from './testing-app.ts';

let slack: FakeSlack;
let app: TestApp;
beforeEach(async () => {
  slack = await startFakeSlack();
  app = await startTestApp(slack);
});
afterEach(() => Promise.all([slack.close(), app.close()]));

describe('a slash command', () => {
  const typed = { command: '/access', text: 'me  now', by: 'U0ALICE0001', channel: 'releases' };

  it('is posted as flat form fields', async () => {
    const command = await slack.command(typed);
    expect(app.received[0]?.payload).toEqual({
      token: slack.apps.listener.verificationToken,
      team_id: 'T0TEAM00001',
      team_domain: 'fake',
      channel_id: 'C0RELEASES1',
      channel_name: 'releases',
      user_id: 'U0ALICE0001',
      user_name: 'alice',
      command: '/access',
      text: 'me  now',
      api_app_id: 'A0LISTENER1',
      is_enterprise_install: 'false',
      response_url: command.responseUrl,
      trigger_id: command.triggerId,
    });
    expect(command.ephemerals).toEqual([]);
  });

  it('is answered by the acknowledgement, the response URL, or a modal', async () => {
    app.respond = json({ text: 'on it' });
    const command = await slack.command(typed);
    await fetch(command.responseUrl, { method: 'POST', body: JSON.stringify({ text: 'done' }) });
    expect(command.ephemerals.map(({ text }) => text)).toEqual(['on it', 'done']);
    const title = { type: 'plain_text', text: 'Access' };
    await app.call('views.open', {
      trigger_id: command.triggerId,
      view: { type: 'modal', title, blocks: [] },
    });
    expect(command.modal).toMatchObject({ user: 'U0ALICE0001', open: true });
  });
});

describe('an event', () => {
  const event = { type: 'app_mention', user: 'U0ALICE0001', channel: 'C0RELEASES1', text: 'hi' };

  it('is posted as JSON, once when it is acknowledged', async () => {
    const { eventId, deliveries } = await slack.event(event);
    expect(deliveries).toMatchObject([{ status: 200 }]);
    expect(app.received[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(app.received[0]?.payload).toMatchObject({
      type: 'event_callback',
      event_id: eventId,
      team_id: 'T0TEAM00001',
      api_app_id: 'A0LISTENER1',
      event,
    });
  });

  it('is sent again with the same id, at most three times (S16)', async () => {
    app.respond = (res) => void res.writeHead(500).end();
    const { deliveries } = await slack.event(event);
    expect(deliveries).toHaveLength(4);
    const retries = app.received.map(({ headers, payload }) => [
      headers['x-slack-retry-num'],
      headers['x-slack-retry-reason'],
      payload['event_id'],
    ]);
    const id = app.received[0]?.payload['event_id'];
    expect(retries).toEqual([
      [undefined, undefined, id],
      ['1', 'http_error', id],
      ['2', 'http_error', id],
      ['3', 'http_error', id],
    ]);
  });

  it('is not sent again to an app that wants no retry', async () => {
    app.respond = (res) => void res.writeHead(400, { 'x-slack-no-retry': '1' }).end();
    expect((await slack.event(event)).deliveries).toHaveLength(1);
  });

  it('asks whether the address is the app’s own', async () => {
    app.respond = (res, { payload }) => void res.end(payload['challenge']);
    expect(await slack.verifyUrl('abc')).toMatchObject({ status: 200, body: 'abc' });
    expect(app.received[0]?.payload).toMatchObject({ type: 'url_verification', challenge: 'abc' });
  });
});
