import http from 'node:http';
import type https from 'node:https';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { messageOf, systemCode } from './fault.ts';
import type { Fault } from './fault.ts';
import { proxyFor } from './proxy.ts';

/** A stream whose length is known, so that it is sent with `content-length` and back-pressure, never chunked. */
export interface SizedStream {
  readonly stream: Readable;
  readonly length: number;
  /** Told the number of bytes of each chunk as it is handed to the socket. */
  readonly onBytes?: (count: number) => void;
  /** The Fault for a stream that breaks off: whose trouble that is, only its owner knows. */
  readonly unreadable?: (cause: Error) => Fault;
}

export interface HttpRequest {
  readonly method: string;
  /** The target exactly as it is to be sent: an origin, and a path that is not normalised any more. */
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | SizedStream;
  /** A connection of its own, for calls that must not be sent into a socket the other side has just closed. */
  readonly fresh?: boolean;
  /** Milliseconds without any progress (connecting, sending, waiting for the answer) before giving up. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What to do about a host whose certificate is not trusted. */
export const UNTRUSTED_HINT =
  "that host's certificate comes from a CA which the worker does not know: add the CA to the worker's certificates (--certs-dir)";

/** No answer came. `sent` says whether the other side may have seen the request: only `false` proves it did not. */
export class HttpFailure extends Error {
  readonly sent: boolean;
  readonly timedOut: boolean;
  /** True when the other side's certificate comes from a CA that nobody here knows. */
  readonly untrusted: boolean;

  constructor(message: string, details: { sent: boolean; timedOut: boolean; cause: unknown }) {
    super(message, { cause: details.cause });
    this.name = 'HttpFailure';
    this.sent = details.sent;
    this.timedOut = details.timedOut;
    this.untrusted = UNTRUSTED.has(systemCode(details.cause) ?? '');
  }
}

/** The cause of an HttpFailure for an answer that is longer than its reader takes. */
export class TooLong extends Error {}

/** One HTTP request, without retries and without following redirects. Rejects with HttpFailure, or with the signal's reason. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

const IDLE_MS = 30_000;

/** The HTTP client of a process: lower-case proxy variables, the worker's CAs, kept connections. */
export function createHttp(env: NodeJS.ProcessEnv): Http {
  const agents = new Map<string, Promise<http.Agent>>();
  return async (request) => exchange(request, await agentFor(request, agents, env));
}

async function agentFor(
  request: HttpRequest,
  agents: Map<string, Promise<http.Agent>>,
  env: NodeJS.ProcessEnv,
): Promise<http.Agent> {
  try {
    const key = `${request.origin.startsWith('https:')} ${request.fresh === true} ${proxyFor(request.origin, env)}`;
    const agent = agents.get(key) ?? makeAgent(request.origin, request.fresh !== true, env);
    agents.set(key, agent);
    return await agent;
  } catch (cause) {
    throw new HttpFailure(messageOf(cause), { sent: false, timedOut: false, cause });
  }
}

/** An agent for an origin: through the proxy where there is one for it, trusting the worker's CAs (C18). */
export async function makeAgent(
  origin: string,
  keepAlive: boolean,
  env: NodeJS.ProcessEnv,
): Promise<http.Agent> {
  const proxy = proxyFor(origin, env);
  const options = { keepAlive, maxSockets: 16 };
  if (!origin.startsWith('https:'))
    return new http.Agent(proxy === undefined ? options : { ...options, proxyEnv: { http_proxy: proxy } });
  const [tls, { trustedCertificates }] = await Promise.all([import('node:https'), import('./trust.ts')]);
  const ca = trustedCertificates(env);
  return new tls.Agent({
    ...options,
    ...(proxy !== undefined && { proxyEnv: { https_proxy: proxy } }),
    ...(ca && { ca }),
  });
}

async function exchange(request: HttpRequest, agent: http.Agent): Promise<HttpResponse> {
  request.signal?.throwIfAborted();
  const secure = request.origin.startsWith('https:');
  const client: Pick<typeof https, 'request'> = secure ? await import('node:https') : http;
  const outgoing = client.request(optionsOf(request, agent));
  const state = { sent: false, timedOut: false };

  outgoing.once('socket', (socket) => {
    // A tunnel through a proxy is handed over when it stands, a kept connection too: from then on bytes may be out.
    if (!socket.connecting) state.sent = true;
    else socket.once(secure ? 'secureConnect' : 'connect', () => (state.sent = true));
  });
  let body: IncomingMessage | undefined;
  const idleMs = request.idleMs ?? IDLE_MS;
  outgoing.once('timeout', function silent() {
    const { socket } = outgoing;
    const seen = socket?.bytesRead;
    // Bytes that nobody has fetched yet: the reader is the slow one, and the server waits for it. It may go on this moment.
    setImmediate(() => {
      if (body && (body.readableLength > 0 || socket?.bytesRead !== seen)) {
        socket?.once('timeout', silent).setTimeout(idleMs);
        return;
      }
      state.timedOut = true;
      outgoing.destroy(new Error(`no answer for ${idleMs / 1000} s`));
    });
  });
  const answer = new Promise<HttpResponse>((resolve, reject) => {
    const fail = (error: Error) => {
      if (request.signal?.aborted) reject(asError(request.signal.reason));
      else reject(new HttpFailure(describe(error), { ...state, cause: error }));
    };
    outgoing.once('error', fail);
    // A 101 that nobody asked for closes without an error.
    outgoing.once('close', () => fail(new Error('the connection closed without an answer')));
    // Before there is a socket nothing is noticed: neither silence in a proxy's tunnel, nor an abort.
    const giveUp = (error: Error) => {
      if (outgoing.socket) return;
      clearInterval(watch);
      outgoing.destroy(error);
      fail(error);
    };
    request.signal?.addEventListener('abort', () => giveUp(new Error('aborted')), { once: true });
    const watch = setInterval(() => {
      const waitsForItsTurn = Object.values(agent.requests).some((queue) => queue?.includes(outgoing));
      if (waitsForItsTurn) return;
      state.timedOut = true;
      giveUp(new Error(`no connection for ${idleMs / 1000} s`));
    }, idleMs);
    for (const end of ['socket', 'error', 'close'] as const) outgoing.once(end, () => clearInterval(watch));
    outgoing.once('response', (message) => {
      body = message;
      resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message });
    });
  });
  sendBody(outgoing, request.body);
  return answer;
}

function optionsOf(request: HttpRequest, agent: http.Agent): RequestOptions {
  const url = new URL(request.origin);
  return {
    agent,
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || undefined,
    path: request.path,
    headers: { ...lengthOf(request.body), ...request.headers },
    timeout: request.idleMs ?? IDLE_MS,
    ...(request.signal && { signal: request.signal }),
  };
}

function lengthOf(body: HttpRequest['body']): Record<string, string> {
  if (body === undefined) return {};
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  return { 'content-length': String(length) };
}

function sendBody(outgoing: http.ClientRequest, body: HttpRequest['body']): void {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    outgoing.end(body);
    return;
  }
  const { stream, onBytes } = body;
  // It broke before anybody listened, and will not say so again.
  if (stream.errored) {
    outgoing.destroy(stream.errored);
    return;
  }
  stream.once('error', (error) => outgoing.destroy(error));
  for (const end of ['error', 'close'] as const) outgoing.once(end, () => stream.destroy());
  if (onBytes) stream.on('data', (chunk: Buffer) => onBytes(chunk.length));
  stream.pipe(outgoing);
}

// `write EPROTO 40F3:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/…:78:` and a line break.
const OPENSSL = /^.*:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):.*$/s;
/** What TLS says when the other side speaks plain HTTP. */
const PLAIN = /^(?:wrong version number|packet length too long|http request)$/;

function describe(error: Error): string {
  const code = systemCode(error);
  const told = 'errors' in error && Array.isArray(error.errors) ? messageOf(error.errors[0]) : error.message;
  const tls = OPENSSL.exec(told)?.[1];
  if (tls !== undefined) return `TLS failed: ${tls}${PLAIN.test(tls) ? ': is it an http address?' : ''}`;
  // Node's advice is for those who start Node themselves.
  const inner = told.replace(/; if the root CA is installed locally.*$/, '');
  return (code && !inner.includes(code) ? `${inner} (${code})` : inner) || 'connection failed';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** The whole body as text, at most `limit` bytes. Rejects with HttpFailure when it is longer or breaks off. */
export async function readText(response: HttpResponse, limit?: number): Promise<string> {
  return (await readBytes(response, limit)).toString('utf8');
}

/** The whole body, at most `limit` bytes. Rejects with HttpFailure when it is longer or breaks off. */
export function readBytes({ body }: HttpResponse, limit = 5 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // By events: an async iterator loads more of Node than a put otherwise needs.
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) body.destroy(new TooLong(`the answer is longer than ${limit} bytes`));
    });
    body.once('end', () => resolve(Buffer.concat(chunks)));
    const broke = (cause: unknown) => {
      const message = `the answer broke off: ${messageOf(cause)}`;
      reject(new HttpFailure(message, { sent: true, timedOut: false, cause }));
    };
    body.once('error', broke);
    body.once('close', () => broke(new Error('closed before its end')));
  });
}
