import { Fault, messageOf } from '../kit/fault.ts';
import { HttpFailure, UNTRUSTED_HINT } from '../kit/http.ts';
import type { BucketAddress } from './target.ts';

export interface Refusal {
  readonly status: number;
  readonly code?: string | undefined;
  readonly region?: string | undefined;
}

interface Asked {
  readonly method: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/**
 * The Fault for an answer of S3 that is not 200. Only the error code is taken from the answer: its text carries bucket
 * owners, request ids and on a bad signature the whole canonical request (P19).
 */
export function refusalOf(refusal: Refusal, asked: Asked, address: BucketAddress): Fault {
  const object = `s3://${address.bucket}/${asked.key}${asked.versionId ? ` (version ${asked.versionId})` : ''}`;
  const code = refusal.code ?? `HTTP ${refusal.status}`;
  const refused = (hint: string) =>
    new Fault('S3_REFUSED', `S3 refused ${asked.method} ${object}: ${code}`, { hint });
  if (isMissing(refusal, asked)) {
    return new Fault('S3_NOT_FOUND', `no object ${object}`, { hint: missingHint(asked) });
  }
  switch (refusal.code ?? '') {
    case 'NotS3':
      return new Fault(
        'S3_FAILED',
        `${hostOf(address)} answered ${asked.method} ${object} with something that is not S3's answer`,
        {
          hint: 'check source.aws.endpoint and the proxy: a login page or a web server may be answering',
        },
      );
    case 'NoSuchBucket':
      return refused(
        'check source.s3.bucket; on an S3-compatible server also source.s3.path_style and source.aws.endpoint',
      );
    case 'ExpiredToken':
    case 'TokenRefreshRequired':
      return new Fault('S3_EXPIRED', `S3 refused ${asked.method} ${object}: ${code}`, {
        hint: 'the session token has ended: renew source.aws.session_token, or use source.aws.role_arn',
      });
    case 'InvalidAccessKeyId':
      return refused(
        'source.aws.access_key_id does not exist there: check the key, its account and source.aws.endpoint',
      );
    case 'InvalidToken':
      return refused(
        'source.aws.session_token does not belong to source.aws.access_key_id, or is cut off: renew all three together',
      );
    case 'SignatureDoesNotMatch':
      return refused(
        'source.aws.secret_access_key does not belong to the access key, or a proxy changes the request',
      );
    case 'RequestTimeTooSkewed':
      return refused("the worker's clock is off by more than 15 minutes: set it right");
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return refused(regionHint(refusal, address));
    default:
      return byStatus(refusal, object, refused, address);
  }
}

function byStatus(
  refusal: Refusal,
  object: string,
  refused: (hint: string) => Fault,
  address: BucketAddress,
): Fault {
  if (refusal.status === 403) {
    return refused(
      'allow s3:GetObject (s3:PutObject to store) on it; without s3:ListBucket S3 gives this answer also for a missing object',
    );
  }
  if (refusal.status === 301 || refusal.status === 307) return refused(regionHint(refusal, address));
  if (refusal.status >= 500) {
    return new Fault(
      'S3_FAILED',
      `S3 failed on ${object}: ${refusal.code ?? `HTTP ${refusal.status}`}, three times in a row`,
      {
        hint: 'run the step again; see the status of S3 in this region',
      },
    );
  }
  return refused(`check source.aws and source.s3 against the bucket's settings`);
}

// A version id that is not one of S3's own is an InvalidArgument.
function isMissing({ status, code = '' }: Refusal, { versionId }: Asked): boolean {
  return (
    (versionId !== undefined && code === 'InvalidArgument') || (status === 404 && code !== 'NoSuchBucket')
  );
}

function missingHint({ key, versionId }: Asked): string {
  if (versionId !== undefined) return 'check key and version_id, and that the bucket keeps versions';
  return key.includes('%')
    ? 'check the key: it is taken literally, percent signs are not decoded'
    : 'check the key, and that an earlier step stored it; keys are relative to source.prefix';
}

function regionHint(refusal: Refusal, address: BucketAddress): string {
  return refusal.region && refusal.region !== address.region
    ? `the bucket is in ${refusal.region}: set source.aws.region to it (now ${address.region})`
    : `set source.aws.region to the bucket's region (now ${address.region})`;
}

/** The Fault for a request to S3 that got no answer. Anything that is not a connection's failure is returned as it is. */
export function unreachable(error: unknown, address: BucketAddress): unknown {
  if (!(error instanceof HttpFailure)) return error;
  return new Fault('S3_UNREACHABLE', `no answer from ${hostOf(address)}: ${error.message}`, {
    hint: error.untrusted
      ? UNTRUSTED_HINT
      : "check source.aws.region, source.aws.endpoint, and the worker's proxy and network",
    cause: error,
  });
}

/** The Fault for an object whose bytes ended too early, each time it was read (P15). */
export function brokenOff(cause: Error, key: string, address: BucketAddress): Fault {
  return new Fault('S3_FAILED', `reading s3://${address.bucket}/${key} broke off: ${messageOf(cause)}`, {
    hint: `something cuts the connection to ${hostOf(address)}: run the step again, or check the worker's proxy and network`,
    cause,
  });
}

function hostOf(address: BucketAddress): string {
  return address.endpoint ? new URL(address.endpoint).host : `S3 in ${address.region}`;
}
