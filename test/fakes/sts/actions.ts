import type { IncomingMessage } from 'node:http';
import type { Sessions } from '../aws/sessions.ts';
import { xmlElements } from '../aws/xml.ts';
import { authenticateSts } from './authenticate.ts';
import type { FakeStsOptions } from './fake-sts.ts';
import { issueSession } from './issue-session.ts';
import { StsError } from './sts-error.ts';

export interface StsContext {
  readonly req: IncomingMessage;
  readonly args: Readonly<Record<string, string>>;
  readonly bodyHash: string;
  readonly options: FakeStsOptions & { readonly accessKeyId: string; readonly sessions: Sessions };
  readonly now: number;
}

const account = '123456789012';
const userArn = `arn:aws:iam::${account}:user/ci`;

export function assumeRole(context: StsContext): string {
  const caller = authenticateSts(context);
  const request = readRequest(context);
  const role = context.options.roles?.[request.roleArn];
  if (
    role === undefined ||
    (role.externalId !== undefined && role.externalId !== context.args['ExternalId'])
  ) {
    const who = caller?.arn ?? userArn;
    const text = `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${request.roleArn}`;
    throw new StsError('AccessDenied', 403, text);
  }
  // A role assumed by a role lives one hour at most.
  const chained = caller === undefined ? Number.POSITIVE_INFINITY : 3600;
  if (request.durationSeconds > chained)
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  requireDuration(request.durationSeconds, role.maxDuration);
  return issue(context, request);
}

export function assumeRoleWithWebIdentity(context: StsContext): string {
  const request = readRequest(context);
  const token = context.args['WebIdentityToken'];
  if (token === undefined || token === '')
    throw invalid("Value null at 'webIdentityToken' failed to satisfy constraint");
  const { webIdentityToken, expiredWebIdentityToken } = context.options;
  if (token === expiredWebIdentityToken)
    throw new StsError(
      'ExpiredTokenException',
      400,
      'Token expired: current date/time must be before the expiration',
    );
  if (token !== webIdentityToken)
    throw new StsError(
      'InvalidIdentityToken',
      400,
      'Couldn’t retrieve verification key from your identity provider',
    );
  const role = context.options.roles?.[request.roleArn];
  if (role === undefined)
    throw new StsError('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  requireDuration(request.durationSeconds, role.maxDuration);
  const more = xmlElements({
    SubjectFromWebIdentityToken: 'main/app',
    Provider: 'https://ci.example',
    Audience: 'aws',
  });
  return issue(context, request) + more;
}

export function getCallerIdentity(context: StsContext): string {
  const caller = authenticateSts(context);
  const arn = caller?.arn ?? userArn;
  const userId = caller === undefined ? 'AIDAFAKE' : `AROAFAKE:${arn.split('/').at(-1)}`;
  return xmlElements({ Arn: arn, UserId: userId, Account: arn.split(':')[4] ?? account });
}

interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
}

function readRequest({ args }: StsContext): RoleRequest {
  const roleArn = args['RoleArn'] ?? '';
  const sessionName = args['RoleSessionName'] ?? '';
  const duration = args['DurationSeconds'] ?? '3600';
  if (!/^arn:[\w+=,.@/:-]{16,2044}$/.test(roleArn)) throw invalid(`${roleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw invalid(
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}`,
    );
  if (!/^\d+$/.test(duration)) throw invalid('DurationSeconds must be a number');
  return { roleArn, sessionName, durationSeconds: Number(duration) };
}

function requireDuration(seconds: number, max = 3600): void {
  if (seconds < 900 || seconds > 43_200)
    throw invalid(`Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: 900 to 43200`);
  if (seconds > max)
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

function issue({ options, now }: StsContext, request: RoleRequest): string {
  return issueSession({
    ...request,
    sessions: options.sessions,
    tokenLength: options.tokenLength ?? 400,
    now,
  });
}

function invalid(message: string): StsError {
  return new StsError('ValidationError', 400, message);
}
