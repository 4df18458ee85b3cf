import type { SeedConfig } from 'emulate';

/** The app that posts: the demo's pipelines use its token. Nothing here is a secret, the workspace lives on loopback. */
export const APP = {
  name: 'Concourse',
  token: 'xoxb-local-workspace',
  appId: 'A0CONCOURSE',
  botId: 'B0CONCOURSE',
  userId: 'U0CONCOURSE',
} as const;

/** Where artifacts live, and keys that emulate takes without looking at them. */
export const STORAGE = {
  bucket: 'ci-artifacts',
  region: 'eu-west-1',
  accessKeyId: 'AKIALOCALWORKSPACE00',
  secretAccessKey: 'local-workspace-secret',
} as const;

const TOPICS: Readonly<Record<string, string>> = { releases: 'What the pipelines built' };

// The scopes that the resource asks for, so that `auth.test` and `missing_scope` speak of the same app as the README.
const SCOPES = [
  'chat:write',
  'files:write',
  'files:read',
  'reactions:write',
  'users:read',
  'users:read.email',
];

/** What emulate's Slack starts with: the app, two people, and the channels (names without `#`). */
export function slackSeed(channels: readonly string[]): SeedConfig {
  return {
    slack: {
      team: { name: 'Local workspace', domain: 'local-workspace' },
      users: [
        { name: 'maria', real_name: 'Maria Lindgren', email: 'maria@example.com' },
        { name: 'sam', real_name: 'Sam Okafor', email: 'sam@example.com' },
      ],
      channels: channels.map((name) => ({ name, topic: TOPICS[name] ?? '' })),
      oauth_apps: [
        {
          client_id: 'local',
          client_secret: 'local',
          app_id: APP.appId,
          name: APP.name,
          redirect_uris: [],
          scopes: SCOPES,
          bot_name: APP.name.toLowerCase(),
          bot_id: APP.botId,
          bot_user_id: APP.userId,
        },
      ],
      tokens: [
        {
          token: APP.token,
          type: 'bot',
          user_id: APP.userId,
          app_id: APP.appId,
          bot_id: APP.botId,
          bot_user_id: APP.userId,
          scopes: SCOPES,
        },
      ],
    },
  };
}

/** What emulate's AWS starts with: the bucket, empty. */
export function awsSeed(): SeedConfig {
  return { aws: { region: STORAGE.region, s3: { buckets: [{ name: STORAGE.bucket }] } } };
}
