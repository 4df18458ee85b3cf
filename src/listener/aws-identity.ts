import { isExpectedIdentity } from '../aws/expected-identity.ts';
import { resolveIdentity } from '../aws/identity.ts';
import type { Credentials } from '../aws/sigv4.ts';
import type { Sts } from '../aws/sts.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { Config } from './config/config.ts';
import type { Parts } from './parts.ts';

/** What it takes to find out who signs. */
export interface AwsParts extends Pick<Parts, 'env' | 'log' | 'redactor' | 'clock'> {
  readonly config: Pick<Config, 'aws'>;
}

/** Loads the credentials to sign with, and refuses those of anybody but `aws.expect_identity`. */
export function awsIdentity(
  region: string,
  { config: { aws }, env, log, redactor }: AwsParts,
): () => Promise<Credentials> {
  const sts = async (): Promise<Sts> => (await import('../aws/sts.ts')).createSts(region, aws.endpoint, env);
  const role = aws.roleArn === undefined ? undefined : { arn: aws.roleArn, externalId: aws.externalId };
  const sessionName = 'concourse-slack-aws-listener';
  return async () => {
    const found = await resolveIdentity(
      { region, ...(role && { role: { ...role, sessionName } }) },
      { log, redactor, sts },
    );
    if (aws.expectIdentity !== undefined) await expectIdentity(found, aws.expectIdentity, await sts());
    return found;
  };
}

async function expectIdentity(credentials: Credentials, expected: string, sts: Sts): Promise<void> {
  const hint = 'check aws.expect_identity, and where the listener gets its credentials from';
  const arn = await sts.whoIs(credentials).catch((cause: unknown) => {
    throw new Fault('AWS_IDENTITY', `STS did not say who signs: ${messageOf(cause)}`, { hint, cause });
  });
  if (!isExpectedIdentity(arn, expected))
    throw new Fault('AWS_IDENTITY', `nothing is signed as ${arn}, because ${expected} is expected`, { hint });
}
