import type { SlackApp } from './apps.ts';
import { seedApps } from './apps.ts';
import { defaultChannels, defaultUsers, everyScope } from './options.ts';
import type { ChannelSeed, FakeSlackOptions, UserSeed } from './options.ts';

export type Block = Readonly<Record<string, unknown>>;

export interface Channel {
  readonly id: string;
  name: string;
  readonly kind: 'public' | 'private' | 'im';
  archived: boolean;
  /** Ids of the apps whose bots are in it. */
  readonly apps: Set<string>;
  readonly people: Set<string>;
  /** Newcomers are in it too. */
  readonly everyone: boolean;
  /** The person at the other end of an `im`. */
  readonly user: string | undefined;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts: string | undefined;
  /** The author: a person, or the bot user of an app. */
  readonly user: string;
  /** The app that posted it. */
  readonly app: string | undefined;
  text: string;
  /** Empty when the message has none. */
  blocks: readonly Block[];
  attachments: readonly unknown[];
  metadata: unknown;
  readonly reactions: string[];
  reply_broadcast: boolean;
  readonly unfurl_links: boolean | undefined;
  readonly unfurl_media: boolean | undefined;
  /** Ids of files shared by this message. */
  readonly files: readonly string[];
  edited: boolean;
  /** chat.update is refused: `edit_window_closed`. */
  frozen?: boolean;
}

/** A message that one person sees, until they reload. */
export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly ts: string;
  readonly thread_ts: string | undefined;
  readonly app: string;
  text: string;
  blocks: readonly Block[];
  readonly via: 'chat.postEphemeral' | 'response_url' | 'command';
  /** The click it answers, by the id of its response URL. */
  readonly responseUrl: string | undefined;
  /** Replaced or deleted since, by a response URL. */
  gone: boolean;
}

/** A modal. */
export interface View {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  /** The click, command or submission that opened it. */
  readonly trigger: string;
  readonly root: string;
  readonly previous: string | undefined;
  /** As given by the app, with ids for the blocks that had none. */
  content: Readonly<Record<string, unknown>>;
  hash: string;
  open: boolean;
}

/** A `trigger_id`: good for three seconds, once. */
export interface Trigger {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly at: number;
  /** The modal it came from, which views.push builds on. */
  readonly view: string | undefined;
  used: boolean;
}

/** A `response_url`: five uses within 30 minutes. */
export interface ResponseUrl {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly channel: string;
  /** The message with the button; undefined for a command. */
  readonly ts: string | undefined;
  readonly ephemeral: boolean;
  readonly at: number;
  uses: number;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
  readonly disabled: boolean;
}

interface Share {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts: string | undefined;
}

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  /** The length declared to files.getUploadURLExternal. */
  readonly length: number;
  readonly altText: string | undefined;
  readonly uploadId: string;
  title: string;
  /** Bytes that arrived at the upload address; undefined until then. */
  received: number | undefined;
  sha256: string | undefined;
  /** The content, when it is at most 1 MB. */
  content: Buffer | undefined;
  multipart: boolean;
  completed: boolean;
  readyAt: number;
  readonly shares: Share[];
}

/** One file's message that is still to appear. */
interface PendingShare {
  readonly at: number;
  readonly share: () => void;
}

export interface Workspace {
  readonly apps: readonly SlackApp[];
  readonly channels: Channel[];
  users: readonly UserSeed[];
  readonly groups: Map<string, UserGroup>;
  readonly messages: Message[];
  readonly ephemerals: Ephemeral[];
  readonly views: Map<string, View>;
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  /** Ids of apps by the ticket of a socket's address. */
  readonly tickets: Map<string, string>;
  readonly files: Map<string, StoredFile>;
  readonly pending: PendingShare[];
  readonly options: FakeSlackOptions;
  /** Where uploads go; set once the server listens. */
  origin: string;
  /** By how much triggers and response URLs have aged beyond the clock. */
  aged: number;
  /** The clock of signatures, in milliseconds. */
  now(): number;
  nextTs(): string;
  nextId(prefix: string): string;
}

export const botUser = 'U0BOT000001';

export function workspace(options: FakeSlackOptions): Workspace {
  let lastMicros = 0;
  let ids = 0;
  const pipelines = { token: options.token ?? 'xoxb-sensitive-token', scopes: options.scopes ?? everyScope };
  const apps = seedApps(pipelines, options.listenerScopes ?? everyScope);
  const users = options.users ?? defaultUsers;
  return {
    apps,
    channels: (options.channels ?? defaultChannels).map((seed) => channel(seed, apps, users)),
    users,
    groups: new Map(
      Object.entries(options.groups ?? {}).map(([id, members]) => [
        id,
        { id, handle: id.toLowerCase(), users: members, disabled: false },
      ]),
    ),
    messages: [],
    ephemerals: [],
    views: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    tickets: new Map(),
    files: new Map(),
    pending: [],
    options,
    origin: '',
    aged: 0,
    now: options.now ?? Date.now,
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
      const digits = String(lastMicros);
      return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    },
    nextId(prefix) {
      ids += 1;
      return `${prefix}0${String(ids).padStart(9, '0')}`;
    },
  };
}

function channel(seed: ChannelSeed, apps: readonly SlackApp[], users: readonly UserSeed[]): Channel {
  return {
    id: seed.id,
    name: seed.name,
    kind: seed.private === true ? 'private' : 'public',
    archived: seed.archived ?? false,
    apps: new Set(seed.member === true ? apps.map((app) => app.id) : []),
    people: new Set(seed.people ?? users.map((user) => user.id)),
    everyone: seed.people === undefined,
    user: undefined,
  };
}

/** Lets everything happen that is due: shares appear in the order in which they fall due. */
export function settle(slack: Workspace): void {
  const now = Date.now();
  slack.pending.sort((a, b) => a.at - b.at);
  while (slack.pending[0] !== undefined && slack.pending[0].at <= now) slack.pending.shift()?.share();
}
