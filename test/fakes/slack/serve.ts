import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultQueue } from '../http/fault-queue.ts';
import { readBody } from '../http/read-body.ts';
import { callMethod } from './call-method.ts';
import type { SlackCall } from './call-method.ts';
import type { ChannelLimit } from './channel-limit.ts';
import type { SlackFault } from './fault.ts';
import { answer, failBefore } from './fault.ts';
import { responsePath, useResponseUrl } from './response-url.ts';
import { receiveUpload } from './upload.ts';
import type { Workspace } from './workspace.ts';
import { settle } from './workspace.ts';

/** The HTTP side of the fake: what arrived, how it shall fail, and what clients must not do. */
export interface Serving {
  readonly onRequest: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  readonly calls: readonly SlackCall[];
  readonly violations: string[];
  readonly bytesUploaded: () => number;
  readonly fault: (target: string, kind: SlackFault, times?: number) => void;
  /** Every request fails so until it is told `false`; `true` is status 503. Ends every hang. */
  readonly outage: (kind: SlackFault | boolean) => void;
  /** Lets requests that hang be done and answered. */
  readonly release: () => void;
  /** Called after each request that was answered or dropped. */
  /** The fault of the next handshake of a socket. */
  readonly handshake: () => SlackFault | undefined;
  readonly changed: () => void;
  readonly onChange: (listener: () => void) => () => void;
}

export function serving(slack: Workspace, limit: ChannelLimit): Serving {
  const calls: SlackCall[] = [];
  const violations: string[] = [];
  const faults = faultQueue<SlackFault>();
  const listeners = new Set<() => void>();
  let bytesUploaded = 0;
  let outage: SlackFault | undefined;
  let held: (() => void)[] = [];
  const report = {
    bytes: (count: number) => void (bytesUploaded += count),
    violation: (text: string) => void violations.push(text),
  };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const release = () => {
    const waiting = held;
    held = [];
    for (const go of waiting) go();
  };

  /** Does the work of a request, or lets it fail; a hanging one is done when it is released and its client still waits. */
  const attempt = async (target: string, req: IncomingMessage, res: ServerResponse, work: () => Work) => {
    const fault = outage ?? faults.take(target);
    if (fault === 'hang') {
      await new Promise<void>((resolve) => held.push(resolve));
      if (req.socket.destroyed) return;
    } else if (fault !== undefined && failBefore(fault, req, res)) return;
    if (typeof fault === 'object' && 'slow' in fault) await sleep(fault.slow);
    const { status, body } = work();
    answer(fault === 'hang' ? undefined : fault, body, req, res, status);
  };

  const onRequest = async (req: IncomingMessage, res: ServerResponse) => {
    settle(slack);
    res.once('close', changed);
    const url = new URL(req.url ?? '/', 'http://fake.invalid');
    const record = (method: string, args: SlackCall['args']) =>
      calls.push({ method, app: undefined, args, at: Date.now() });
    const upload = /^\/upload\/v1\/([0-9a-f]+)$/.exec(url.pathname)?.[1];
    if (upload !== undefined && req.method === 'POST') {
      record('upload-bytes', { id: upload });
      return receiveUpload(upload, slack, outage ?? faults.take('upload-bytes'), report, req, res);
    }
    const body = await readBody(req);
    const response = responsePath.exec(url.pathname)?.[1];
    if (response !== undefined && req.method === 'POST') {
      record('response_url', { id: response, body: body.toString('utf8') });
      return attempt('response_url', req, res, () => useResponseUrl(slack, response, body));
    }
    const method = /^\/api\/([A-Za-z.]+)$/.exec(url.pathname)?.[1];
    if (method === undefined) return unknownPath(req, res, violations);
    const call = callMethod({ method, req, query: url.searchParams, body }, slack, violations);
    calls.push(call.record);
    const seconds = limit(method, call.record.args);
    if (seconds !== undefined) return void failBefore({ rateLimit: seconds }, req, res);
    return attempt(method, req, res, () => {
      res.setHeader('x-oauth-scopes', call.scopes.join(','));
      return { status: 200, body: call.run() };
    });
  };

  return {
    onRequest,
    calls,
    violations,
    bytesUploaded: () => bytesUploaded,
    fault: (target, kind, times) => faults.add(target, kind, times),
    outage(kind) {
      outage = kind === true ? { http: 503 } : kind === false ? undefined : kind;
      release();
    },
    release,
    changed,
    handshake: () => outage ?? faults.take('socket'),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

interface Work {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function unknownPath(req: IncomingMessage, res: ServerResponse, violations: string[]): void {
  violations.push(`unknown path ${req.method} ${req.url}`);
  res
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ ok: false, error: 'unknown_method' }));
}
