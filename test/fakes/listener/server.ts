import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultQueue } from '../http/fault-queue.ts';
import { listen } from '../http/listen.ts';
import type { Listener } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import type { FakeApproval, FakeDecision } from './approval.ts';
import { isRecord } from './body.ts';
import { createDesk } from './desk.ts';
import type { Desk, FakeGate, Reply } from './desk.ts';

/** What happens to the next requests of a route: an answer of somebody else, none at all, or one that is lost after the act. */
export type ListenerFault =
  | 'hang'
  | 'reset'
  | 'lost'
  | 'garbage'
  | {
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly retryAfter?: number;
    };

export interface FakeRequest {
  /** `POST /v1/approvals/:id/detach` */
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
}

/** A listener's /v1 as the contract has it, in memory. Decisions are a test's to make. */
export interface FakeListener {
  readonly url: string;
  readonly token: string;
  readonly requests: readonly FakeRequest[];
  readonly approvals: readonly FakeApproval[];
  count(route?: string): number;
  /** The newest approval; throws when there is none. */
  last(): FakeApproval;
  vote(approval: FakeApproval, name: string): void;
  decide(approval: FakeApproval, decision: FakeDecision): void;
  fault(route: string, fault: ListenerFault, times?: number): void;
  /** Cuts every connection and stops listening; what it knows stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Throws when something was asked that the contract does not have. */
  expectNoUnknown(): void;
  close(): Promise<void>;
}

export interface FakeListenerOptions {
  readonly gates?: Readonly<Record<string, FakeGate>>;
  /** Path below which /v1 lies, such as `/approvals`. */
  readonly prefix?: string;
}

const TOKEN = 'sensitive-listener-token-0001';

export async function startFakeListener(options: FakeListenerOptions = {}): Promise<FakeListener> {
  const prefix = options.prefix ?? '';
  const faults = faultQueue<ListenerFault>();
  const requests: FakeRequest[] = [];
  const unknown: string[] = [];
  const desk = createDesk(options.gates ?? { release: {} });

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(req.url ?? '/', 'http://listener.test');
    const route = routeOf(req.method ?? '', url.pathname, prefix);
    const raw = await readBody(req);
    const body: unknown = raw.length === 0 ? undefined : JSON.parse(raw.toString('utf8'));
    requests.push({ route: route.name, path: req.url ?? '', body });
    const fault = faults.take(route.name);
    if (fault === 'hang') return;
    if (fault === 'reset') return void req.socket.destroy();
    if (fault === 'garbage')
      return void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
    if (fault !== undefined && fault !== 'lost') return send(res, faultReply(fault));
    if (!isAuthorized(req)) return send(res, error(401, 'unauthorized', 'the token is not known'));
    const reply = await answer(desk, route, body, url, res);
    if (reply.unknown !== undefined) unknown.push(reply.unknown);
    if (fault === 'lost') return void req.socket.destroy();
    if (!res.destroyed) send(res, reply);
  };

  let server: Listener = await listen(handle);
  const { port } = server;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    token: TOKEN,
    requests,
    approvals: desk.approvals,
    count: (route) => requests.filter((each) => route === undefined || each.route === route).length,
    last() {
      const last = desk.approvals.at(-1);
      if (!last) throw new Error('nobody has asked for an approval');
      return last;
    },
    vote: (approval, name) => desk.vote(approval, name),
    decide: (approval, decision) => desk.decide(approval, decision),
    fault: (route, fault, times) => faults.add(route, fault, times),
    stop: () => server.close(),
    async start() {
      server = await listen(handle, { port });
    },
    expectNoUnknown() {
      if (unknown.length > 0) throw new Error(`not in the contract: ${unknown.join('; ')}`);
    },
    close: () => server.close(),
  };
}

interface Matched {
  readonly name: string;
  readonly id: string;
}

const ROUTES: readonly (readonly [string, RegExp])[] = [
  ['POST /v1/approvals', /^\/v1\/approvals$/],
  ['GET /v1/approvals/:id', /^\/v1\/approvals\/([^/]+)$/],
  ['POST /v1/approvals/:id/detach', /^\/v1\/approvals\/([^/]+)\/detach$/],
  ['POST /v1/approvals/:id/withdraw', /^\/v1\/approvals\/([^/]+)\/withdraw$/],
  ['GET /v1/gates/:gate/decisions', /^\/v1\/gates\/([^/]+)\/decisions$/],
  ['POST /v1/claims', /^\/v1\/claims$/],
];

function routeOf(method: string, path: string, prefix: string): Matched {
  const below = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  for (const [name, pattern] of ROUTES) {
    const found = name.startsWith(`${method} `) ? pattern.exec(below) : null;
    if (found) return { name, id: decodeURIComponent(found[1] ?? '') };
  }
  return { name: `${method} ${path}`, id: '' };
}

function answer(
  desk: Desk,
  { name, id }: Matched,
  body: unknown,
  { searchParams: query }: URL,
  res: ServerResponse,
): Reply | Promise<Reply> {
  switch (name) {
    case 'POST /v1/approvals':
      return desk.open(body);
    case 'GET /v1/approvals/:id':
      return desk.view(id, query, res);
    case 'POST /v1/approvals/:id/detach':
      return desk.leave(id, 'detach', body);
    case 'POST /v1/approvals/:id/withdraw':
      return desk.leave(id, 'withdraw', body);
    case 'GET /v1/gates/:gate/decisions':
      return desk.decisions(id, query);
    case 'POST /v1/claims':
      return desk.claim(body);
    default:
      return { ...error(404, 'not_found', 'no such route'), unknown: name };
  }
}

function isAuthorized(req: IncomingMessage): boolean {
  const given = Buffer.from(req.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${TOKEN}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function faultReply(fault: Exclude<ListenerFault, string>): Reply {
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  if (fault.code === undefined) return { status: fault.status, body: {}, headers };
  return { ...error(fault.status, fault.code, fault.message ?? fault.code), headers };
}

/** An answer that says no. */
export function error(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}

function send(res: ServerResponse, { status, body, headers }: Reply): void {
  const text = isRecord(body) ? JSON.stringify(body) : '';
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
