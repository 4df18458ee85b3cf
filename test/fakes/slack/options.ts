export interface ChannelSeed {
  readonly id: string;
  readonly name: string;
  /** The bot is in it. */
  readonly member?: boolean;
  readonly private?: boolean;
  readonly archived?: boolean;
}

export interface UserSeed {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface FakeSlackOptions {
  readonly token?: string;
  /** Scopes of the token; default `allScopes`. */
  readonly scopes?: readonly string[];
  readonly channels?: readonly ChannelSeed[];
  readonly users?: readonly UserSeed[];
  /** Milliseconds from completion until a file's mimetype is known; default 30. */
  readonly readyAfterMs?: number;
  /** Milliseconds from completion until the file's message stands in the channel; default 30. */
  readonly shareAfterMs?: number;
  readonly neverReady?: boolean;
  readonly neverShare?: boolean;
  /** Most channels a page of conversations.list holds; default 1000. */
  readonly pageSize?: number;
  readonly tls?: boolean;
}

/** What the methods of this fake can ask for. */
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
