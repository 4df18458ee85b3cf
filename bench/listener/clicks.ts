import { payloadForm, signSlack } from '../../test/support/sign-slack.ts';
import { clickPayload, TEAM } from '../../test/support/slack-payloads.ts';
import { CHANNEL } from './requests.ts';
import type { Card } from './requests.ts';

export const SIGNING_SECRET = 'a-signing-secret-of-the-bench';

/** A click on Approve as the bytes of a request, signed now; made before the clock runs, so that only sending is timed. */
export function clickRequest({ value, ts }: Card, user: string, slackOrigin: string): Buffer {
  const body = payloadForm(
    clickPayload('approval:approve', {
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: TEAM },
      container: { type: 'message', message_ts: ts, channel_id: CHANNEL, is_ephemeral: false },
      channel: { id: CHANNEL, name: 'releases' },
      message: { ts, text: 'Approve?' },
      response_url: `${slackOrigin}/actions/${value}`,
      actions: [
        {
          type: 'button',
          action_id: 'approval:approve',
          block_id: 'buttons',
          value,
          text: { type: 'plain_text', text: 'Approve' },
          action_ts: (Date.now() / 1000).toFixed(6),
        },
      ],
    }),
  );
  const headers = {
    host: '127.0.0.1',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
    ...signSlack(body, { secret: SIGNING_SECRET }),
  };
  return rawRequest('POST', '/slack/interactions', headers, body);
}

/** A request of HTTP/1.1 as bytes. */
export function rawRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
