import { createHmac } from 'node:crypto';
import type { Authentication } from './authentication.ts';
import { readAuthentication } from './authentication.ts';
import type { WireRequest } from './canonical-request.ts';
import { canonicalRequest, headerPairs, sha256Hex } from './canonical-request.ts';

export interface Secret {
  readonly secretAccessKey: string;
  /** Present for temporary credentials. */
  readonly sessionToken?: string;
  readonly expires?: Date;
}

export interface Verification {
  readonly service: string;
  /** Regions whose scope is accepted; the first is the one named in errors. */
  readonly regions: readonly string[];
  /** The secret behind an access key and, if one was sent, its session token. */
  readonly secretOf: (
    accessKeyId: string,
    sessionToken: string | undefined,
  ) => Secret | 'unknown-token' | undefined;
  /** SHA-256 of the body in hex, for services that do not take the client's word for it. */
  readonly bodyHash?: string;
  readonly now?: Date;
}

export type Reason =
  | 'anonymous'
  | 'two-mechanisms'
  | 'malformed'
  | 'bad-uri'
  | 'wrong-region'
  | 'wrong-service'
  | 'bad-expires'
  | 'no-payload-hash'
  | 'unsigned-header'
  | 'unknown-key'
  | 'unknown-token'
  | 'expired-token'
  | 'skewed'
  | 'not-yet-valid'
  | 'expired'
  | 'signature';

export type Verdict =
  | {
      readonly ok: true;
      readonly accessKeyId: string;
      readonly presigned: boolean;
      /** What the client says of its body: a hex SHA-256 or UNSIGNED-PAYLOAD. */
      readonly payloadHash: string;
      readonly signedHeaders: readonly string[];
    }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string; readonly presigned: boolean };

const skewMs = 15 * 60 * 1000;
const maxExpiresSeconds = 604_800;

/**
 * Checks a SigV4 signature, in the Authorization header or the query, from the AWS specification alone.
 * Stricter than Ceph: refuses unsigned x-amz-* headers and links from the future (facts/s3.md section 5).
 */
export function verifySigV4(request: WireRequest, verification: Verification): Verdict {
  const read = readAuthentication(request);
  if ('reason' in read) return { ok: false, ...read };
  const refusal = refuse(request, read, verification);
  if (refusal !== undefined) return { ok: false, ...refusal, presigned: read.presigned };
  return {
    ok: true,
    accessKeyId: read.accessKeyId,
    presigned: read.presigned,
    payloadHash: payloadHash(read, verification) ?? '',
    signedHeaders: read.signedHeaders,
  };
}

interface Refused {
  readonly reason: Reason;
  readonly detail: string;
}

function refuse(request: WireRequest, auth: Authentication, to: Verification): Refused | undefined {
  return (
    refuseScope(auth, to) ??
    refuseHeaders(request, auth) ??
    refuseTime(auth, to.now ?? new Date()) ??
    refuseSignature(request, auth, to)
  );
}

function refuseScope(auth: Authentication, to: Verification): Refused | undefined {
  if (auth.service !== to.service)
    return {
      reason: 'wrong-service',
      detail: `the service '${auth.service}' is wrong; expecting '${to.service}'`,
    };
  if (!to.regions.includes(auth.region))
    return {
      reason: 'wrong-region',
      detail: `the region '${auth.region}' is wrong; expecting '${to.regions[0]}'`,
    };
  if (!auth.date.startsWith(auth.scopeDate))
    return { reason: 'malformed', detail: 'the date of the credential scope is not that of x-amz-date' };
  return undefined;
}

function refuseHeaders(request: WireRequest, auth: Authentication): Refused | undefined {
  const signed = auth.signedHeaders;
  if (signed.join() !== signed.toSorted().join() || signed.some((name) => name !== name.toLowerCase()))
    return { reason: 'malformed', detail: 'SignedHeaders must be lower case and sorted' };
  const sent = new Set(headerPairs(request).map(([name]) => name));
  const unsigned = [...sent].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.includes(name),
  );
  if (unsigned.length > 0) return { reason: 'unsigned-header', detail: unsigned.join(', ') };
  const absent = signed.filter((name) => !sent.has(name));
  return absent.length === 0 ? undefined : { reason: 'signature', detail: `not sent: ${absent.join(', ')}` };
}

function refuseTime(auth: Authentication, now: Date): Refused | undefined {
  const at = parseDate(auth.date);
  if (at === undefined) return { reason: 'malformed', detail: `no such time: ${auth.date}` };
  const age = now.getTime() - at;
  if (!auth.presigned)
    return Math.abs(age) > skewMs ? { reason: 'skewed', detail: `off by ${age} ms` } : undefined;
  const expires = auth.expiresSeconds;
  if (expires === undefined || !Number.isInteger(expires) || expires < 1 || expires > maxExpiresSeconds)
    return { reason: 'bad-expires', detail: 'X-Amz-Expires must be between 1 and 604800 seconds' };
  if (age < -skewMs) return { reason: 'not-yet-valid', detail: `in ${-age} ms` };
  return age > expires * 1000 ? { reason: 'expired', detail: `${expires} s` } : undefined;
}

function refuseSignature(request: WireRequest, auth: Authentication, to: Verification): Refused | undefined {
  const secret = to.secretOf(auth.accessKeyId, auth.sessionToken);
  if (secret === undefined) return { reason: 'unknown-key', detail: auth.accessKeyId };
  if (secret === 'unknown-token') return { reason: 'unknown-token', detail: '' };
  const hash = payloadHash(auth, to);
  if (hash === undefined) return { reason: 'no-payload-hash', detail: 'x-amz-content-sha256' };
  try {
    const { service } = to;
    const canonical = canonicalRequest(request, {
      service,
      signedHeaders: auth.signedHeaders,
      payloadHash: hash,
    });
    const expected = signature(canonical, auth, secret.secretAccessKey);
    if (expected !== auth.signature) return { reason: 'signature', detail: canonical };
  } catch (error) {
    if (error instanceof URIError) return { reason: 'bad-uri', detail: error.message };
    throw error;
  }
  if (secret.expires !== undefined && secret.expires.getTime() <= (to.now ?? new Date()).getTime())
    return { reason: 'expired-token', detail: secret.expires.toISOString() };
  return undefined;
}

function payloadHash(auth: Authentication, to: Verification): string | undefined {
  if (to.service !== 's3') return to.bodyHash ?? sha256Hex('');
  return auth.contentSha256 ?? (auth.presigned ? 'UNSIGNED-PAYLOAD' : undefined);
}

function signature(canonical: string, auth: Authentication, secret: string): string {
  const scope = `${auth.scopeDate}/${auth.region}/${auth.service}/aws4_request`;
  // Header values are bytes: Node hands them over as one char a byte.
  const hash = sha256Hex(Buffer.from(canonical, 'latin1'));
  const text = `AWS4-HMAC-SHA256\n${auth.date}\n${scope}\n${hash}`;
  const date = hmac(`AWS4${secret}`, auth.scopeDate);
  const key = hmac(hmac(hmac(date, auth.region), auth.service), 'aws4_request');
  return hmac(key, text).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function parseDate(date: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (match === null) return undefined;
  const [, y, mo, d, h, mi, s] = match;
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  return Number.isNaN(at) ? undefined : at;
}
