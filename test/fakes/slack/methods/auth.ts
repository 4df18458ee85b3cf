import { enterprise, teamDomain, teamId } from '../apps.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';

export const authMethods: Readonly<Record<string, Method>> = {
  'auth.test': {
    json: true,
    args: [],
    run(_args, slack, app) {
      const org = slack.options.org === true;
      // What it does not tell is the app: that takes bots.info.
      return {
        url: `https://${teamDomain}.slack.com/`,
        team: org ? enterprise.name : 'Fake',
        user: app.name,
        team_id: org ? enterprise.id : teamId,
        user_id: app.botUser,
        bot_id: app.botId,
        ...(org ? { enterprise_id: enterprise.id } : {}),
        is_enterprise_install: org,
      };
    },
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
