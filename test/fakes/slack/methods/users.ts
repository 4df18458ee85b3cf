import type { SlackApp } from '../apps.ts';
import { enterprise, teamId } from '../apps.ts';
import type { Method } from '../method.ts';
import type { UserSeed } from '../options.ts';
import { Refusal } from '../refusal.ts';
import type { Workspace } from '../workspace.ts';

export const userMethods: Readonly<Record<string, Method>> = {
  'users.info': {
    scope: 'users:read',
    json: false,
    args: ['user', 'include_locale'],
    run(args, slack, caller) {
      const id = args.required('user');
      const user = slack.users.find((one) => one.id === id);
      if (user !== undefined) return { user: renderUser(user, caller, slack) };
      const app = slack.apps.find((one) => one.botUser === id);
      if (app === undefined) throw new Refusal('user_not_found');
      return { user: renderUser({ id, name: app.name, bot: true }, caller, slack) };
    },
  },
  'users.lookupByEmail': {
    scope: 'users:read.email',
    json: false,
    args: ['email'],
    run(args, slack, caller) {
      const email = args.required('email').toLowerCase();
      // Deactivated people are not found.
      const user = slack.users.find((one) => one.deleted !== true && addressesOf(one).includes(email));
      if (user === undefined) throw new Refusal('users_not_found');
      return { user: renderUser(user, caller, slack) };
    },
  },
};

function addressesOf(user: UserSeed): string[] {
  return [user.email ?? '', ...(user.otherEmails ?? [])].map((one) => one.toLowerCase());
}

function renderUser(user: UserSeed, caller: SlackApp, slack: Workspace): Record<string, unknown> {
  const realName = user.realName ?? user.name;
  const team = user.team ?? teamId;
  // The address is shown to those who may read addresses (S33).
  const email = caller.scopes.includes('users:read.email') ? user.email : undefined;
  return {
    id: user.id,
    team_id: team,
    name: user.name,
    deleted: user.deleted ?? false,
    ...(user.deleted === true ? {} : { real_name: realName, tz: 'Europe/Berlin', tz_offset: 3600 }),
    profile: {
      real_name: realName,
      display_name: user.name,
      team,
      ...(email === undefined ? {} : { email }),
    },
    is_bot: user.bot ?? false,
    is_app_user: false,
    ...(email === undefined ? {} : { is_email_confirmed: user.emailConfirmed ?? true }),
    ...(slack.options.org === true && user.team === undefined ? { enterprise_user: memberOf(user) } : {}),
    updated: 1_446_598_059,
    ...(user.deleted === true ? {} : rights(user)),
  };
}

function memberOf(user: UserSeed): Record<string, unknown> {
  return {
    id: user.id,
    enterprise_id: enterprise.id,
    enterprise_name: enterprise.name,
    is_admin: false,
    is_owner: false,
    teams: [teamId],
  };
}

function rights(user: UserSeed): Record<string, boolean> {
  return {
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    // A guest of one channel has both marks.
    is_restricted: user.restricted === true || user.ultraRestricted === true,
    is_ultra_restricted: user.ultraRestricted ?? false,
    ...(user.team === undefined ? {} : { is_stranger: user.stranger ?? false }),
  };
}
