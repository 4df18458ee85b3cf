import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultQueue } from '../http/fault-queue.ts';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import { callMethod } from './call-method.ts';
import type { SlackCall } from './call-method.ts';
import type { SlackFault } from './fault.ts';
import { answer, failBefore } from './fault.ts';
import type { FakeSlackOptions } from './options.ts';
import { receiveUpload } from './upload.ts';
import type { Message, StoredFile, Workspace } from './workspace.ts';
import { settle, workspace } from './workspace.ts';

export interface FakeSlack {
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly origin: string;
  readonly token: string;
  /** Every API call and upload that arrived, failed ones too; uploads have the method `upload-bytes`. */
  readonly calls: readonly SlackCall[];
  count(method?: string): number;
  /** Oldest first, thread replies and file messages included. Without a channel: all. */
  messages(channelIdOrName?: string): readonly Message[];
  files(): readonly StoredFile[];
  /** Bytes read at the upload address, multipart frame included. */
  readonly bytesUploaded: number;
  /** Makes the next calls of a method, of `upload-bytes` or of `*` fail. */
  fault(target: string, kind: SlackFault, times?: number): void;
  /** Posts as a person; returns its ts. */
  say(channelIdOrName: string, text: string, user?: string): string;
  /** Throws when a client called an unknown method or path, passed an undocumented argument, or leaked its token. */
  expectNoUnknown(): void;
  close(): Promise<void>;
}

/** Plays the Slack Web API on loopback, as facts/slack.md sections 1, 2 and 5 describe it. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const slack = workspace(options);
  const calls: SlackCall[] = [];
  const violations: string[] = [];
  const faults = faultQueue<SlackFault>();
  let bytesUploaded = 0;
  const report = {
    bytes: (count: number) => void (bytesUploaded += count),
    violation: (text: string) => void violations.push(text),
  };

  const onRequest = async (req: IncomingMessage, res: ServerResponse) => {
    settle(slack);
    const url = new URL(req.url ?? '/', 'http://fake.invalid');
    const upload = /^\/upload\/v1\/([0-9a-f]+)$/.exec(url.pathname)?.[1];
    if (upload !== undefined && req.method === 'POST') {
      calls.push({ method: 'upload-bytes', args: { id: upload }, at: Date.now() });
      return receiveUpload(upload, slack, faults.take('upload-bytes'), report, req, res);
    }
    const method = /^\/api\/([A-Za-z.]+)$/.exec(url.pathname)?.[1];
    const body = await readBody(req);
    if (method === undefined) return unknownPath(req, res, violations);
    const call = callMethod({ method, req, query: url.searchParams, body }, slack, violations);
    calls.push(call.record);
    const fault = faults.take(method);
    if (fault !== undefined && failBefore(fault, req, res)) return;
    res.setHeader('x-oauth-scopes', slack.scopes.join(','));
    answer(fault, call.run(), req, res);
  };

  const server = await listen(onRequest, options.tls === undefined ? {} : { tls: options.tls });
  slack.origin = server.origin;
  return {
    apiUrl: `${server.origin}/api/`,
    origin: server.origin,
    token: slack.token,
    calls,
    count: (method) => calls.filter((call) => method === undefined || call.method === method).length,
    messages: (channel) => messagesOf(slack, channel),
    files: () => [...slack.files.values()],
    get bytesUploaded() {
      return bytesUploaded;
    },
    fault: (target, kind, times) => faults.add(target, kind, times),
    say: (channel, text, user = 'U0ALICE0001') => say(slack, channel, text, user),
    expectNoUnknown() {
      if (violations.length > 0) throw new Error(`fake Slack: ${violations.join('; ')}`);
    },
    close: () => server.close(),
  };
}

function unknownPath(req: IncomingMessage, res: ServerResponse, violations: string[]): void {
  violations.push(`unknown path ${req.method} ${req.url}`);
  res
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ ok: false, error: 'unknown_method' }));
}

function messagesOf(slack: Workspace, given: string | undefined): Message[] {
  settle(slack);
  const id = given === undefined ? undefined : channelId(slack, given);
  return slack.messages.filter((message) => id === undefined || message.channel === id);
}

function channelId(slack: Workspace, given: string): string {
  const name = given.replace(/^#/, '');
  const channel = slack.channels.find((one) => one.id === given || one.name === name || one.user === given);
  if (channel === undefined) throw new Error(`fake Slack has no channel ${given}`);
  return channel.id;
}

function say(slack: Workspace, channel: string, text: string, user: string): string {
  const ts = slack.nextTs();
  slack.messages.push({
    channel: channelId(slack, channel),
    ts,
    thread_ts: undefined,
    user,
    text,
    blocks: [],
    attachments: [],
    metadata: undefined,
    reactions: [],
    reply_broadcast: false,
    unfurl_links: undefined,
    unfurl_media: undefined,
    files: [],
    edited: false,
  });
  return ts;
}
