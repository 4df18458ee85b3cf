import { teamId } from '../apps.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';
import type { UserGroup, Workspace } from '../workspace.ts';

export const userGroupMethods: Readonly<Record<string, Method>> = {
  'usergroups.users.list': {
    scope: 'usergroups:read',
    json: false,
    args: ['usergroup', 'include_disabled', 'team_id'],
    run(args, slack) {
      requireTeam(args, slack);
      const group = slack.groups.get(args.required('usergroup'));
      if (group === undefined || (group.disabled && args.flag('include_disabled') !== true))
        throw new Refusal('no_such_subteam');
      return { users: group.users };
    },
  },
  'usergroups.list': {
    scope: 'usergroups:read',
    json: false,
    args: ['include_disabled', 'include_count', 'include_users', 'team_id'],
    run(args, slack) {
      requireTeam(args, slack);
      const shown = [...slack.groups.values()].filter(
        (group) => !group.disabled || args.flag('include_disabled') === true,
      );
      return {
        usergroups: shown.map((group) => ({
          ...renderGroup(group),
          ...(args.flag('include_users') === true ? { users: group.users } : {}),
          ...(args.flag('include_count') === true ? { user_count: group.users.length } : {}),
        })),
      };
    },
  },
};

// A token of an organisation says whose groups it means.
function requireTeam(args: Arguments, slack: Workspace): void {
  if (slack.options.org === true && args.text('team_id') === undefined) throw new Refusal('missing_argument');
}

function renderGroup(group: UserGroup): Record<string, unknown> {
  return {
    id: group.id,
    team_id: teamId,
    is_usergroup: true,
    name: group.handle,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: 1_446_598_059,
    date_update: 1_446_598_059,
    date_delete: group.disabled ? 1_446_748_865 : 0,
    auto_type: null,
    prefs: { channels: [], groups: [] },
  };
}
