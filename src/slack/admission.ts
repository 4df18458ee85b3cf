import type { Actor } from './actor.ts';

/** The workspace, or organization, whose people count. */
export interface Home {
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
}

/** The app whose secret a request was signed with. */
export interface SigningApp {
  /** Undefined while it is not known: then the signature alone tells. */
  readonly appId: string | undefined;
  /** Another app with a secret of its own, whose id this one can never have. */
  readonly notAppId: string | undefined;
}

export type Admission = 'ok' | 'wrong_app' | 'home_unknown' | 'wrong_team' | 'foreign_user';

type Named = Pick<Actor, 'appId' | 'teamId' | 'enterpriseId'> & Partial<Pick<Actor, 'userTeamId'>>;

/**
 * Whether a verified request comes from the app that signed it, from our own workspace, and from one of its people (S23, A14).
 * In an organization people of its other workspaces pass here: only Slack knows who they are, see people.ts.
 */
export function admit(named: Named, app: SigningApp, home: Home): Admission {
  if (named.appId === app.notAppId) return 'wrong_app';
  if (app.appId !== undefined && named.appId !== app.appId) return 'wrong_app';
  if (home.teamId === undefined && home.enterpriseId === undefined) return 'home_unknown';

  const sameEnterprise = home.enterpriseId !== undefined && named.enterpriseId === home.enterpriseId;
  if (home.enterpriseId !== undefined && named.enterpriseId !== undefined && !sameEnterprise)
    return 'wrong_team';
  // An app that is installed for the whole organization names no team; then the organization must be ours.
  const sameTeam =
    named.teamId === undefined || home.teamId === undefined ? sameEnterprise : named.teamId === home.teamId;
  if (!sameTeam) return 'wrong_team';

  const { userTeamId } = named;
  const isOurs = [undefined, home.teamId, home.enterpriseId].includes(userTeamId) || sameEnterprise;
  return isOurs ? 'ok' : 'foreign_user';
}
