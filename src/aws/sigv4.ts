import { createHash, createHmac } from 'node:crypto';
import { LONGEST_PRESIGN_SECONDS } from './limits.ts';

/** What signs: a key pair, the session token that came with it, and the moment it dies (milliseconds), if it does. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiresAt?: number | undefined;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** A request as it will be sent: `path` is already percent-encoded, `query` holds decoded pairs. */
export interface Signable {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** Hex SHA-256 of the body, or UNSIGNED-PAYLOAD. */
  readonly payloadHash: string;
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs requests with SigV4 for one identity; derives a signing key once a day and scope (P25). */
export interface Signer {
  /** The headers to send, among them `authorization`, `x-amz-date` and `x-amz-content-sha256`. */
  sign(request: Signable, scope: SigningScope, now: number): Record<string, string>;
  /** The query string of a URL that works for `seconds` (at most 7 days) without further headers than `host`. */
  presign(request: Signable, scope: SigningScope, now: number, seconds: number): string;
}

/** Makes a signer. S3 signs the path as sent; every other service signs it encoded once more, see `canonicalPath`. */
export function createSigner(credentials: Credentials): Signer {
  const keys = new Map<string, Buffer>();
  const signature = (canonical: string, scope: SigningScope, stamp: string): string => {
    const scopeText = scopeOf(scope, stamp);
    const key = keys.get(scopeText) ?? signingKey(credentials.secretAccessKey, scope, stamp);
    keys.set(scopeText, key);
    return hmac(key, `${ALGORITHM}\n${stamp}\n${scopeText}\n${sha256Hex(canonical)}`).toString('hex');
  };

  return {
    sign(request, scope, now) {
      const stamp = timestamp(now);
      const headers: Record<string, string> = {
        ...lowerCased(request.headers),
        host: request.host,
        'x-amz-date': stamp,
        'x-amz-content-sha256': request.payloadHash,
      };
      if (credentials.sessionToken) headers['x-amz-security-token'] = credentials.sessionToken;
      const names = Object.keys(headers).sort();
      const canonical = canonicalRequest({ ...request, headers }, scope, names);
      headers['authorization'] =
        `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeOf(scope, stamp)}, ` +
        `SignedHeaders=${names.join(';')}, Signature=${signature(canonical, scope, stamp)}`;
      return headers;
    },
    presign(request, scope, now, seconds) {
      if (!(seconds >= 1 && seconds <= LONGEST_PRESIGN_SECONDS))
        throw new RangeError(`cannot presign for ${seconds} s`);
      const stamp = timestamp(now);
      const headers: Record<string, string> = { ...lowerCased(request.headers), host: request.host };
      const names = Object.keys(headers).sort();
      const query: [string, string][] = [
        ...request.query.map(([name, value]): [string, string] => [name, value]),
        ['X-Amz-Algorithm', ALGORITHM],
        ['X-Amz-Credential', `${credentials.accessKeyId}/${scopeOf(scope, stamp)}`],
        ['X-Amz-Date', stamp],
        ['X-Amz-Expires', String(Math.floor(seconds))],
        ['X-Amz-SignedHeaders', names.join(';')],
      ];
      if (credentials.sessionToken) query.push(['X-Amz-Security-Token', credentials.sessionToken]);
      const canonical = canonicalRequest({ ...request, query, headers }, scope, names);
      return `${canonicalQuery(query)}&X-Amz-Signature=${signature(canonical, scope, stamp)}`;
    },
  };
}

/** Percent-encodes by RFC 3986, as SigV4 wants it; every byte but the unreserved ones, `/` too. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The query string, sorted by encoded name, then encoded value; `flag` without a value is `flag=` (P31). */
export function canonicalQuery(query: readonly (readonly [string, string])[]): string {
  return query
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function canonicalRequest(request: Signable, scope: SigningScope, names: readonly string[]): string {
  const headers = names.map((name) => `${name}:${trimmed(request.headers[name] ?? '')}\n`).join('');
  return [
    request.method,
    canonicalPath(request.path, scope.service),
    canonicalQuery(request.query),
    headers,
    names.join(';'),
    request.payloadHash,
  ].join('\n');
}

// S3 signs the path as sent. All others encode the already encoded path once more (P30); they also normalise dot
// segments, which callers of those services refuse instead.
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path;
  return path.split('/').map(encodeRfc3986).join('/');
}

function signingKey(secret: string, scope: SigningScope, stamp: string): Buffer {
  const date = hmac(`AWS4${secret}`, stamp.slice(0, 8));
  return hmac(hmac(hmac(date, scope.region), scope.service), 'aws4_request');
}

function scopeOf(scope: SigningScope, stamp: string): string {
  return `${stamp.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
}

function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function trimmed(value: string): string {
  return value.trim().replace(/ +/g, ' ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
