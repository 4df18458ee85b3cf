import { LONGEST_PRESIGN_SECONDS } from '../aws/limits.ts';
import { createSigner, UNSIGNED_PAYLOAD } from '../aws/sigv4.ts';
import type { Credentials } from '../aws/sigv4.ts';
import { contentDisposition, isSafeInline } from './media-type.ts';
import { objectTarget } from './target.ts';
import type { BucketAddress } from './target.ts';

export interface LinkRequest {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** The name the browser saves it under. */
  readonly fileName: string;
  readonly contentType: string;
  /** How long it is wished to work, in seconds. */
  readonly seconds: number;
}

export interface Link {
  readonly url: string;
  /** When it really stops working, in seconds since the epoch. */
  readonly expiresAt: number;
  /** True when the credentials end before the wished time. */
  readonly cutShort: boolean;
}

/**
 * A time-limited link. It dies with the credentials that signed it, whatever its own expiry says, so its true end is the
 * earlier of both (S10, P24). HTML and SVG are sent as attachments: they would run on S3's origin (P29).
 */
export function presignLink(
  address: BucketAddress,
  credentials: Credentials,
  link: LinkRequest,
  now: number,
): Link {
  const nowSeconds = Math.floor(now / 1000);
  const life =
    credentials.expiresAt === undefined
      ? Number.POSITIVE_INFINITY
      : Math.floor(credentials.expiresAt / 1000) - nowSeconds;
  const seconds = Math.max(1, Math.min(link.seconds, life, LONGEST_PRESIGN_SECONDS));
  const target = objectTarget(address, link.key);
  const disposition = contentDisposition(
    isSafeInline(link.contentType) ? 'inline' : 'attachment',
    link.fileName,
  );
  const query: [string, string][] = [
    ['response-content-disposition', disposition],
    ['response-content-type', link.contentType],
  ];
  if (link.versionId) query.push(['versionId', link.versionId]);
  const search = createSigner(credentials).presign(
    {
      method: 'GET',
      host: target.host,
      path: target.path,
      query,
      headers: {},
      payloadHash: UNSIGNED_PAYLOAD,
    },
    { region: address.region, service: 's3' },
    now,
    seconds,
  );
  return {
    url: `${target.origin}${target.path}?${search}`,
    expiresAt: nowSeconds + seconds,
    cutShort: seconds < link.seconds,
  };
}
