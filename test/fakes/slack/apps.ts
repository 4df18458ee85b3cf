/** An app as its owner knows it: all that api.slack.com shows about it. */
export interface SlackApp {
  readonly id: string;
  readonly name: string;
  /** The bot token. */
  readonly token: string;
  /** The app-level token, with `connections:write`. */
  readonly appToken: string;
  readonly signingSecret: string;
  /** The legacy `token` of payloads. */
  readonly verificationToken: string;
  readonly botUser: string;
  readonly botId: string;
  readonly scopes: readonly string[];
  /** Where Slack posts; set by `setRequestUrl`. */
  urls: RequestUrls;
  /** Interactions, commands and events go to a socket instead. */
  socketMode: boolean;
  /** Calls with its tokens are `token_revoked`. */
  revoked: boolean;
}

/** The addresses that an app's settings name. */
export interface RequestUrls {
  readonly interactions?: string | undefined;
  readonly commands?: string | undefined;
  readonly events?: string | undefined;
}

export const teamId = 'T0TEAM00001';
export const teamDomain = 'fake';
export const enterprise = { id: 'E0GRID00001', name: 'Fake Grid' } as const;

/** The app whose token pipelines hold. */
export const pipelinesAppId = 'A0APP000001';
/** The app of the listener. */
export const listenerAppId = 'A0LISTENER1';

/** The two apps of the workspace: the pipelines' and the listener's own. */
export function seedApps(
  pipelines: { token: string; scopes: readonly string[] },
  all: readonly string[],
): SlackApp[] {
  return [
    {
      id: pipelinesAppId,
      name: 'pipeline',
      ...pipelines,
      appToken: 'xapp-1-sensitive-pipelines',
      signingSecret: 'sensitive-signing-secret-of-pipelines',
      verificationToken: 'sensitive-verification-of-pipelines',
      botUser: 'U0BOT000001',
      botId: 'B0BOT000001',
      ...unset(),
    },
    {
      id: listenerAppId,
      name: 'listener',
      token: 'xoxb-sensitive-listener-token',
      scopes: all,
      appToken: 'xapp-1-sensitive-listener',
      signingSecret: 'sensitive-signing-secret-of-listener',
      verificationToken: 'sensitive-verification-of-listener',
      botUser: 'U0BOT000002',
      botId: 'B0BOT000002',
      ...unset(),
    },
  ];
}

function unset(): Pick<SlackApp, 'urls' | 'socketMode' | 'revoked'> {
  return { urls: {}, socketMode: false, revoked: false };
}
