import { resolveIdentity } from '../aws/identity.ts';
import type { Credentials } from '../aws/sigv4.ts';
import { Secret } from '../kit/secret.ts';
import type { StepContext } from './run-step.ts';
import type { AwsSource } from './source.ts';

/** Where no region is named: what S3-compatible servers take, and where STS has always been. */
export const COMPATIBLE_REGION = 'us-east-1';

export interface IdentityWish {
  readonly webIdentityToken: string | undefined;
  /** How long a role's session should live. */
  readonly wantSeconds: number;
}

/** The credentials of `source.aws` and the params of this step. Faults: AWS_IDENTITY. */
export function openIdentity(
  aws: AwsSource,
  given: IdentityWish,
  context: StepContext,
): Promise<Credentials> {
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
  return resolveIdentity(config, { log: context.log, redactor: context.redactor, sts }, given.wantSeconds);
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
