import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import { payloadForm, signSlack } from '../support/sign-slack.ts';
import { clickPayload } from '../support/slack-payloads.ts';
import { ALICE, BOB, doorOf, press, shows } from './attack/door.ts';

/** A click in its bytes: the headers with half of the body, and the rest. */
function halves(payload: unknown, secret: string): readonly [string, string] {
  const body = payloadForm(payload);
  const headers = {
    host: '127.0.0.1',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
    ...signSlack(body, { secret }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /slack/interactions HTTP/1.1\r\n${lines.join('')}\r\n`;
  return [head + body.slice(0, 100), body.slice(100)];
}

test('a click that comes in while the server closes is saved before the store closes', () =>
  withListenerProcess({ server: { shutdown_delay: '15s' } }, async (listener) => {
    const { slack, url } = listener;
    const door = doorOf(listener, slack);
    const { id, card } = await door.ask();
    await press(slack, card, 'Approve', { by: ALICE });
    await door.becomes(id, 'approved');
    const { blocks } = await shows(slack, card, 'Take back');
    const value = /"value":"([^"]+)"/.exec(JSON.stringify(blocks))?.[1];
    await listener.stop('SIGKILL');
    // Nobody is known any more: the handler asks Slack, and is acknowledged before it has ended.
    await listener.start();
    slack.fault('users.info', 'hang');
    const payload = clickPayload('approval:take_back', {
      api_app_id: slack.apps.listener.id,
      user: { id: BOB, username: 'bob', name: 'bob', team_id: 'T0TEAM00001' },
      container: { type: 'message', message_ts: card.ts, channel_id: card.channel, is_ephemeral: false },
      channel: { id: card.channel, name: 'releases' },
      message: { ts: card.ts, text: 'Approved' },
      response_url: `${url}/nowhere`,
      actions: [{ type: 'button', action_id: 'approval:take_back', value, action_ts: '1700000001.000100' }],
    });
    const [first, rest] = halves(payload, slack.apps.listener.signingSecret);
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    await new Promise((resolve) => socket.write(first, resolve));
    listener.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(503);
    listener.signal('SIGTERM');
    // Nothing more is accepted: the server closes, and waits for the rest of this request alone.
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    socket.write(rest);
    await expect.poll(() => listener.log()).toContain('"msg":"stopped"');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect((await listener.verb('show', id)).stdout).toContain('withdrawn');
    socket.destroy();
  }));
