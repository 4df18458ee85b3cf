import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import { isRecord } from './arguments.ts';
import { api } from './testing.ts';
import type { FakeSlack } from './server.ts';

/** What Slack posted to an app. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Of an interaction its payload, else the form or the JSON. */
  readonly payload: Record<string, unknown>;
}

/** An app with one address, which takes everything and answers as told. */
export interface TestApp {
  readonly url: string;
  readonly received: readonly Received[];
  /** Default: an empty 200. */
  respond: (res: ServerResponse, one: Received) => void;
  /** Calls the Web API as the listener's app. */
  readonly call: (method: string, args: Record<string, unknown>) => Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Starts an app and gives its address to the listener's app of the fake. */
export async function startTestApp(slack: FakeSlack): Promise<TestApp> {
  const received: Received[] = [];
  const server = await listen(async (req, res) => {
    const body = await readBody(req);
    const one = { headers: req.headers, body, payload: payloadOf(body) };
    received.push(one);
    app.respond(res, one);
  });
  const app: TestApp = {
    url: `${server.origin}/slack/interactions`,
    received,
    respond: (res) => void res.writeHead(200).end(),
    call: (method, args) => api(slack, method, args, { token: slack.apps.listener.token }),
    close: () => server.close(),
  };
  slack.setRequestUrl('listener', app.url);
  return app;
}

/** Answers with JSON. */
export function json(body: unknown): TestApp['respond'] {
  return (res) => void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function payloadOf(body: Buffer): Record<string, unknown> {
  const text = body.toString('utf8');
  if (text.startsWith('{')) return parsed(text);
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : parsed(payload);
}

function parsed(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}
