import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf, percentDecode, queryPairs, sha256Hex } from '../aws/canonical-request.ts';
import { faultQueue } from '../http/fault-queue.ts';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import { authorize } from './authorize.ts';
import { deployments } from './deployments.ts';
import type { Deployments } from './deployments.ts';
import type { FakeGatewayOptions, GatewayFault } from './options.ts';

export interface GatewayCallSeen {
  readonly method: string;
  /** The request target, byte for byte. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What API Gateway refused before the service saw it. */
  readonly refused: string | undefined;
}

export interface FakeGateway {
  /** The address with its stage, as a pipeline names it. */
  readonly url: string;
  /** Without the stage. */
  readonly origin: string;
  readonly calls: readonly GatewayCallSeen[];
  readonly deployments: Deployments;
  /** Makes the next `times` calls of `GET /deploy` or `*` fail so. */
  fault(target: string, kind: GatewayFault, times?: number): void;
  /** Throws when a path was called that the service does not have, unless the test asked for it. */
  expectNoUnknown(): void;
  expectUnknown(): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** Starts a service behind API Gateway: a stage in the path, SigV4, the quotas, and the errors of its documentation. */
export async function startFakeGateway(options: FakeGatewayOptions = {}): Promise<FakeGateway> {
  const stage = options.stage ?? 'prod';
  const base = stage === '' ? '' : `/${stage}`;
  const calls: GatewayCallSeen[] = [];
  const faults = faultQueue<GatewayFault>();
  const service = deployments(options.states ?? ['queued', 'running', 'done']);
  let unknown: string[] = [];
  const server = await listen(async (req, res) => {
    const body = await readBody(req);
    const target = req.url ?? '';
    const path = pathOf(target);
    const refused = path.startsWith(`${base}/`) ? authorize(req, body, options) : missing;
    calls.push({
      method: req.method ?? '',
      target,
      headers: req.headers,
      body: body.toString(),
      refused: refused?.type,
    });
    res.setHeader('date', new Date(Date.now() + (options.aheadMs ?? 0)).toUTCString());
    res.setHeader('x-amzn-requestid', '7f1d0c8e-0000-4000-8000-000000000001');
    if (refused) return sendRefusal(res, refused);
    const fault = faults.take(`${req.method} ${path.slice(base.length)}`);
    if (fault !== undefined && failBefore(fault, req, res)) return;
    const reply = answer(req, path.slice(base.length), body, service);
    if (reply === undefined) {
      unknown.push(`${req.method} ${target}`);
      return sendRefusal(res, missing);
    }
    send(res, reply, fault);
  });
  return {
    url: `${server.origin}${base}`,
    origin: server.origin,
    calls,
    deployments: service,
    fault: (target, kind, times) => faults.add(target, kind, times),
    expectNoUnknown() {
      if (unknown.length > 0) throw new Error(`the service has no ${unknown.join(', ')}`);
    },
    expectUnknown: () => void (unknown = []),
    close: () => server.close(),
  };
}

const missing = {
  status: 403,
  type: 'MissingAuthenticationTokenException',
  message: 'Missing Authentication Token',
};

function sendRefusal(res: ServerResponse, { status, type, message }: typeof missing): void {
  res
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
    .end(JSON.stringify({ message }));
}

function failBefore(fault: GatewayFault, req: IncomingMessage, res: ServerResponse): boolean {
  if (fault === 'reset') req.socket.resetAndDestroy();
  else if (typeof fault === 'object')
    res
      .writeHead(fault.http, { 'content-type': 'application/json', ...fault.headers })
      .end(JSON.stringify(fault.body ?? { message: 'injected' }));
  return fault === 'hang' || fault === 'reset' || typeof fault === 'object';
}

function send(
  res: ServerResponse,
  { status, headers, body = '' }: Reply,
  fault: GatewayFault | undefined,
): void {
  if (fault === 'lost') return void res.socket?.resetAndDestroy();
  const bytes = Buffer.from(body);
  res.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  if (fault === undefined) return void res.end(bytes);
  if (fault === 'cut')
    return void res.write(bytes.subarray(0, bytes.length / 2), () => res.socket?.resetAndDestroy());
  let at = 0;
  const timer = setInterval(() => {
    if (res.destroyed || at >= bytes.length) return clearInterval(timer);
    res.write(bytes.subarray(at, at + 1));
    at += 1;
    if (at === bytes.length) res.end();
  }, 100);
}

function answer(req: IncomingMessage, path: string, body: Buffer, service: Deployments): Reply | undefined {
  const route = `${req.method} ${path}`;
  if (route === 'POST /deploy') {
    const key = req.headers['idempotency-key'];
    const made = service.begin(JSON.parse(body.toString()), typeof key === 'string' ? key : undefined);
    return json(202, { id: made.id, status: made.state });
  }
  const id = /^GET \/deploy\/([\w-]+)$/.exec(route)?.[1];
  if (id !== undefined) {
    const found = service.look(id);
    return found ? json(200, { id, status: found.state }) : json(404, { message: `no deployment ${id}` });
  }
  if (path.startsWith('/echo')) return echo(req, path, body);
  return fixed(route);
}

function fixed(route: string): Reply | undefined {
  switch (route) {
    case 'GET /text':
      return {
        status: 200,
        headers: { 'content-type': 'text/plain', 'set-cookie': ['session=sensitive-cookie'] },
        body: 'all well',
      };
    case 'GET /bytes':
      return {
        status: 200,
        headers: { 'content-type': 'application/octet-stream' },
        body: Buffer.from([0, 255, 128, 10]),
      };
    case 'GET /odd':
      return { status: 200, headers: { 'content-type': 'text/plain; name=\u00e9' }, body: 'odd' };
    case 'GET /list':
      return json(200, [1, 2, 3]);
    case 'GET /huge':
      return {
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: Buffer.alloc(10 * 1024 * 1024 + 1, 'x'),
      };
    case 'GET /moved':
      return { status: 302, headers: { location: 'http://127.0.0.1:1/stolen?token=sensitive-location' } };
    case 'POST /refuse':
      return json(400, { message: 'namespace is\u001b[31m unknown\nsecond line', trace: 'sensitive-trace' });
    case 'DELETE /deploy/d-1':
      return { status: 204 };
    default:
      return undefined;
  }
}

// What arrived, as a service sees it: decoded once.
function echo(req: IncomingMessage, path: string, body: Buffer): Reply {
  const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');
  return json(200, {
    method: req.method,
    parts: path
      .split('/')
      .slice(2)
      .map((part) => text(percentDecode(part))),
    query: queryPairs(req.url ?? '').map((pair) => pair.map(text)),
    type: req.headers['content-type'],
    sha256: sha256Hex(body),
    body: body.toString(),
  });
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
