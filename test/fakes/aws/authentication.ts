import type { WireRequest } from './canonical-request.ts';
import { headerPairs, queryPairs } from './canonical-request.ts';

/** What a request says of its signature, not yet believed. */
export interface Authentication {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
  readonly contentSha256: string | undefined;
  /** Of presigned requests only. */
  readonly expiresSeconds: number | undefined;
}

export interface Unreadable {
  readonly reason: 'anonymous' | 'two-mechanisms' | 'malformed' | 'bad-uri';
  readonly detail: string;
  readonly presigned: boolean;
}

/** Reads the signature of a request from its Authorization header or its query. */
export function readAuthentication(request: WireRequest): Authentication | Unreadable {
  const headers = only(headerPairs(request));
  const query = readQuery(request.target);
  if (query === undefined) return { reason: 'bad-uri', detail: request.target, presigned: false };
  const inQuery = [...query.keys()].some((name) => name === 'X-Amz-Signature' || name === 'X-Amz-Algorithm');
  const header = headers.get('authorization');
  if (header !== undefined && inQuery)
    return { reason: 'two-mechanisms', detail: 'only one auth mechanism allowed', presigned: true };
  if (inQuery) return fromQuery(query, headers);
  if (header === undefined) return { reason: 'anonymous', detail: 'no signature', presigned: false };
  return fromHeader(header, headers);
}

function fromHeader(header: string, headers: ReadonlyMap<string, string>): Authentication | Unreadable {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(header);
  const date = headers.get('x-amz-date');
  const scope = readScope(match?.[1]);
  if (match === null || scope === undefined || date === undefined)
    return { reason: 'malformed', detail: 'the authorization header is malformed', presigned: false };
  return {
    presigned: false,
    ...scope,
    date,
    signedHeaders: (match[2] ?? '').split(';'),
    signature: match[3] ?? '',
    sessionToken: headers.get('x-amz-security-token'),
    contentSha256: headers.get('x-amz-content-sha256'),
    expiresSeconds: undefined,
  };
}

function fromQuery(
  query: ReadonlyMap<string, string>,
  headers: ReadonlyMap<string, string>,
): Authentication | Unreadable {
  const scope = readScope(query.get('X-Amz-Credential'));
  const date = query.get('X-Amz-Date');
  const signed = query.get('X-Amz-SignedHeaders');
  const signature = query.get('X-Amz-Signature');
  const expires = query.get('X-Amz-Expires');
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || scope === undefined)
    return {
      reason: 'malformed',
      detail: 'X-Amz-Algorithm or X-Amz-Credential is malformed',
      presigned: true,
    };
  if (date === undefined || signed === undefined || signature === undefined || expires === undefined)
    return {
      reason: 'malformed',
      detail: 'query-string authentication needs all X-Amz- parameters',
      presigned: true,
    };
  return {
    presigned: true,
    ...scope,
    date,
    signedHeaders: signed.split(';'),
    signature,
    sessionToken: query.get('X-Amz-Security-Token'),
    contentSha256: headers.get('x-amz-content-sha256') ?? query.get('X-Amz-Content-Sha256'),
    expiresSeconds: /^-?\d+$/.test(expires) ? Number(expires) : Number.NaN,
  };
}

function readScope(
  credential: string | undefined,
): Pick<Authentication, 'accessKeyId' | 'scopeDate' | 'region' | 'service'> | undefined {
  const match = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential ?? '');
  if (match === null) return undefined;
  const [, accessKeyId = '', scopeDate = '', region = '', service = ''] = match;
  return { accessKeyId, scopeDate, region, service };
}

/** Undefined for a broken percent escape. */
function readQuery(target: string): Map<string, string> | undefined {
  try {
    return only(queryPairs(target));
  } catch {
    return undefined;
  }
}

// A name given twice cannot be trusted in either of its values.
function only(pairs: readonly [string, string][]): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of pairs) all.set(name, all.has(name) ? '' : value);
  return all;
}
