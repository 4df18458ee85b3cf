import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeAws } from '../aws/server.ts';
import { startFakeAws } from '../aws/server.ts';
import { defaultKeys } from '../aws/sessions.ts';

const RoleArn = 'arn:aws:iam::123456789012:role/demo';
const RoleSessionName = 'concourse';

let aws: FakeAws;
afterEach(() => aws.close());

async function start(secretAccessKey: string = defaultKeys.secretAccessKey): Promise<STSClient> {
  aws = await startFakeAws({ roles: { [RoleArn]: {} }, webIdentityToken: 'jwt' });
  const credentials = { ...defaultKeys, secretAccessKey };
  return new STSClient({ endpoint: aws.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
}

describe("AWS's own SDK against the fake STS", () => {
  it('assumes a role and asks who it is', async () => {
    const client = await start();
    const { Credentials } = await client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now());
    expect(aws.sessions.get(Credentials?.SessionToken ?? '')).toMatchObject({
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
    });
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:user/ci',
      Account: '123456789012',
    });
    aws.expectNoUnknown();
  });

  it('trades a web identity token', async () => {
    const client = await start();
    const request = { RoleArn, RoleSessionName, WebIdentityToken: 'jwt' };
    const { AssumedRoleUser } = await client.send(new AssumeRoleWithWebIdentityCommand(request));
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/demo/concourse');
  });

  it('reads the error codes', async () => {
    const client = await start();
    const unknown = client.send(new AssumeRoleCommand({ RoleArn: `${RoleArn}-x`, RoleSessionName }));
    await expect(unknown).rejects.toMatchObject({ name: 'AccessDenied' });
    const forged = { RoleArn, RoleSessionName, WebIdentityToken: 'forged' };
    await expect(client.send(new AssumeRoleWithWebIdentityCommand(forged))).rejects.toMatchObject({
      name: expect.stringMatching(/^InvalidIdentityToken/),
    });
  });

  it('is refused with another secret', async () => {
    const client = await start('x');
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });
});
