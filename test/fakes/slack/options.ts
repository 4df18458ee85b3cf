export interface ChannelSeed {
  readonly id: string;
  readonly name: string;
  /** The bots are in it. */
  readonly member?: boolean;
  readonly private?: boolean;
  readonly archived?: boolean;
  /** Ids of the people in it; default all. */
  readonly people?: readonly string[];
}

export interface UserSeed {
  readonly id: string;
  readonly name: string;
  readonly realName?: string;
  readonly email?: string;
  /** Default true. */
  readonly emailConfirmed?: boolean;
  /** Other addresses that find the person and are not shown. */
  readonly otherEmails?: readonly string[];
  readonly deleted?: boolean;
  readonly bot?: boolean;
  /** A guest of several channels. */
  readonly restricted?: boolean;
  /** A guest of one channel. */
  readonly ultraRestricted?: boolean;
  /** From elsewhere, and in no channel with the app. */
  readonly stranger?: boolean;
  /** The workspace the person belongs to, when it is another (Slack Connect). */
  readonly team?: string;
}

export interface FakeSlackOptions {
  /** The bot token of the pipelines' app. */
  readonly token?: string;
  /** Scopes of that token; default `everyScope`. */
  readonly scopes?: readonly string[];
  /** Scopes of the listener's bot token; default `everyScope`. */
  readonly listenerScopes?: readonly string[];
  readonly channels?: readonly ChannelSeed[];
  readonly users?: readonly UserSeed[];
  /** User ids by user group id. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds from completion until a file's mimetype is known; default 30. */
  readonly readyAfterMs?: number;
  /** Milliseconds from completion until the file's message stands in the channel; default 30. */
  readonly shareAfterMs?: number;
  readonly neverReady?: boolean;
  readonly neverShare?: boolean;
  /** Most channels a page of conversations.list holds; default 1000. */
  readonly pageSize?: number;
  readonly tls?: boolean;
  /** The apps are installed for a whole organisation: payloads name no team, `auth.test` the organisation. */
  readonly org?: boolean;
  /** The time that signatures, triggers and response URLs go by, in milliseconds; default `Date.now`. */
  readonly now?: () => number;
  /** How long an acknowledgement may take; default 3000 ms, Slack's own. */
  readonly ackWithinMs?: number;
  /** Where permalinks lead; default `https://fake.slack.com`. */
  readonly webUrl?: string;
  /** How often Slack pings a socket; default 10 s. */
  readonly pingEveryMs?: number;
  /** Each channel takes one chat.postMessage in so many milliseconds, and answers others with 429; default as many as come. */
  readonly postEveryMs?: number;
  /** Which socket gets an envelope; default a seeded generator. Numbers from 0 to below 1. */
  readonly random?: () => number;
}

/** What the methods that a pipeline calls can ask for. */
export const allScopes: readonly string[] = [
  'chat:write',
  'chat:write.public',
  'files:write',
  'files:read',
  'users:read',
  'users:read.email',
  'channels:read',
  'groups:read',
  'im:write',
  'channels:history',
  'groups:history',
  'im:history',
  'reactions:write',
];

/** What all the methods of this fake can ask for: what both apps may do unless a test says otherwise. */
export const everyScope: readonly string[] = [...allScopes, 'commands', 'usergroups:read', 'im:read'];

export const defaultChannels: readonly ChannelSeed[] = [
  { id: 'C0RELEASES1', name: 'releases', member: true },
  { id: 'C0PUBLIC001', name: 'public', member: false },
  { id: 'C0ARCHIVED1', name: 'old', archived: true },
  { id: 'G0PRIVATE01', name: 'secret-room', private: true, member: false },
];

export const defaultUsers: readonly UserSeed[] = [
  { id: 'U0ALICE0001', name: 'alice', email: 'alice@example.com' },
  { id: 'U0BOB000001', name: 'bob', email: 'bob@example.com' },
];
