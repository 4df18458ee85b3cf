import type { Problem } from '../../kit/schema-problems.ts';
import { isNoAddress, record, textsOf } from './places.ts';
import type { Tree } from './places.ts';

/** What is wrong with the section `slack` beyond the form of its keys. */
export function slackProblems(slack: Tree): Problem[] {
  const {
    mode = 'http',
    signing_secret: signing,
    app_token: appToken,
    pipeline_app: app,
    api_url: api,
  } = slack;
  const problems: Problem[] = [];
  const check = (path: string, wrong: boolean, message: string) => {
    if (wrong) problems.push({ path: `slack.${path}`, message });
  };
  check(
    'signing_secret',
    (mode === 'http' || mode === 'both') && signing === undefined,
    'required with mode http and both',
  );
  check(
    'app_token',
    (mode === 'socket' || mode === 'both') && appToken === undefined,
    'required with mode socket and both',
  );
  const own = new Set(textsOf(signing));
  check(
    'pipeline_app.signing_secret',
    textsOf(record(app)['signing_secret']).some((secret) => own.has(secret)),
    "is also that of the listener's own app: give that of the other app, or remove pipeline_app if there is one app for both",
  );
  check('api_url', isNoAddress(api), 'is no address');
  check(
    'api_url',
    typeof api === 'string' && !isNoAddress(api) && !isSlackOrLoopback(api) && slack['custom_api'] !== true,
    "is not Slack's: the token would go there, unless custom_api: true says that it is meant",
  );
  return problems;
}

function isSlackOrLoopback(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return true;
  return protocol === 'https:' && (hostname === 'slack.com' || hostname.endsWith('.slack.com'));
}
