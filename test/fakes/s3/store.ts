import { createHash } from 'node:crypto';
import { S3Error } from './s3-error.ts';

/** Content that is made while it is read: `size` bytes of the byte `fill` (default 0). */
export interface Synthetic {
  readonly size: number;
  readonly fill?: number;
}

export interface PutOptions {
  readonly type?: string;
  readonly versionId?: string;
  /** Without the `x-amz-meta-` prefix. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly lastModified?: Date;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Undefined for synthetic content. */
  readonly body: Buffer | undefined;
  readonly fill: number;
  readonly type: string;
  readonly versionId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Headers stored with the object: cache-control, content-disposition, … */
  readonly stored: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface Store {
  addBucket(bucket: string): void;
  readonly buckets: ReadonlySet<string>;
  put(
    bucket: string,
    key: string,
    body: string | Uint8Array | Synthetic,
    options?: PutOptions,
    stored?: Readonly<Record<string, string>>,
  ): StoredObject;
  /** The newest version, or the one named; undefined when there is none. */
  find(bucket: string, key: string, versionId?: string): StoredObject | undefined;
}

export function store(buckets: readonly string[]): Store {
  const names = new Set(buckets);
  // Keys are opaque: a//b, dir/ and ../x are themselves and nothing else (P5).
  const objects = new Map<string, Map<string, StoredObject[]>>();
  return {
    buckets: names,
    addBucket: (bucket) => void names.add(bucket),
    put(bucket, key, body, options = {}, stored = {}) {
      names.add(bucket);
      const keys = objects.get(bucket) ?? new Map<string, StoredObject[]>();
      objects.set(bucket, keys);
      const object = makeObject(key, body, options, stored);
      const others = (keys.get(key) ?? []).filter((one) => one.versionId !== object.versionId);
      keys.set(key, [...others, object]);
      return object;
    },
    find(bucket, key, versionId) {
      if (!names.has(bucket)) {
        throw new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', {
          elements: { BucketName: bucket },
        });
      }
      const versions = objects.get(bucket)?.get(key);
      if (versionId === undefined) return versions?.at(-1);
      return versions?.find((one) => (one.versionId ?? 'null') === versionId);
    },
  };
}

function makeObject(
  key: string,
  body: string | Uint8Array | Synthetic,
  options: PutOptions,
  stored: Readonly<Record<string, string>>,
): StoredObject {
  const synthetic = typeof body === 'object' && 'size' in body ? body : undefined;
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? Buffer.from(body) : undefined;
  const size = synthetic?.size ?? bytes?.length ?? 0;
  const fill = synthetic?.fill ?? 0;
  return {
    key,
    size,
    body: bytes,
    fill,
    type: options.type ?? 'binary/octet-stream',
    versionId: options.versionId,
    metadata: options.metadata ?? {},
    stored,
    etag: `"${createHash('md5')
      .update(bytes ?? `${size}:${fill}`)
      .digest('hex')}"`,
    // HTTP dates have whole seconds.
    lastModified: new Date(Math.floor((options.lastModified ?? new Date()).getTime() / 1000) * 1000),
  };
}

/** Bytes `start` to `end` (exclusive) of an object, in pieces of at most 256 KiB. */
export function* content(object: StoredObject, start: number, end: number): Generator<Buffer> {
  const piece = 256 * 1024;
  const filler =
    object.body === undefined ? Buffer.alloc(Math.min(piece, end - start), object.fill) : undefined;
  for (let at = start; at < end; at += piece) {
    const length = Math.min(piece, end - at);
    yield filler?.subarray(0, length) ?? object.body?.subarray(at, at + length) ?? Buffer.alloc(0);
  }
}
