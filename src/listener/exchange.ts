import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault, messageOf } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { errorAnswer, INSECURE, TOO_MANY_BODIES } from './answers.ts';
import { createBodyBudget } from './body-budget.ts';
import { holderOf } from './caller.ts';
import type { Incoming, Outgoing, Route } from '../kit/incoming.ts';
import { createRateLimit } from './rate-limit.ts';
import { callerOf, createRemoteOf } from './remote.ts';
import type { ServerOptions } from './server.ts';

/** One request and its answer, between the HTTP server and the domains. */
export interface Exchange {
  /** Before the body is read: a token over plain http and callers over their limit are refused. */
  admit(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<void>;
  handle(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<FastifyReply>;
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: Outgoing,
    route: string,
  ): Promise<FastifyReply>;
  /** What the server refuses by itself, and what a domain throws. */
  fail(request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<FastifyReply>;
}

export function createExchange(options: ServerOptions, stopping: AbortSignal): Exchange {
  const { config, log, clock, metrics } = options;
  const { tokens, server } = config;
  const remoteOf = createRemoteOf(server.trustedProxies);
  const limit = createRateLimit(clock);
  const bodies = createBodyBudget();
  const open = new Set<AbortController>();
  stopping.addEventListener('abort', () => {
    for (const each of open) each.abort(stopping.reason);
  });
  const who = ({ raw, headers }: FastifyRequest) =>
    remoteOf(raw.socket.remoteAddress, headers['x-forwarded-for'], headers['x-forwarded-proto']);

  const overLimit = (request: FastifyRequest, address: string): Outgoing | undefined => {
    const holder = holderOf(request.headers.authorization, tokens);
    const by = holder ? 'token' : 'remote';
    const caller = holder ? `token ${holder.name}` : `remote ${callerOf(address)}`;
    const seconds = limit(caller, server.rateLimits[by]);
    if (seconds === undefined) return undefined;
    metrics.count('listener_http_rate_limited_total', { by });
    return errorAnswer(429, 'rate_limited', `too many requests: ask again in ${seconds} s`, {
      headers: { 'retry-after': String(seconds) },
    });
  };

  // Before a byte of the body is read; Slack's addresses take long ones, and know only afterwards whether Slack has sent them.
  const noRoom = (reply: FastifyReply, bytes: number, address: string): Outgoing | undefined => {
    const taken = bytes === 0 ? () => undefined : bodies.take(callerOf(address), bytes);
    if (taken === 'caller' || taken === 'all') {
      if (taken === 'caller') metrics.count('listener_http_rate_limited_total', { by: 'remote' });
      return TOO_MANY_BODIES;
    }
    reply.raw.once('close', taken);
    return undefined;
  };

  const answer: Exchange['answer'] = async (request, reply, { status, headers, body }, route) => {
    const seconds = reply.elapsedTime / 1000;
    metrics.count('listener_http_requests_total', { route, status: String(status) });
    metrics.observe('listener_http_request_seconds', { route }, seconds);
    const line = status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug';
    const ms = Math.round(seconds * 1000);
    log[line]('request', { method: request.method, route, status, ms, remote: who(request).address });
    // A body that is not read would have to be taken in before the next request.
    const ends = stopping.aborted || status === 413;
    return reply
      .code(status)
      .headers({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(body !== undefined && {
          'content-type':
            typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
        }),
        ...(ends && { connection: 'close' }),
        ...headers,
      })
      .send(typeof body === 'object' ? JSON.stringify(body) : (body ?? ''));
  };

  return {
    answer,
    async admit(request, reply, route) {
      const { address, secure } = who(request);
      const refusal =
        request.headers.authorization !== undefined && !secure
          ? INSECURE
          : route.rateLimit === 'none'
            ? undefined
            : overLimit(request, address);
      const told = refusal ?? noRoom(reply, bodyBytes(request.headers, route), address);
      if (told) await answer(request, reply, told, route.path);
    },
    async handle(request, reply, route) {
      const left = new AbortController();
      open.add(left);
      reply.raw.once('close', () => {
        open.delete(left);
        if (!reply.raw.writableEnded) left.abort(new Error('the caller has left'));
      });
      if (stopping.aborted) left.abort(stopping.reason);
      const incoming = incomingOf(request, route, who(request).address, left.signal);
      return answer(request, reply, await route.handle(incoming), route.path);
    },
    fail(request, reply, error) {
      const route = request.routeOptions.url ?? 'none';
      const told = answerTo(error, stopping.aborted);
      if (told) return answer(request, reply, told, route);
      const id = randomBytes(6).toString('hex');
      const stack = error instanceof Error ? error.stack : messageOf(error);
      log.error('unexpected', { id, method: request.method, route, error: stack });
      const message = `unexpected error ${id}: the listener's log has more under this id`;
      return answer(request, reply, errorAnswer(500, 'unavailable', message), route);
    },
  };
}

/** The answer to a failure that is expected; undefined is a bug. */
function answerTo(error: unknown, stopping: boolean): Outgoing | undefined {
  const status = isFastifyError(error) ? error.statusCode : undefined;
  if (status === 413) return errorAnswer(413, 'invalid', 'the body is too long');
  if (status !== undefined && status >= 400 && status < 500)
    return errorAnswer(status, 'invalid', 'the body or its headers are malformed');
  if (error instanceof Fault && error.code === 'STORE_UNAVAILABLE')
    return errorAnswer(503, 'unavailable', 'the store does not answer: ask again', {
      headers: { 'retry-after': '1' },
    });
  if (stopping)
    return errorAnswer(503, 'unavailable', 'the listener is restarting: ask again', {
      headers: { 'retry-after': '5' },
    });
  return undefined;
}

/** How long a body may become: as it says itself, or as long as the route takes. */
function bodyBytes(headers: FastifyRequest['headers'], { bodyLimit }: Route): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit;
  return Math.min(Number(headers['content-length'] ?? 0), bodyLimit);
}

function isFastifyError(error: unknown): error is { readonly statusCode: number } {
  return (
    isRecord(error) && String(error['code']).startsWith('FST_') && typeof error['statusCode'] === 'number'
  );
}

function incomingOf(request: FastifyRequest, route: Route, remote: string, signal: AbortSignal): Incoming {
  const { method, raw, body } = request;
  const [, query = ''] = (raw.url ?? '').split(/\?(.*)/s);
  return {
    method,
    route: route.path,
    params: isRecord(request.params) ? textsOf(request.params) : {},
    query: new URLSearchParams(query),
    headers: headersOf(request.headers),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    remote,
    signal,
  };
}

function textsOf(params: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

function headersOf(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
