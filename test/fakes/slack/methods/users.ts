import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';
import { teamId } from '../workspace.ts';

export const userMethods: Readonly<Record<string, Method>> = {
  'users.lookupByEmail': {
    scope: 'users:read.email',
    json: false,
    args: ['email'],
    run(args, slack) {
      const email = args.required('email').toLowerCase();
      const user = slack.users.find((one) => one.email.toLowerCase() === email);
      if (user === undefined) throw new Refusal('users_not_found');
      return {
        user: {
          id: user.id,
          team_id: teamId,
          name: user.name,
          deleted: false,
          profile: { email: user.email },
        },
      };
    },
  },
};
