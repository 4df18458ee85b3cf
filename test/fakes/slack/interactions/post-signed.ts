import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** A request as Slack sends it, kept so that it can be sent again. */
export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** What came back, or why nothing did. */
export interface Acknowledgement {
  /** Undefined when no answer came in time. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the first byte sent to the last received. */
  readonly ms: number;
  /** What Slack would tell the person: `operation_timeout`, `http_500`, `connection_failed`. */
  readonly warning: string | undefined;
}

/** `v0=` and the HMAC-SHA256 of `v0:timestamp:body`, in hex (docs.slack.dev, Verifying requests from Slack). */
export function signatureOf(secret: string, timestamp: string, body: Buffer): string {
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body);
  return `v0=${mac.digest('hex')}`;
}

/** The request with Slack's headers. `timestamp` is in seconds. */
export function signedRequest(
  url: string,
  given: {
    readonly secret: string;
    readonly timestamp: string;
    readonly body: Buffer;
    readonly type?: string;
  },
): SignedRequest {
  const { secret, timestamp, body } = given;
  return {
    url,
    headers: {
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: 'application/json,*/*',
      'content-type': given.type ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(secret, timestamp, body),
    },
    body,
  };
}

/** Sends a request and waits for its whole answer, at most `withinMs`. Never rejects. */
export function postSigned(signed: SignedRequest, withinMs: number): Promise<Acknowledgement> {
  const start = performance.now();
  return new Promise((resolve) => {
    const end = (answer: Partial<Acknowledgement>) =>
      resolve({
        status: undefined,
        headers: {},
        body: '',
        warning: undefined,
        ...answer,
        ms: performance.now() - start,
      });
    const send = signed.url.startsWith('https:') ? tlsRequest : request;
    const outgoing = send(signed.url, {
      method: 'POST',
      agent: false,
      headers: { ...signed.headers, 'content-length': String(signed.body.length) },
    });
    const timer = setTimeout(() => {
      end({ warning: 'operation_timeout' });
      outgoing.destroy();
    }, withinMs);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.on('error', () => end({ warning: 'connection_failed' }));
    outgoing.on('response', (incoming) => {
      readAll(incoming).then(
        (body) => end({ ...answered(incoming), body }),
        () => end({ ...answered(incoming), warning: 'connection_failed' }),
      );
    });
    outgoing.end(signed.body);
  });
}

function answered(incoming: IncomingMessage): Partial<Acknowledgement> {
  const status = incoming.statusCode ?? 0;
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return {
    status,
    headers: Object.fromEntries(headers),
    warning: status >= 200 && status < 300 ? undefined : `http_${status}`,
  };
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
