import type { IncomingMessage } from 'node:http';
import { pathOf, percentDecode } from '../aws/canonical-request.ts';
import { S3Error } from './s3-error.ts';

export interface Address {
  /** Empty for the service itself. */
  readonly bucket: string;
  readonly key: string;
}

/**
 * Finds bucket and key. Path style is `/bucket/key`. With virtual hosts the bucket is the Host itself (custom
 * domain), or the part of the Host before its first dots; an own or unknown host stays path style.
 */
export function address(req: IncomingMessage, buckets: ReadonlySet<string>, virtualHosts: boolean): Address {
  const path = decoded(pathOf(req.url ?? '/')).slice(1);
  const bucket = virtualHosts ? bucketOfHost(req.headers.host ?? '', buckets) : undefined;
  if (bucket !== undefined) return { bucket, key: path };
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

function bucketOfHost(host: string, buckets: ReadonlySet<string>): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (buckets.has(name)) return name;
  const prefixes = [...buckets].filter((bucket) => name.startsWith(`${bucket}.`));
  return prefixes.toSorted((a, b) => b.length - a.length)[0];
}

function decoded(path: string): string {
  try {
    const bytes = Buffer.from(percentDecode(path), 'latin1');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.", { elements: { URI: path } });
  }
}
