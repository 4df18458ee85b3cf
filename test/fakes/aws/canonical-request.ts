import { createHash } from 'node:crypto';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** The request target, byte for byte. */
  readonly target: string;
  /** Names and values in turn, as `IncomingMessage.rawHeaders` has them. */
  readonly rawHeaders: readonly string[];
}

export interface CanonicalOptions {
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/**
 * The canonical request of SigV4, built anew from the received bytes:
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * Throws URIError for a broken percent escape.
 */
export function canonicalRequest(request: WireRequest, options: CanonicalOptions): string {
  const headers = options.signedHeaders.map((name) => `${name}:${headerValue(request, name)}\n`);
  return [
    request.method,
    canonicalPath(pathOf(request.target), options.service),
    canonicalQuery(queryPairs(request.target)),
    headers.join(''),
    options.signedHeaders.join(';'),
    options.payloadHash,
  ].join('\n');
}

/** Names in lower case, each with its values joined by a comma, blanks trimmed and folded. */
function headerValue(request: WireRequest, name: string): string {
  const values = headerPairs(request).filter(([key]) => key === name);
  return values.map(([, value]) => value.trim().replace(/ +/g, ' ')).join(',');
}

export function headerPairs(request: WireRequest): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2)
    pairs.push([(request.rawHeaders[i] ?? '').toLowerCase(), request.rawHeaders[i + 1] ?? '']);
  return pairs;
}

export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** Decoded names and values as byte strings (one char a byte), in the order sent. */
export function queryPairs(target: string): [string, string][] {
  const start = target.indexOf('?');
  if (start < 0) return [];
  const parts = target
    .slice(start + 1)
    .split('&')
    .filter((part) => part !== '');
  return parts.map((part) => {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    return [percentDecode(plusToSpace(name)), percentDecode(plusToSpace(value))];
  });
}

/** The bytes behind a percent-encoded text, one char a byte. */
export function percentDecode(text: string): string {
  return text.replace(/%(.{0,2})/gs, (_, hex: string) => {
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) throw new URIError(`bad percent escape in ${text}`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function plusToSpace(text: string): string {
  return text.replaceAll('+', ' ');
}

// S3 signs the path encoded once and never normalised; every other service normalises it and encodes it twice, segment by
// segment: a slash that came encoded belongs to its segment, as AWS's own signers have it.
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return encodePath(percentDecode(path));
  const segments = normalized(path).split('/');
  return segments.map((segment) => encode(encode(percentDecode(segment)))).join('/');
}

function normalized(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const slash = kept.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${kept.join('/')}${slash}`;
}

function canonicalQuery(pairs: readonly [string, string][]): string {
  return pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function encodePath(bytes: string): string {
  return bytes.split('/').map(encode).join('/');
}

function encode(bytes: string): string {
  return bytes.replace(
    /[^A-Za-z0-9\-._~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
