// The places of the configuration file that hold secrets, and the least that is asked of each. JSON pointers.

const OPAQUE_WORD = /^[!-~]+$/;
const LEAST: readonly (readonly [RegExp, number])[] = [
  [/^\/slack\/(?:bot_token|app_token)$/, 1],
  [/^\/slack\/(?:pipeline_app\/)?signing_secret(?:\/\d+)?$/, 16],
  [/^\/tokens\/\d+\/token(?:\/\d+)?$/, 16],
  [/^\/concourse\/webhooks\/\d+\/token$/, 1],
  [/^\/gateway\/headers\/[^/]+$/, 0],
  [/^\/audit\/key$/, 32],
];

/** True for a place whose value is a secret. */
export function isSecretPlace(pointer: string): boolean {
  return leastAt(pointer) !== undefined;
}

/** What is wrong with the secret of a place, if anything; never the value. */
export function secretMistake(pointer: string, value: string): string | undefined {
  const least = leastAt(pointer) ?? 0;
  if (value === '' && least > 0) return 'is empty';
  if (value.length < least) return `is too short: it must have at least ${least} characters`;
  if (least > 0 && !OPAQUE_WORD.test(value))
    return 'holds a line break, a blank or another character that no such value has: see how it was stored';
  if (pointer === '/slack/bot_token') return wrongSlackToken(value, 'xoxb-');
  if (pointer === '/slack/app_token') return wrongSlackToken(value, 'xapp-');
  return undefined;
}

const SLACK_TOKENS: Readonly<Record<string, string>> = {
  'xoxb-': 'a bot token, which belongs under slack.bot_token',
  'xapp-': 'an app-level token, which belongs under slack.app_token',
  'xoxp-': 'a token of a user: the listener acts as a bot (xoxb-…)',
  'xoxe.': 'a token that expires: turn token rotation off in the settings of the app',
};

function wrongSlackToken(value: string, wanted: string): string | undefined {
  const kind = Object.keys(SLACK_TOKENS).find((prefix) => value.startsWith(prefix));
  return kind === undefined || kind === wanted ? undefined : `is ${SLACK_TOKENS[kind]}`;
}

function leastAt(pointer: string): number | undefined {
  return LEAST.find(([place]) => place.test(pointer))?.[1];
}
