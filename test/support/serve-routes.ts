import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Incoming, Outgoing, Route } from '../../src/kit/incoming.ts';
import { listen } from '../fakes/http/listen.ts';

export interface ServedRoutes {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Every answer that was sent, oldest first. */
  readonly answers: readonly { readonly method: string; readonly path: string; readonly status: number }[];
  close(): Promise<void>;
}

/** Serves routes on loopback by node:http alone: path, parameters, body limit, and the signal of a caller who has left. */
export async function serveRoutes(routes: readonly Route[]): Promise<ServedRoutes> {
  const answers: { method: string; path: string; status: number }[] = [];
  const server = await listen(async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://served.invalid');
    const method = req.method ?? 'GET';
    const outgoing = await answerTo(routes, { req, res, url, method });
    answers.push({ method, path: url.pathname, status: outgoing.status });
    send(res, outgoing);
  });
  return { origin: server.origin, answers, close: () => server.close() };
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  readonly method: string;
}

async function answerTo(routes: readonly Route[], exchange: Exchange): Promise<Outgoing> {
  const { req, res, url, method } = exchange;
  for (const route of routes) {
    const params = matchPath(route.path, url.pathname);
    if (params === undefined || route.method !== method) continue;
    const body = await readUpTo(req, route.bodyLimit);
    if (body === undefined) return { status: 413, body: 'the body is too long' };
    const left = new AbortController();
    res.once('close', () => left.abort(new Error('the caller has left')));
    const request: Incoming = {
      method,
      route: route.path,
      params,
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
      body,
      remote: req.socket.remoteAddress ?? '',
      signal: left.signal,
    };
    return route.handle(request);
  }
  return { status: 404, body: 'no such route' };
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, step] of wanted.entries()) {
    const value = given[at] ?? '';
    if (step.startsWith(':') && value !== '') params[step.slice(1)] = decodeURIComponent(value);
    else if (step !== value) return undefined;
  }
  return params;
}

async function readUpTo(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}

function send(res: ServerResponse, { status, headers = {}, body }: Outgoing): void {
  if (typeof body === 'object') {
    res
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body));
    return;
  }
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body ?? '');
}
