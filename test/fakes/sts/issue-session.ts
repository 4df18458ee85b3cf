import { randomBytes } from 'node:crypto';
import type { Session, Sessions } from '../aws/sessions.ts';
import { xmlElements } from '../aws/xml.ts';

export interface IssueOptions {
  readonly sessions: Sessions;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  /** Characters of the session token. */
  readonly tokenLength: number;
  readonly now: number;
}

/** Makes credentials, remembers them, and gives the XML that both AssumeRole actions answer. */
export function issueSession(options: IssueOptions): string {
  const token = randomBytes(options.tokenLength).toString('base64').slice(0, options.tokenLength);
  const role = options.roleArn.split('/').at(-1) ?? '';
  const account = options.roleArn.split(':')[4] ?? '';
  const session: Session = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    // STS speaks of whole seconds.
    expires: new Date(Math.floor(options.now / 1000) * 1000 + options.durationSeconds * 1000),
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${options.sessionName}`,
  };
  options.sessions.set(token, session);
  const credentials = xmlElements({
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: token,
    Expiration: session.expires.toISOString().replace('.000Z', 'Z'),
  });
  const user = xmlElements({ AssumedRoleId: `AROAFAKE:${options.sessionName}`, Arn: session.arn });
  return `<Credentials>${credentials}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser>`;
}
