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

export interface UploadOptions {
  readonly filename?: string;
  /** Declared to Slack; default the true length. */
  readonly length?: number;
  readonly altText?: string;
}

/** Takes an upload address and sends the bytes there; the id of the file, not yet completed. */
export async function uploadBytes(
  slack: FakeSlack,
  bytes: Uint8Array<ArrayBuffer>,
  options: UploadOptions = {},
): Promise<string> {
  const ticket = await api(slack, 'files.getUploadURLExternal', {
    filename: options.filename ?? 'chart.png',
    length: options.length ?? bytes.length,
    ...(options.altText === undefined ? {} : { alt_txt: options.altText }),
  });
  await fetch(String(ticket['upload_url']), { method: 'POST', body: bytes });
  return String(ticket['file_id']);
}

/** Asks files.info until `done` holds; fails after a minute. */
export async function waitForFile(
  slack: FakeSlack,
  id: string,
  done: (file: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { file } = await api(slack, 'files.info', { file: id });
    if (isRecord(file) && done(file)) return file;
  }
  throw new Error(`${id} never became what was asked`);
}
