import { createHmac } from 'node:crypto';

export interface SignOptions {
  readonly secret: string;
  /** Seconds, as the header says them; default now. */
  readonly timestamp?: string;
}

/** The headers by which Slack signs a body, as docs.slack.dev describes them, written apart from the code under test. */
export function signSlack(body: string | Buffer, { secret, timestamp }: SignOptions): Record<string, string> {
  const at = timestamp ?? String(Math.floor(Date.now() / 1000));
  const base = Buffer.concat([Buffer.from(`v0:${at}:`), Buffer.from(body)]);
  return {
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(base).digest('hex')}`,
  };
}

/** The form that carries a payload. */
export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
