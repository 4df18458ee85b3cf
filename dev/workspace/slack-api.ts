import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { acceptHashNames } from './accept-hash-names.ts';
import { answerUnknownMethod } from './answer-unknown-method.ts';

/** One call of the Web API on its way to emulate, body as sent. */
export interface SlackCall {
  readonly method: string;
  readonly contentType: string;
  readonly body: string;
}

export interface SlackAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Hands a Web API call to emulate and its answer back, after the few corrections that a client of the real Slack relies on.
 * Addresses in the answer (upload URLs, permalinks) are turned from emulate's into `publicUrl`.
 */
export async function serveSlackApi(
  request: IncomingMessage,
  response: ServerResponse,
  urls: { readonly emulate: string; readonly public: string },
): Promise<void> {
  const target = new URL(request.url ?? '/', urls.emulate);
  const call = acceptHashNames({
    method: target.pathname.slice('/api/'.length),
    contentType: request.headers['content-type'] ?? '',
    body: await text(request),
  });
  const answer = answerUnknownMethod(await callEmulate(request, target, call));
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(answer.body.replaceAll(urls.emulate, urls.public));
}

async function callEmulate(request: IncomingMessage, target: URL, call: SlackCall): Promise<SlackAnswer> {
  const headers = new Headers({ 'content-type': call.contentType });
  const { authorization } = request.headers;
  if (authorization !== undefined) headers.set('authorization', authorization);
  const answer = await fetch(target, {
    method: request.method ?? 'GET',
    headers,
    body: request.method === 'POST' ? call.body : null,
  });
  return { status: answer.status, body: await answer.text() };
}
