import { allScopes, defaultChannels, defaultUsers } from './options.ts';
import type { FakeSlackOptions, UserSeed } from './options.ts';

export type Block = Readonly<Record<string, unknown>>;

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly archived: boolean;
  readonly member: boolean;
  /** The person at the other end of an `im`. */
  readonly user: string | undefined;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts: string | undefined;
  /** The author; our bot is `botUser`. */
  readonly user: string;
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
  readonly token: string;
  readonly scopes: readonly string[];
  readonly channels: Channel[];
  readonly users: readonly UserSeed[];
  readonly messages: Message[];
  readonly files: Map<string, StoredFile>;
  readonly pending: PendingShare[];
  readonly options: FakeSlackOptions;
  /** Where uploads go; set once the server listens. */
  origin: string;
  nextTs(): string;
  nextId(prefix: string): string;
}

export const botUser = 'U0BOT000001';
export const botId = 'B0BOT000001';
export const teamId = 'T0TEAM00001';
export const appId = 'A0APP000001';

export function workspace(options: FakeSlackOptions): Workspace {
  let lastMicros = 0;
  let ids = 0;
  return {
    token: options.token ?? 'xoxb-sensitive-token',
    scopes: options.scopes ?? allScopes,
    channels: (options.channels ?? defaultChannels).map((seed) => ({
      id: seed.id,
      name: seed.name,
      kind: seed.private === true ? 'private' : 'public',
      archived: seed.archived ?? false,
      member: seed.member ?? false,
      user: undefined,
    })),
    users: options.users ?? defaultUsers,
    messages: [],
    files: new Map(),
    pending: [],
    options,
    origin: '',
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

/** Lets everything happen that is due: shares appear in the order in which they fall due. */
export function settle(slack: Workspace): void {
  const now = Date.now();
  slack.pending.sort((a, b) => a.at - b.at);
  while (slack.pending[0] !== undefined && slack.pending[0].at <= now) slack.pending.shift()?.share();
}
