import { teamDomain, teamId } from '../apps.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';

export const authMethods: Readonly<Record<string, Method>> = {
  'auth.test': {
    json: true,
    args: [],
    run: (_args, _slack, app) => ({
      url: `https://${teamDomain}.slack.com/`,
      team: 'Fake',
      user: app.name,
      team_id: teamId,
      user_id: app.botUser,
      bot_id: app.botId,
      app_id: app.id,
      is_enterprise_install: false,
    }),
  },
  'bots.info': {
    scope: 'users:read',
    json: false,
    args: ['bot', 'team_id'],
    run(args, slack, caller) {
      const id = args.text('bot') ?? caller.botId;
      const app = slack.apps.find((one) => one.botId === id);
      if (app === undefined) throw new Refusal('bot_not_found');
      return {
        bot: {
          id,
          deleted: app.revoked,
          name: app.name,
          updated: 0,
          app_id: app.id,
          user_id: app.botUser,
          icons: {},
        },
      };
    },
  },
};
