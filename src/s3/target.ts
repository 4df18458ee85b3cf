import { encodeRfc3986 } from '../aws/sigv4.ts';

/** Where the objects of a bucket are reached. */
export interface BucketAddress {
  readonly bucket: string;
  readonly region: string;
  /** Another server than AWS's: an S3-compatible one, a VPC endpoint, a private host. */
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
}

/** An object's address, in the very bytes that are signed and sent. */
export interface ObjectTarget {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
}

/**
 * The address of a key. The bucket goes into the host, into the path (path style, IP hosts, names no certificate covers),
 * or nowhere when the host already is the bucket's name. Keys are opaque: encoded once, never normalised (P5, P6).
 */
export function objectTarget(address: BucketAddress, key: string): ObjectTarget {
  const { bucket } = address;
  const base = new URL(address.endpoint ?? awsEndpoint(address.region));
  const prefix = base.pathname.replace(/\/$/, '');
  const encodedKey = key.split('/').map(encodeRfc3986).join('/');
  if (base.hostname === bucket) return target(base, base.host, `${prefix}/${encodedKey}`);
  if (usesPathStyle(address, base)) {
    return target(base, base.host, `${prefix}/${encodeRfc3986(bucket)}/${encodedKey}`);
  }
  return target(base, `${bucket}.${base.host}`, `${prefix}/${encodedKey}`);
}

function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function usesPathStyle(address: BucketAddress, base: URL): boolean {
  if (address.pathStyle === true || isIpOrLocal(base.hostname)) return true;
  // A dot in the name breaks the wildcard certificate; other characters are not valid in a host name.
  return !/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(address.bucket);
}

function isIpOrLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(hostname);
}

function target(base: URL, host: string, path: string): ObjectTarget {
  return { origin: `${base.protocol}//${host}`, host, path };
}
