import type { Secret, Verification } from './verify-sigv4.ts';

/** Temporary credentials, kept by session token. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly expires: Date;
  /** Who it is, for GetCallerIdentity. */
  readonly arn?: string;
}

export type Sessions = Map<string, Session>;

export interface Keys {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessions?: Sessions;
}

export const defaultKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'sensitive-secret-access-key',
} as const;

/** Finds secrets among one long-lived key pair and the sessions; a session's key without its token is unknown. */
export function secretLookup(keys: Keys): Verification['secretOf'] {
  return (accessKeyId, token): Secret | 'unknown-token' | undefined => {
    if (token === undefined) {
      const known = accessKeyId === (keys.accessKeyId ?? defaultKeys.accessKeyId);
      return known ? { secretAccessKey: keys.secretAccessKey ?? defaultKeys.secretAccessKey } : undefined;
    }
    const session = keys.sessions?.get(token);
    if (session === undefined || session.accessKeyId !== accessKeyId) return 'unknown-token';
    return { secretAccessKey: session.secretAccessKey, sessionToken: token, expires: session.expires };
  };
}
