import { resolveIdentity } from '../aws/identity.ts';
import { systemClock } from '../kit/clock.ts';
import { parseDuration } from '../kit/duration.ts';
import type { Http } from '../kit/http.ts';
import { Secret } from '../kit/secret.ts';
import { openBucket } from '../s3/objects.ts';
import type { Objects } from '../s3/objects.ts';
import { presignLink } from '../s3/presign.ts';
import type { Link, LinkRequest } from '../s3/presign.ts';
import type { StepContext } from './run-step.ts';
import type { Artifact } from './schema.ts';
import type { S3Source, Source } from './source.ts';

/** The bucket of a source, open: objects to read and write, links to sign. */
export interface Storage {
  readonly objects: Objects;
  /** Signs a link; `seconds` defaults to `source.s3.expires_in`. */
  link(request: Omit<LinkRequest, 'seconds'>, seconds?: number): Link;
}

const COMPATIBLE_REGION = 'us-east-1';

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

// Faults: AWS_IDENTITY.
async function openStorage(
  source: Source & { s3: S3Source },
  given: { webIdentityToken: string | undefined; wantSeconds: number },
  context: StepContext,
  http: Http,
): Promise<Storage> {
  const { aws, s3 } = source;
  const region = aws.region ?? COMPATIBLE_REGION;
  const config = {
    region,
    keys: aws.keys,
    role: aws.role && {
      arn: aws.role.arn,
      externalId: aws.role.externalId,
      sessionName: aws.role.sessionName ?? sessionName(context.env),
    },
    webIdentityToken: given.webIdentityToken === undefined ? undefined : new Secret(given.webIdentityToken),
  };
  const sts = async () =>
    (await import('../aws/sts.ts')).createSts(region, stsEndpoint(aws.endpoint), context.env);
  const credentials = await resolveIdentity(
    config,
    { log: context.log, redactor: context.redactor, sts },
    given.wantSeconds,
  );
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

// A server that plays S3 plays STS at the same address; AWS's own S3 addresses, VPC endpoints among them, do not.
function stsEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const { hostname } = new URL(endpoint);
  return /(?:^|\.)s3[.-].*amazonaws\.com(?:\.cn)?$/.test(hostname) ? undefined : endpoint;
}

// Roles' trust policies and CloudTrail see this name; AWS takes 2 to 64 of these characters.
function sessionName(env: NodeJS.ProcessEnv): string {
  const parts = ['concourse', env['BUILD_TEAM_NAME'], env['BUILD_PIPELINE_NAME'], env['BUILD_ID']].filter(
    Boolean,
  );
  return parts
    .join('-')
    .replace(/[^\w+=,.@-]/g, '_')
    .slice(0, 64);
}
