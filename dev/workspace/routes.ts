import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Changes } from './changes.ts';
import { isLocalRequest } from './loopback.ts';
import type { Asset } from './page-assets.ts';
import { readView } from './read-view.ts';
import { receiveUpload } from './receive-upload.ts';
import { serveFile } from './serve-file.ts';
import { serveSlackApi } from './slack-api.ts';

export interface WorkspaceParts {
  /** emulate's Slack. */
  readonly slackUrl: string;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly changes: Changes;
  /** The channel that opens first. */
  readonly channel: string;
}

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Answers the page, clients of the Web API, and uploads. Only requests that come from this machine and its own pages. */
export function answerRequest(parts: WorkspaceParts): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const answered = isLocalRequest(request) ? route(request, response, parts) : refuse(response);
    answered.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 502, `the workspace failed: ${String(error)}`);
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
  if (area === 'api') {
    await serveSlackApi(request, response, { emulate: parts.slackUrl, public: publicUrl });
    return parts.changes.announce();
  }
  if (area === 'upload') return receiveUpload(request, response, parts.slackUrl);
  if (area === 'click' && request.method === 'POST') return say(response, 501, 'Clickable with the listener');
  if (request.method !== 'GET') return say(response, 405, 'GET only');

  if (area === 'view.json') return sendView(response, parts, searchParams.get('channel') ?? parts.channel);
  if (area === 'changes') return parts.changes.subscribe(response);
  if (area === 'files') return serveFile(response, parts.slackUrl, first);
  if (area === 'archives') return openPermalink(response, first, second);
  const asset = parts.assets.get(pathname);
  return asset ? say(response, 200, asset.body, asset.type) : say(response, 404, 'nothing here');
}

async function sendView(response: ServerResponse, parts: WorkspaceParts, channel: string): Promise<void> {
  const view = await readView(parts.slackUrl, channel, parts.channel);
  say(response, 200, JSON.stringify(view), 'application/json');
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
