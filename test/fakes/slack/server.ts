import { listen } from '../http/listen.ts';
import type { SlackApp } from './apps.ts';
import { listenerAppId, pipelinesAppId } from './apps.ts';
import type { SlackCall } from './call-method.ts';
import { channelLimit } from './channel-limit.ts';
import type { SlackFault } from './fault.ts';
import type { Interactions } from './interact.ts';
import { interactions } from './interact.ts';
import type { FakeSlackOptions } from './options.ts';
import type { Happenings } from './people.ts';
import { appOf, channelOf, happenings } from './people.ts';
import { serving } from './serve.ts';
import { socketMode } from './sockets/socket-mode.ts';
import type { Sockets } from './sockets/socket-mode.ts';
import { when } from './when.ts';
import type { Ephemeral, Message, StoredFile, View, Workspace } from './workspace.ts';
import { settle, workspace } from './workspace.ts';

export interface FakeSlack extends Happenings, Interactions {
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly origin: string;
  /** The bot token of the pipelines' app. */
  readonly token: string;
  /** The app whose token pipelines hold, and the listener's own. */
  readonly apps: { readonly pipelines: SlackApp; readonly listener: SlackApp };
  /** The WebSockets of apps in Socket Mode. */
  readonly sockets: Sockets;
  /** Every API call and upload that arrived, failed ones too; uploads have the method `upload-bytes`, response URLs `response_url`. */
  readonly calls: readonly SlackCall[];
  count(method?: string): number;
  /** Oldest first, thread replies and file messages included. Without a channel: all. */
  messages(channelIdOrName?: string): readonly Message[];
  /** What only one person sees, or anyone of them; without those that were deleted. */
  ephemerals(user?: string): readonly Ephemeral[];
  /** The open modals, of one person or of all. */
  views(user?: string): readonly View[];
  files(): readonly StoredFile[];
  /** Bytes read at the upload address, multipart frame included. */
  readonly bytesUploaded: number;
  /** Makes the next calls of a method, of `upload-bytes`, `response_url`, `socket` (a handshake) or `*` fail. */
  fault(target: string, kind: SlackFault, times?: number): void;
  /** Every request fails so until it is told `false`; `true` is status 503. Ends every hang. */
  outage(kind: SlackFault | boolean): void;
  /** Lets requests that hang be done and answered, as far as their clients still wait. */
  release(): void;
  /** Lets triggers and response URLs grow older by so many milliseconds; signatures keep to the clock. */
  age(ms: number): void;
  /** The first value of `check` that is neither undefined nor false; looks again whenever something has happened, for a minute. */
  when<T>(check: () => T | undefined | false, withinMs?: number): Promise<T>;
  /** Told after every request that was answered or dropped; the answer ends that. */
  onChange(listener: () => void): () => void;
  /** Posts as a person; returns its ts. */
  say(channelIdOrName: string, text: string, user?: string): string;
  /** Throws when a client called an unknown method or path, passed an undocumented argument, or leaked its token. */
  expectNoUnknown(): void;
  close(): Promise<void>;
}

/** Plays Slack on loopback, as facts/slack.md sections 1, 2, 3 and 5 describe it: the Web API, and those who click. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const slack = workspace(options);
  const http = serving(slack, channelLimit(options.postEveryMs, options.now ?? Date.now));
  const sockets = socketMode(slack, {
    changed: http.changed,
    violation: (text) => void http.violations.push(text),
    refuse: () => statusOf(http.handshake()),
  });
  const { onUpgrade } = sockets;
  const server = await listen(http.onRequest, { onUpgrade, ...(options.tls === true ? { tls: true } : {}) });
  slack.origin = server.origin;
  const apps = { pipelines: appOf(slack, pipelinesAppId), listener: appOf(slack, listenerAppId) };
  return {
    ...happenings(slack),
    ...interactions(slack, sockets.deliver),
    apiUrl: `${server.origin}/api/`,
    origin: server.origin,
    token: apps.pipelines.token,
    apps,
    sockets: sockets.sockets,
    calls: http.calls,
    count: (method) => http.calls.filter((call) => method === undefined || call.method === method).length,
    messages: (channel) => messagesOf(slack, channel),
    ephemerals: (user) => slack.ephemerals.filter((one) => !one.gone && (user ?? one.user) === one.user),
    views: (user) => [...slack.views.values()].filter((one) => one.open && (user ?? one.user) === one.user),
    files: () => [...slack.files.values()],
    get bytesUploaded() {
      return http.bytesUploaded();
    },
    fault: http.fault,
    outage: http.outage,
    release: http.release,
    age(ms) {
      slack.aged += ms;
    },
    when: (check, withinMs = 60_000) => when(check, http.onChange, withinMs),
    onChange: http.onChange,
    say: (channel, text, user = 'U0ALICE0001') => say(slack, channel, text, user),
    expectNoUnknown() {
      if (http.violations.length > 0) throw new Error(`fake Slack: ${http.violations.join('; ')}`);
    },
    close() {
      http.outage(false);
      return server.close();
    },
  };
}

// A handshake is refused with a status or, by every other fault, cut.
function statusOf(fault: SlackFault | undefined): number | undefined {
  if (fault === undefined) return undefined;
  if (typeof fault === 'object' && 'http' in fault) return fault.http;
  return typeof fault === 'object' && 'rateLimit' in fault ? 429 : 0;
}

function messagesOf(slack: Workspace, given: string | undefined): Message[] {
  settle(slack);
  const id = given === undefined ? undefined : channelOf(slack, given).id;
  return slack.messages.filter((message) => id === undefined || message.channel === id);
}

function say(slack: Workspace, channel: string, text: string, user: string): string {
  const ts = slack.nextTs();
  slack.messages.push({
    channel: channelOf(slack, channel).id,
    ts,
    thread_ts: undefined,
    user,
    app: undefined,
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
