import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { readBody } from '../http/read-body.ts';
import type { Address } from './address.ts';
import { S3Error } from './s3-error.ts';
import type { Store } from './store.ts';

const storedHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/** Takes an object with a known length, checks its hashes, and stores it whole in memory. */
export async function putObject(
  store: Store,
  { bucket, key }: Address,
  payloadHash: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.headers['content-length'] === undefined)
    throw new S3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
  if (payloadHash.startsWith('STREAMING-'))
    throw new S3Error('NotImplemented', 501, 'This fake takes no aws-chunked bodies.');
  if (req.headers['if-none-match'] === '*' && store.find(bucket, key) !== undefined)
    throw new S3Error(
      'PreconditionFailed',
      412,
      'At least one of the pre-conditions you specified did not hold',
    );
  const body = await readBody(req);
  checkHashes(body, payloadHash, req);
  const type = req.headers['content-type'];
  const object = store.put(
    bucket,
    key,
    body,
    { ...(type === undefined ? {} : { type }), metadata: metadataOf(req) },
    headersOf(req, storedHeaders),
  );
  res.writeHead(200, { etag: object.etag, 'x-amz-request-id': 'FAKE', 'content-length': 0 }).end();
}

function checkHashes(body: Buffer, payloadHash: string, req: IncomingMessage): void {
  const sha256 = createHash('sha256').update(body);
  const hex = sha256.copy().digest('hex');
  if (payloadHash !== 'UNSIGNED-PAYLOAD' && payloadHash !== hex)
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const computed = {
    'content-md5': createHash('md5').update(body).digest('base64'),
    'x-amz-checksum-sha256': sha256.digest('base64'),
    'x-amz-checksum-crc32': crc.toString('base64'),
  };
  for (const [name, value] of Object.entries(computed)) {
    const sent = req.headers[name];
    if (sent !== undefined && sent !== value)
      throw new S3Error('BadDigest', 400, `The ${name} you specified did not match what we received.`);
  }
}

function metadataOf(req: IncomingMessage): Record<string, string> {
  const names = Object.keys(req.headers).filter((name) => name.startsWith('x-amz-meta-'));
  const headers = headersOf(req, names);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.slice('x-amz-meta-'.length), value]),
  );
}

function headersOf(req: IncomingMessage, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = req.headers[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
