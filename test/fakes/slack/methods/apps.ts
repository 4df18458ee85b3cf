import type { Method } from '../method.ts';
import { issueTicket } from '../sockets/socket-mode.ts';

export const appMethods: Readonly<Record<string, Method>> = {
  'apps.connections.open': {
    appLevel: true,
    json: true,
    args: [],
    run: (_args, slack, app) => ({ url: issueTicket(slack, app) }),
  },
};
