import type { SlackApp } from './apps.ts';
import { enterprise, teamDomain, teamId } from './apps.ts';
import type { ClickOptions } from './click.ts';
import type { Origin } from './interactions/payloads.ts';
import type { Channel, Workspace } from './workspace.ts';

/** Who acts where, for the payload. */
export function originOf(
  slack: Workspace,
  app: SlackApp,
  options: Pick<ClickOptions, 'by' | 'actor' | 'org'>,
  triggerId: string,
): Origin {
  const user = slack.users.find((one) => one.id === options.by);
  if (user === undefined && options.actor === undefined)
    throw new Error(`fake Slack has no user ${options.by}`);
  const org = isOrg(slack, options);
  return {
    app,
    team: org ? null : { id: teamId, domain: teamDomain },
    enterprise: org ? enterprise : null,
    actor: {
      id: options.by,
      username: options.actor?.username ?? user?.name ?? options.by,
      team_id: options.actor?.team_id ?? user?.team ?? teamId,
    },
    triggerId,
  };
}

/** A channel as payloads name it. */
export function named(channel: Channel): { id: string; name: string } {
  const name = { public: channel.name, private: 'privategroup', im: 'directmessage' }[channel.kind];
  return { id: channel.id, name };
}

/** Whether the app counts as installed for a whole organisation. */
export function isOrg(slack: Workspace, options: Pick<ClickOptions, 'org'>): boolean {
  return options.org ?? slack.options.org === true;
}
