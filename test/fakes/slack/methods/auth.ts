import type { Method } from '../method.ts';
import { appId, botId, botUser, teamId } from '../workspace.ts';

export const authMethods: Readonly<Record<string, Method>> = {
  'auth.test': {
    json: true,
    args: [],
    run: () => ({
      url: 'https://fake.slack.com/',
      team: 'Fake',
      user: 'pipeline',
      team_id: teamId,
      user_id: botUser,
      bot_id: botId,
      app_id: appId,
      is_enterprise_install: false,
    }),
  },
};
