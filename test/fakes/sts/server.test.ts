import { afterEach, describe, expect, it } from 'vitest';
import { send, signed } from '../aws/testing.ts';
import type { Answer, SignOptions } from '../aws/testing.ts';
import type { FakeAws } from '../aws/server.ts';
import { startFakeAws } from '../aws/server.ts';
import { startFakeSts } from './server.ts';

const demo = 'arn:aws:iam::123456789012:role/demo';
const guarded = 'arn:aws:iam::123456789012:role/guarded';
const long = 'arn:aws:iam::123456789012:role/long';

let aws: FakeAws;
afterEach(() => aws.close());

async function start(): Promise<void> {
  aws = await startFakeAws({
    roles: { [demo]: {}, [guarded]: { externalId: 'ours' }, [long]: { maxDuration: 43_200 } },
    webIdentityToken: 'jwt',
    expiredWebIdentityToken: 'old-jwt',
    tokenLength: 1200,
  });
  aws.s3.put('ci-artifacts', 'a', 'hello');
}

function form(args: Readonly<Record<string, string>>): string {
  return new URLSearchParams({ Version: '2011-06-15', ...args }).toString();
}

function call(args: Readonly<Record<string, string>>, options: SignOptions = {}): Promise<Answer> {
  const request = { method: 'POST', path: '/', body: form(args) };
  return send(aws.url, signed(aws.url, request, { service: 'sts', ...options }));
}

function unsigned(args: Readonly<Record<string, string>>): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(aws.url, { method: 'POST', path: '/', body: form(args), headers });
}

function element(answer: Answer, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1] ?? '';
}

function credentials(answer: Answer): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
  return {
    accessKeyId: element(answer, 'AccessKeyId'),
    secretAccessKey: element(answer, 'SecretAccessKey'),
    sessionToken: element(answer, 'SessionToken'),
  };
}

const assume = { Action: 'AssumeRole', RoleArn: demo, RoleSessionName: 'concourse' };

describe('AssumeRole', () => {
  it('issues credentials that S3 honours', async () => {
    await start();
    const answer = await call(assume);
    expect(answer.status).toBe(200);
    const keys = credentials(answer);
    expect(keys.sessionToken).toHaveLength(1200);
    const left = Date.parse(element(answer, 'Expiration')) - Date.now();
    expect(left).toBeGreaterThan(3_590_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    const object = await send(aws.url, signed(aws.url, { path: '/ci-artifacts/a' }, { keys, presign: true }));
    expect(object).toMatchObject({ status: 200, body: 'hello' });
    aws.expectNoUnknown();
  });

  it.each([
    ['an unknown role', { RoleArn: `${demo}-x` }, '403 AccessDenied'],
    ['a missing external id', { RoleArn: guarded }, '403 AccessDenied'],
    ['a wrong external id', { RoleArn: guarded, ExternalId: 'theirs' }, '403 AccessDenied'],
    ['a session name of one character', { RoleSessionName: 'x' }, '400 ValidationError'],
    ['a session name of 65 characters', { RoleSessionName: 'x'.repeat(65) }, '400 ValidationError'],
    ['a session name with a slash', { RoleSessionName: 'main/app' }, '400 ValidationError'],
    ['a session shorter than 900 s', { DurationSeconds: '899' }, '400 ValidationError'],
    ['a session longer than the role allows', { DurationSeconds: '3601' }, '400 ValidationError'],
    ['an ARN that is none', { RoleArn: 'demo' }, '400 ValidationError'],
  ])('refuses %s', async (_, args, expected) => {
    await start();
    const answer = await call({ ...assume, ...args });
    expect(`${answer.status} ${element(answer, 'Code')}`).toBe(expected);
    expect(aws.sessions.size).toBe(0);
  });

  it('takes the right external id and a longer session where the role allows it', async () => {
    await start();
    expect((await call({ ...assume, RoleArn: guarded, ExternalId: 'ours' })).status).toBe(200);
    expect((await call({ ...assume, RoleArn: long, DurationSeconds: '43200' })).status).toBe(200);
  });

  it('gives a chained role one hour at most', async () => {
    await start();
    const keys = credentials(await call(assume));
    const chain = (seconds: string) => call({ ...assume, RoleArn: long, DurationSeconds: seconds }, { keys });
    expect((await chain('3601')).body).toContain('role chaining');
    expect((await chain('3600')).status).toBe(200);
  });

  it.each([
    [
      'another secret',
      { keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' } },
      'SignatureDoesNotMatch',
    ],
    ['an unknown key', { keys: { accessKeyId: 'AKIDOTHER', secretAccessKey: 'x' } }, 'InvalidClientTokenId'],
    ['a signature for S3', { service: 's3' }, 'SignatureDoesNotMatch'],
    ['another region', { region: 'ap-south-1' }, 'SignatureDoesNotMatch'],
  ])('refuses %s', async (_, options, expected) => {
    await start();
    const answer = await call(assume, options);
    expect([answer.status, element(answer, 'Code')]).toEqual([403, expected]);
  });

  it('refuses an unsigned call', async () => {
    await start();
    expect(element(await unsigned(assume), 'Code')).toBe('MissingAuthenticationToken');
  });
});

describe('AssumeRoleWithWebIdentity', () => {
  const args = { Action: 'AssumeRoleWithWebIdentity', RoleArn: demo, RoleSessionName: 'concourse' };

  it('needs the token and no signature', async () => {
    await start();
    const answer = await unsigned({ ...args, WebIdentityToken: 'jwt' });
    const object = signed(aws.url, { path: '/ci-artifacts/a' }, { keys: credentials(answer) });
    expect(await send(aws.url, object)).toMatchObject({ status: 200 });
  });

  it.each([
    ['another token', { WebIdentityToken: 'forged' }, '400 InvalidIdentityToken'],
    ['an expired token', { WebIdentityToken: 'old-jwt' }, '400 ExpiredTokenException'],
    ['no token', {}, '400 ValidationError'],
    ['an unknown role', { WebIdentityToken: 'jwt', RoleArn: `${demo}-x` }, '403 AccessDenied'],
  ])('refuses %s', async (_, more, expected) => {
    await start();
    const answer = await unsigned({ ...args, ...more });
    expect(`${answer.status} ${element(answer, 'Code')}`).toBe(expected);
  });
});

describe('GetCallerIdentity', () => {
  it('names the user or the assumed role', async () => {
    await start();
    expect(element(await call({ Action: 'GetCallerIdentity' }), 'Arn')).toBe(
      'arn:aws:iam::123456789012:user/ci',
    );
    const keys = credentials(await call(assume));
    const answer = await call({ Action: 'GetCallerIdentity' }, { keys });
    expect(element(answer, 'Arn')).toBe('arn:aws:sts::123456789012:assumed-role/demo/concourse');
    expect(element(answer, 'Account')).toBe('123456789012');
    expect(aws.sts.count('GetCallerIdentity')).toBe(2);
  });
});

describe('fake STS', () => {
  it('fails the test that asked for an unknown action', async () => {
    await start();
    expect(element(await call({ Action: 'GetFederationToken' }), 'Code')).toBe('InvalidAction');
    expect(() => aws.expectNoUnknown()).toThrow('unknown action GetFederationToken');
  });

  it('fails as ordered', async () => {
    await start();
    aws.sts.fault('AssumeRole', { http: 500 });
    aws.sts.fault('AssumeRole', 'html');
    aws.sts.fault('AssumeRole', 'reset');
    expect(element(await call(assume), 'Code')).toBe('InternalFailure');
    expect((await call(assume)).body).toContain('<html>');
    await expect(call(assume)).rejects.toThrow(/ECONNRESET|hang up/);
    expect((await call(assume)).status).toBe(200);
    expect(aws.sts.count('AssumeRole')).toBe(4);
  });

  it('also stands alone', async () => {
    await start();
    const sts = await startFakeSts({ roles: { [demo]: {} } });
    const request = signed(sts.url, { method: 'POST', path: '/', body: form(assume) }, { service: 'sts' });
    expect((await send(sts.url, request)).status).toBe(200);
    await sts.close();
  });
});
