import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { encodeRfc3986 } from '../../src/aws/sigv4.ts';
import type { Credentials, Signable, SigningScope } from '../../src/aws/sigv4.ts';

/** One signing task, as our own signer takes it. */
export interface Task {
  readonly request: Signable;
  readonly scope: SigningScope;
  readonly credentials: Credentials;
  /** Milliseconds since the epoch, whole seconds. */
  readonly now: number;
}

/** The Authorization header, or with `seconds` the value of X-Amz-Signature, by a signer that is not ours. */
export type Peer = (task: Task, seconds?: number) => Promise<string>;

/** AWS's own signer for JavaScript. */
export const smithy: Peer = async ({ request, scope, credentials, now }, seconds) => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    ...scope,
    sha256: Sha256,
    uriEscapePath: scope.service !== 's3',
    applyChecksum: false,
  });
  const query: Record<string, string[]> = {};
  for (const [name, value] of request.query) (query[name] ??= []).push(value);
  const given = {
    method: request.method,
    protocol: 'https:',
    hostname: request.host,
    path: request.path,
    query,
    headers: { ...request.headers, host: request.host, 'x-amz-content-sha256': request.payloadHash },
  };
  const signingDate = new Date(now);
  if (seconds === undefined)
    return (await signer.sign(given, { signingDate })).headers['authorization'] ?? '';
  const unsignableHeaders = new Set(['x-amz-content-sha256']);
  const signed = await signer.presign(given, {
    signingDate,
    expiresIn: seconds,
    unsignableHeaders,
    unhoistableHeaders: unsignableHeaders,
  });
  return String(signed.query?.['X-Amz-Signature']);
};

/** A signer of the field that shares no line with AWS's; one value a query name for S3, no presigning but there. */
export const independent: Peer = ({ request, scope, credentials, now }, seconds) => {
  const date = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const timing: [string, string][] =
    seconds === undefined
      ? []
      : [
          ['X-Amz-Date', date],
          ['X-Amz-Expires', String(seconds)],
        ];
  const query = [...request.query, ...timing].map(
    ([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`,
  );
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const result = aws4.sign(
    {
      ...scope,
      host: request.host,
      method: request.method,
      path: query.length === 0 ? request.path : `${request.path}?${query.join('&')}`,
      headers:
        seconds === undefined
          ? { ...request.headers, 'x-amz-date': date, 'x-amz-content-sha256': request.payloadHash }
          : { ...request.headers },
      signQuery: seconds !== undefined,
    },
    { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  );
  if (seconds === undefined) return Promise.resolve(result.headers['Authorization'] ?? '');
  return Promise.resolve(/X-Amz-Signature=([0-9a-f]+)/.exec(result.path)?.[1] ?? '');
};

class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
