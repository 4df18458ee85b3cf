import { isRecord } from '../../kit/json.ts';

type Tree = Record<string, unknown>;

/** Environment variables that stand for keys the file does not name, by path. */
export const ENV_DEFAULTS = {
  SLACK_BOT_TOKEN: 'slack.bot_token',
  SLACK_SIGNING_SECRET: 'slack.signing_secret',
  SLACK_APP_TOKEN: 'slack.app_token',
  AWS_REGION: 'aws.region',
  API_GATEWAY_URL: 'gateway.url',
  DYNAMODB_TABLE_REQUESTS: 'store.dynamodb.requests',
  DYNAMODB_TABLE_PROJECTS: 'store.dynamodb.projects',
  PORT: 'server.port',
} as const;

/** These make their section; the others only fill in one that is there. */
const MAKING = new Set<string>(['SLACK_BOT_TOKEN', 'AWS_REGION', 'API_GATEWAY_URL', 'PORT']);

/** The document with a reference `${NAME}` wherever a variable of the field is set and its key is absent. */
export function withEnvDefaults(document: Tree, env: NodeJS.ProcessEnv): Tree {
  let filled = document;
  for (const [name, path] of Object.entries(ENV_DEFAULTS)) {
    if (!env[name]) continue;
    const makes = MAKING.has(name) || (name === 'DYNAMODB_TABLE_REQUESTS' && document['store'] === undefined);
    filled = put(filled, path.split('.'), `\${${name}}`, makes);
  }
  return filled;
}

function put(tree: Tree, [key = '', ...rest]: readonly string[], value: string, makes: boolean): Tree {
  const there = tree[key];
  if (rest.length === 0) return there === undefined ? { ...tree, [key]: value } : tree;
  if (there === undefined && !makes) return tree;
  if (there !== undefined && !isRecord(there)) return tree;
  return { ...tree, [key]: put(there ?? {}, rest, value, makes) };
}
