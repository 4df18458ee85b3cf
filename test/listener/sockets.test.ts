import { expect, test } from 'vitest';
import { createHttp } from '../../src/kit/http.ts';
import { silentLog } from '../../src/kit/log.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { instantClock } from '../support/instant-clock.ts';
import { BASE, withListener } from '../support/listener.ts';
import type { RunningListener } from '../support/listener.ts';

/** Runs a listener whose app is in Socket Mode; `more` goes into its section `slack`. */
async function withSockets(
  use: (slack: FakeSlack, listener: RunningListener) => Promise<void>,
  more = '',
): Promise<void> {
  const slack = await startFakeSlack();
  slack.setSocketMode('listener');
  const { token, appToken } = slack.apps.listener;
  const section = `slack: { bot_token: ${token}, app_token: ${appToken}, mode: socket, api_url: "${slack.apiUrl}"${more} }`;
  try {
    await withListener({ config: `${BASE}${section}` }, async (listener) => {
      await slack.when(() => slack.sockets.connections('listener').length === 2);
      await use(slack, listener);
    });
    slack.expectNoUnknown();
  } finally {
    await slack.close();
  }
}

test('takes clicks through sockets, with no address for Slack and no signing secret', () =>
  withSockets(async (slack, { origin, logged }) => {
    const ports = { http: createHttp({}), clock: instantClock(), log: silentLog };
    const own = createSlack({ token: new Secret(slack.apps.listener.token), apiUrl: slack.apiUrl }, ports);
    const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }];
    const message = { channel: 'C0RELEASES1', text: 'x', blocks: [{ type: 'actions', elements }] };
    await own.call('chat.postMessage', message, 'once');
    await logged('Slack knows us');
    const clicked = await slack.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001' });
    expect(clicked).toMatchObject({ status: 200, warning: undefined });
    await logged('Slack sent what nothing here handles: block_actions:go');
    expect((await fetch(`${origin}/slack/interactions`, { method: 'POST' })).status).toBe(404);
    expect(await (await fetch(`${origin}/metrics`)).text()).toContain('listener_slack_socket_connections 2');
    expect(await (await fetch(`${origin}/ready`)).json()).toMatchObject({ checks: { sockets: true } });
  }));

test('still takes what the app of pipelines posts', () =>
  withSockets(async (_, { origin }) => {
    const answer = await fetch(`${origin}/slack/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'payload=%7B%7D',
    });
    expect([answer.status, await answer.text()]).toEqual([
      401,
      'the header x-slack-request-timestamp is missing\n',
    ]);
  }, ', pipeline_app: { app_id: A0APP000001, signing_secret: sensitive-signing-secret-of-pipelines }'));

test('closes its sockets when it stops', () =>
  withSockets(async (slack, { signal, ended }) => {
    signal('SIGTERM');
    expect(await ended()).toBe(0);
    await slack.when(() => slack.sockets.connections('listener').length === 0);
  }));
