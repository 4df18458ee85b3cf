import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { queryPairs } from '../aws/canonical-request.ts';
import type { Sessions } from '../aws/sessions.ts';
import { faultQueue } from '../http/fault-queue.ts';
import type { Address } from './address.ts';
import { address } from './address.ts';
import { authenticate } from './authenticate.ts';
import type { S3Fault } from './fault.ts';
import { fail } from './fault.ts';
import { getObject } from './get-object.ts';
import { putObject } from './put-object.ts';
import { S3Error, sendError } from './s3-error.ts';
import type { PutOptions, StoredObject, Synthetic } from './store.ts';
import { store } from './store.ts';

export interface FakeS3Options {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Temporary credentials by session token; shared with the STS fake. */
  readonly sessions?: Sessions;
  /** Default eu-west-1. */
  readonly region?: string;
  /** Default `ci-artifacts`. */
  readonly buckets?: readonly string[];
  /** Buckets that answer PermanentRedirect, with their region. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Buckets with Object Lock and a default retention. */
  readonly locked?: readonly string[];
  /** Also finds the bucket in the Host header. */
  readonly virtualHosts?: boolean;
  /** Answers 403 for a missing object, as S3 does without s3:ListBucket. */
  readonly denyList?: boolean;
  /** The server's clock in milliseconds since the epoch. */
  readonly now?: () => number;
}

interface S3Call {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly presigned: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly at: number;
}

export interface S3State {
  /** Every request that arrived, refused ones too. */
  readonly calls: readonly S3Call[];
  count(method?: string): number;
  /** Stores an object; `{ size, fill }` is made while it is read and never held in memory. */
  put(bucket: string, key: string, body: string | Uint8Array | Synthetic, options?: PutOptions): StoredObject;
  /** The newest version; undefined when there is none. */
  object(bucket: string, key: string, versionId?: string): StoredObject | undefined;
  /** Makes the next requests of a method, or of `*`, fail. */
  fault(method: string, kind: S3Fault, times?: number): void;
  /** Throws when a client asked for an operation this fake does not know. */
  expectNoUnknown(): void;
}

export interface S3Service extends S3State {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

/** S3 as a request handler: GetObject, HeadObject and PutObject behind strictly verified SigV4. */
export function fakeS3(options: FakeS3Options = {}): S3Service {
  const objects = store([
    ...(options.buckets ?? ['ci-artifacts']),
    ...(options.locked ?? []),
    ...Object.keys(options.elsewhere ?? {}),
  ]);
  const calls: S3Call[] = [];
  const unknown: string[] = [];
  const faults = faultQueue<S3Fault>();
  const region = options.region ?? 'eu-west-1';

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const method = req.method ?? '';
    const query = readQuery(req.url ?? '/');
    const target = address(req, objects.buckets, options.virtualHosts === true);
    const presigned = 'X-Amz-Signature' in query;
    calls.push({ method, ...target, query, presigned, headers: req.headers, at: Date.now() });
    const fault = faults.take(method);
    if (fault !== undefined && fail(fault, req, res)) return;
    if (!presigned && req.headers.authorization === undefined) refuseAnonymousOverrides(query);
    redirect(target.bucket, options.elsewhere ?? {});
    const identity = authenticate(req, options, region, new Date(options.now?.() ?? Date.now()));
    refuseUnknown(method, target, query, unknown);
    if (method === 'PUT') {
      objects.find(target.bucket, target.key);
      if (options.locked?.includes(target.bucket) === true) wantChecksum(req.headers);
      return putObject(objects, target, identity.payloadHash, req, res);
    }
    return getObject(existing(target, query), query, fault, req, res);
  }

  function existing({ bucket, key }: Address, query: Readonly<Record<string, string>>): StoredObject {
    const { versionId } = query;
    const object = objects.find(bucket, key, versionId);
    if (object !== undefined) return object;
    if (options.denyList === true) throw new S3Error('AccessDenied', 403, 'Access Denied');
    if (versionId !== undefined && objects.find(bucket, key) !== undefined)
      throw new S3Error('NoSuchVersion', 404, 'The specified version does not exist.', {
        elements: { Key: key, VersionId: versionId },
      });
    throw new S3Error('NoSuchKey', 404, 'The specified key does not exist.', { elements: { Key: key } });
  }

  return {
    async handle(req, res) {
      try {
        await serve(req, res);
      } catch (error) {
        if (!(error instanceof S3Error)) throw error;
        req.resume();
        sendError(error, req.method ?? '', res);
      }
    },
    calls,
    count: (method) => calls.filter((call) => method === undefined || call.method === method).length,
    put: (bucket, key, body, putOptions) => objects.put(bucket, key, body, putOptions),
    object: (bucket, key, versionId) => objects.find(bucket, key, versionId),
    fault: (method, kind, times) => faults.add(method, kind, times),
    expectNoUnknown() {
      if (unknown.length > 0) throw new Error(`fake S3: ${unknown.join('; ')}`);
    },
  };
}

// AWS's PutObject: a checksum is required where a retention period applies.
function wantChecksum(headers: IncomingHttpHeaders): void {
  const sent = Object.keys(headers).some(
    (name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'),
  );
  if (!sent)
    throw new S3Error(
      'InvalidRequest',
      400,
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
}

function readQuery(target: string): Record<string, string> {
  try {
    return Object.fromEntries(
      queryPairs(target).map(([name, value]) => [name, Buffer.from(value, 'latin1').toString('utf8')]),
    );
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}

function redirect(bucket: string, elsewhere: Readonly<Record<string, string>>): void {
  const region = elsewhere[bucket];
  if (region === undefined) return;
  throw new S3Error(
    'PermanentRedirect',
    301,
    'The bucket you are attempting to access must be addressed using the specified endpoint.',
    {
      elements: { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
      headers: { 'x-amz-bucket-region': region },
    },
  );
}

function refuseAnonymousOverrides(query: Readonly<Record<string, string>>): void {
  if (!Object.keys(query).some((name) => name.startsWith('response-'))) return;
  throw new S3Error(
    'InvalidRequest',
    400,
    'Request specific response headers cannot be used for anonymous GET requests.',
  );
}

function refuseUnknown(
  method: string,
  target: Address,
  query: Readonly<Record<string, string>>,
  unknown: string[],
) {
  const known = /^(X-Amz-|x-amz-|response-|versionId$|x-id$)/;
  const strange = Object.keys(query).filter((name) => !known.test(name));
  if (target.key !== '' && strange.length === 0 && ['GET', 'HEAD', 'PUT'].includes(method)) return;
  unknown.push(`unknown operation ${method} ${target.bucket}/${target.key} ${strange.join()}`);
  throw new S3Error('NotImplemented', 501, 'This fake knows GetObject, HeadObject and PutObject only.');
}
