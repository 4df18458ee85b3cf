import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { messageOf } from '../../src/kit/fault.ts';
import type { FakeSlack } from '../../test/fakes/slack/server.ts';
import type { Act } from './act.ts';
import type { Changes } from './changes.ts';
import { isLocalRequest } from './loopback.ts';
import type { Asset } from './page-assets.ts';
import { readView } from './read-view.ts';
import type { SeededChannel } from './seed.ts';
import { serveFile } from './serve-file.ts';

export interface WorkspaceParts {
  readonly slack: FakeSlack;
  readonly act: Act;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly changes: Changes;
  /** The first one opens first. */
  readonly channels: readonly SeededChannel[];
}

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Answers the page and what is done on it. Only requests that come from this machine and its own pages. */
export function answerRequest(parts: WorkspaceParts): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const answered = isLocalRequest(request) ? route(request, response, parts) : refuse(response);
    answered.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 400, messageOf(error));
    });
  };
}

async function refuse(response: ServerResponse): Promise<void> {
  say(response, 403, 'loopback only');
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  parts: WorkspaceParts,
): Promise<void> {
  const publicUrl = `http://${request.headers.host ?? ''}`;
  const { pathname, searchParams } = new URL(request.url ?? '/', publicUrl);
  const [, area = '', first = '', second = ''] = pathname.split('/');
  if (request.method === 'POST') return act(request, response, parts, area);
  if (request.method !== 'GET') return say(response, 405, 'GET and POST only');

  if (area === 'view.json') {
    const wanted = { channel: searchParams.get('channel'), as: searchParams.get('as') };
    const view = readView(parts.slack, parts.channels, wanted);
    return say(response, 200, JSON.stringify(view), 'application/json');
  }
  if (area === 'changes') return parts.changes.subscribe(response);
  if (area === 'files') return serveFile(response, parts.slack, first);
  if (area === 'archives') return openPermalink(response, first, second);
  const asset = parts.assets.get(pathname);
  return asset ? say(response, 200, asset.body, asset.type) : say(response, 404, 'nothing here');
}

// JSON alone: a form of another site could send text without being asked for leave.
async function act(
  request: IncomingMessage,
  response: ServerResponse,
  { act: doing, changes }: WorkspaceParts,
  area: string,
): Promise<void> {
  const done = area === 'click' || area === 'submit' || area === 'close' ? doing[area] : undefined;
  if (!done) return say(response, 404, 'nothing here');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return say(response, 415, 'JSON only');
  const outcome = await done(await json(request));
  changes.announce();
  say(response, 200, JSON.stringify(outcome), 'application/json');
}

// `/archives/C123/p1700000000000100` is what chat.getPermalink gives; the page knows messages as `#m1700000000.000100`.
function openPermalink(response: ServerResponse, channel: string, message: string): void {
  const ts = message.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  response
    .writeHead(302, { location: `/?channel=${encodeURIComponent(channel)}#m${encodeURIComponent(ts)}` })
    .end();
}

function say(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
