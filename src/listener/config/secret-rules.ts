// The places of the configuration file that hold secrets, and the least that is asked of each. JSON pointers.

/** `$NAME` of a shell, `((name))` of Concourse, `{{ name }}` of a template, `<name>` of a manual. */
const UNFILLED = /^(?:\$\w+|\(\(.*\)\)|\{\{.*\}\}|<.*>)$/;
const OPAQUE_WORD = /^[!-~]+$/;
const LEAST: readonly (readonly [RegExp, number])[] = [
  [/^\/slack\/(?:bot_token|app_token)$/, 1],
  [/^\/slack\/(?:pipeline_app\/)?signing_secret(?:\/\d+)?$/, 16],
  [/^\/tokens\/\d+\/token(?:\/\d+)?$/, 16],
  [/^\/concourse\/webhooks\/\d+\/token$/, 1],
  [/^\/audit\/key$/, 32],
];

const HEADER = /^\/(?:gateway|actions\/[^/]+\/call)\/headers\/([^/]+)$/;
const TELLING = /key|token|secret|auth|cookie|pass/i;

/** True for a place whose value is a secret: always, or because a header with such a name or from elsewhere commonly is one. */
export function isSecretPlace(pointer: string, isReference: boolean): boolean {
  const header = HEADER.exec(pointer)?.[1];
  if (header !== undefined) return isReference || TELLING.test(header);
  return leastAt(pointer) !== undefined;
}

/** What is wrong with the secret of a place, if it is one and anything is; never the value. */
export function secretMistake(pointer: string, value: string): string | undefined {
  const least = leastAt(pointer);
  if (least === undefined) return undefined;
  if (value === '') return 'is empty';
  if (UNFILLED.test(value)) return 'is the name of a variable: the listener reads ${NAME} and ${file:/path}';
  if (value.length < least) return `is too short: it must have at least ${least} characters`;
  if (!OPAQUE_WORD.test(value))
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
