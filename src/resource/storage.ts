import type { Credentials } from '../aws/sigv4.ts';
import { systemClock } from '../kit/clock.ts';
import { parseDuration } from '../kit/duration.ts';
import type { Http } from '../kit/http.ts';
import { openBucket } from '../s3/objects.ts';
import type { Objects } from '../s3/objects.ts';
import { presignLink } from '../s3/presign.ts';
import type { Link, LinkRequest } from '../s3/presign.ts';
import { COMPATIBLE_REGION, openIdentity } from './identity.ts';
import type { IdentityWish } from './identity.ts';
import type { StepContext } from './run-step.ts';
import type { Artifact } from './schema.ts';
import type { S3Source, Source } from './source.ts';

/** The bucket of a source, open: objects to read and write, links to sign. */
export interface Storage {
  readonly objects: Objects;
  /** Signs a link; `seconds` defaults to `source.s3.expires_in`. */
  link(request: Omit<LinkRequest, 'seconds'>, seconds?: number): Link;
}

/** What of params decides which identity opens the bucket, and how long it must last. */
export interface StorageParams {
  readonly artifacts?: readonly Artifact[];
  readonly aws?: { readonly web_identity_token?: string };
}

/** Opens the bucket at the first need, once. */
export function storageWhenNeeded(
  source: Source,
  params: StorageParams,
  context: StepContext,
  http: Http,
): () => Promise<Storage> {
  let opened: Promise<Storage> | undefined;
  const wantSeconds = longestLink(params.artifacts ?? [], source.s3?.expiresInSeconds ?? 0);
  return () => {
    const { s3 } = source;
    if (!s3) throw new Error('unreachable: the checks of params ask for source.s3');
    const given = { webIdentityToken: params.aws?.web_identity_token, wantSeconds };
    opened ??= openStorage({ ...source, s3 }, given, context, http);
    return opened;
  };
}

function longestLink(artifacts: readonly Artifact[], fallback: number): number {
  return Math.max(0, ...artifacts.map(({ expires_in }) => parseDuration(expires_in ?? '') ?? fallback));
}

async function openStorage(
  source: Source & { s3: S3Source },
  given: IdentityWish,
  context: StepContext,
  http: Http,
): Promise<Storage> {
  return storageWith(source, await openIdentity(source.aws, given, context), context, http);
}

/** The bucket of a source, opened with credentials that somebody has already found. */
export function storageWith(
  { aws, s3 }: Source & { s3: S3Source },
  credentials: Credentials,
  context: StepContext,
  http: Http,
): Storage {
  const region = aws.region ?? COMPATIBLE_REGION;
  const address = { bucket: s3.bucket, region, endpoint: aws.endpoint, pathStyle: s3.pathStyle };
  const linkAddress = { ...address, endpoint: s3.publicEndpoint ?? aws.endpoint };
  return {
    objects: openBucket(address, { http, clock: systemClock, credentials, signal: context.signal }),
    link(request, seconds = s3.expiresInSeconds) {
      const link = presignLink(linkAddress, credentials, { ...request, seconds }, systemClock.now());
      if (link.cutShort)
        context.log.warn(
          `the link to ${request.fileName} ends with the AWS credentials that signed it, before expires_in`,
        );
      return link;
    },
  };
}
