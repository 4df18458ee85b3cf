import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkspaceView } from '../../dev/workspace/model.ts';
import { startWorkspace, type Workspace } from '../../dev/workspace/start.ts';
import { json, startTestApp, type Received, type TestApp } from '../fakes/slack/testing-app.ts';

const ANA = 'U0ANA000001';
const CYD = 'U0CYD000001';

let workspace: Workspace;
let app: TestApp;
beforeEach(async () => {
  workspace = await startWorkspace({ ackWithinMs: 3000 });
  app = await startTestApp(workspace.slack);
});
afterEach(async () => {
  workspace.slack.expectNoUnknown();
  await app.close();
  await workspace.stop();
});

describe('a click on the page', () => {
  it('reaches the app as Slack signs it: HMAC-SHA256 over the raw bytes, with the time in the header', async () => {
    await click(ANA, await card());
    const [{ headers, body }] = received();
    const timestamp = String(headers['x-slack-request-timestamp']);
    const secret = workspace.slack.apps.listener.signingSecret;
    const expected = createHmac('sha256', secret)
      .update(Buffer.concat([Buffer.from(`v0:${timestamp}:`), body]))
      .digest('hex');
    expect(headers['x-slack-signature']).toBe(`v0=${expected}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('says who clicked which button where, and how the app may answer', async () => {
    const ts = await card();
    await click(ANA, ts);
    expect(received()[0].payload).toMatchObject({
      type: 'block_actions',
      api_app_id: workspace.slack.apps.listener.id,
      user: { id: ANA },
      channel: { id: workspace.channelId, name: 'releases' },
      container: { message_ts: ts, is_ephemeral: false },
      actions: [{ action_id: 'go', value: 'v1', type: 'button' }],
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]+$/),
      response_url: expect.stringContaining(`${workspace.slack.origin}/actions/`),
    });
  });

  it('goes to the app that posted the button', async () => {
    workspace.slack.setRequestUrl('pipeline', app.url);
    await click(ANA, await card(workspace.token));
    expect(received()[0].payload['api_app_id']).toBe(workspace.slack.apps.pipelines.id);
  });

  it.each([
    [
      'does not answer in time',
      () => undefined,
      'Operation timed out. Apps need to respond within 3 seconds.',
    ],
    [
      'answers 500',
      (res: { writeHead(status: number): { end(): void } }) => res.writeHead(500).end(),
      'This app responded with Status Code 500.',
    ],
    ['hangs up', (res: { destroy(): void }) => res.destroy(), 'This app could not be reached.'],
  ])('warns as Slack does when the app %s', async (_, respond, warning) => {
    app.respond = respond;
    expect(await click(ANA, await card())).toEqual({ warning });
  });

  it('warns when nobody listens, or the message has gone', async () => {
    const ts = await card();
    workspace.slack.setRequestUrl('listener', {});
    expect(await click(ANA, ts)).toEqual({
      warning: 'This app is not configured to handle interactive responses.',
    });
    workspace.slack.deleteMessage('releases', ts);
    expect(await click(ANA, ts)).toEqual({ warning: 'This is not there any more.' });
  });
});

describe('what the app answers', () => {
  it('is seen by the person alone when it came through the response URL', async () => {
    await click(ANA, await card());
    const url = String(received()[0].payload['response_url']);
    await fetch(url, { method: 'POST', body: JSON.stringify({ text: 'not you', replace_original: false }) });
    const seen = async (as: string) =>
      (await view(as)).threads.filter(({ message }) => message.onlyForMe).map(({ message }) => message.text);
    expect(await seen(ANA)).toEqual(['not you']);
    expect(await seen(CYD)).toEqual([]);
  });

  it('is a modal of that person, whose form comes back signed with its values', async () => {
    await click(ANA, await card());
    await openForm();
    const { modal } = await view(ANA);
    expect(modal).toMatchObject({ title: 'Deny', submit: 'Send', close: 'Cancel' });
    expect((await view(CYD)).modal).toBeUndefined();

    app.respond = json({ response_action: 'errors', errors: { reason: 'too short' } });
    const form = { as: ANA, view: modal?.id, values: { reason: 'no' } };
    expect(await post('/submit', form)).toEqual({ errors: { reason: 'too short' } });
    app.respond = (res) => void res.writeHead(200).end();
    expect(await post('/submit', { ...form, values: { reason: 'tests are red' } })).toEqual({});
    expect((await view(ANA)).modal).toBeUndefined();
    expect(received().at(-1)?.payload).toMatchObject({
      type: 'view_submission',
      user: { id: ANA },
      view: { state: { values: { reason: { text: { value: 'tests are red' } } } } },
    });
  });

  it('is a modal that closes unsent, and cannot be sent by anyone else', async () => {
    await click(ANA, await card());
    await openForm();
    const { modal } = await view(ANA);
    const foreign = { as: CYD, view: modal?.id, values: { reason: 'mine' } };
    expect(await post('/submit', foreign)).toEqual({ warning: 'This is not there any more.' });
    await post('/close', { as: ANA, view: modal?.id });
    expect((await view(ANA)).modal).toBeUndefined();
    expect(received()).toHaveLength(1);
  });
});

describe('faults of the workspace', () => {
  it('fail the calls of its Web API as ordered', async () => {
    const { slack } = workspace;
    slack.fault('chat.postMessage', { rateLimit: 7 });
    slack.fault('chat.postMessage', { http: 500 });
    slack.fault('chat.postMessage', 'lost');
    const send = () =>
      fetch(`${workspace.slackApiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${workspace.token}` },
        body: new URLSearchParams({ channel: '#releases', text: 'once' }),
      });
    const limited = await send();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await send()).status).toBe(500);
    await expect(send()).rejects.toThrow('fetch failed');
    // The last one was done, only its answer was lost.
    expect((await view(ANA)).threads.map(({ message }) => message.text)).toEqual(['once']);
  });
});

describe('the doors of the page', () => {
  it.each([
    ['a form of another site', { 'content-type': 'text/plain' }, '{}', 415],
    ['text that is no JSON', {}, '{', 400],
    ['something else than a click', {}, '{"as":1}', 400],
    ['a page of another site', { origin: 'http://evil.example' }, '{}', 403],
  ])('refuse %s', async (_, headers, body, status) => {
    const answer = await fetch(`${workspace.url}/click`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    expect(answer.status).toBe(status);
    expect(app.received).toEqual([]);
  });
});

/** Posts a card with one button; its ts. */
async function card(token = workspace.slack.apps.listener.token): Promise<string> {
  const button = {
    type: 'button',
    action_id: 'go',
    value: 'v1',
    text: { type: 'plain_text', text: 'Go' },
  };
  const answer = await fetch(`${workspace.slackApiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({
      channel: workspace.channelId,
      text: 'card',
      blocks: JSON.stringify([{ type: 'actions', elements: [button] }]),
    }),
  });
  const { ts }: { ts: string } = JSON.parse(await answer.text());
  return ts;
}

function click(as: string, ts: string): Promise<unknown> {
  return post('/click', { as, channel: workspace.channelId, ts, action: 'go' });
}

async function openForm(): Promise<void> {
  const text = (words: string) => ({ type: 'plain_text', text: words });
  const element = { type: 'plain_text_input', action_id: 'text' };
  const opened = await app.call('views.open', {
    trigger_id: received()[0].payload['trigger_id'],
    view: {
      type: 'modal',
      title: text('Deny'),
      submit: text('Send'),
      blocks: [{ type: 'input', block_id: 'reason', label: text('Why?'), element }],
    },
  });
  expect(opened['ok']).toBe(true);
}

/** What reached the app, at least one. */
function received(): readonly [Received, ...Received[]] {
  const [first, ...more] = app.received;
  if (!first) throw new Error('nothing reached the app');
  return [first, ...more];
}

async function post(path: string, body: object): Promise<unknown> {
  const answer = await fetch(workspace.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function view(as: string): Promise<WorkspaceView> {
  return JSON.parse(await (await fetch(`${workspace.url}/view.json?as=${as}`)).text());
}
