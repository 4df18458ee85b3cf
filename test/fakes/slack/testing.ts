import { isRecord } from './arguments.ts';
import type { FakeSlack } from './server.ts';

export interface CallOptions {
  readonly json?: boolean;
  readonly token?: string | null;
}

/** Calls a method of the fake with a form body, objects as JSON strings, as Slack's own SDK does. */
export async function api(
  slack: FakeSlack,
  method: string,
  args: Readonly<Record<string, unknown>>,
  options: CallOptions = {},
): Promise<Record<string, unknown>> {
  const token = options.token === undefined ? slack.token : options.token;
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      'content-type':
        options.json === true ? 'application/json; charset=utf-8' : 'application/x-www-form-urlencoded',
    },
    body: options.json === true ? JSON.stringify(args) : form(args),
  });
  const answer: unknown = await response.json();
  if (!isRecord(answer)) throw new Error('the answer is no object');
  return answer;
}

function form(args: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(args).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(pairs).toString();
}
