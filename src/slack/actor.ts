import { stringAt, valueAt } from './answer.ts';

/** Who did something, and through which app and workspace it came: what every payload of Slack says. */
export interface Actor {
  readonly userId: string;
  /** For display in logs; anybody may choose it, so it proves nothing (C28, S21). */
  readonly userName: string | undefined;
  /** The workspace the person belongs to: another one for a guest from Slack Connect. */
  readonly userTeamId: string | undefined;
  readonly appId: string;
  /** Absent where the app is installed for a whole organization (S23). */
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  readonly enterpriseInstall: boolean;
}

/** The actor of an interaction, or undefined when nobody is named. `W…` ids are people of an organization (S23). */
export function actorOf(payload: unknown): Actor | undefined {
  const userId = stringAt(payload, 'user', 'id');
  const appId = stringAt(payload, 'api_app_id');
  if (userId === undefined || appId === undefined || !isUserId(userId)) return undefined;
  return {
    userId,
    userName: stringAt(payload, 'user', 'username') ?? stringAt(payload, 'user', 'name'),
    userTeamId: stringAt(payload, 'user', 'team_id'),
    appId,
    teamId: stringAt(payload, 'team', 'id'),
    enterpriseId: stringAt(payload, 'enterprise', 'id') ?? stringAt(payload, 'team', 'enterprise_id'),
    enterpriseInstall: isYes(valueAt(payload, 'is_enterprise_install')),
  };
}

/** True for ids of people, `U…` and `W…`. */
export function isUserId(text: string): boolean {
  return /^[UW][A-Z0-9]{1,30}$/.test(text);
}

/** Forms can only say it in words. */
export function isYes(value: unknown): boolean {
  return value === true || value === 'true';
}
