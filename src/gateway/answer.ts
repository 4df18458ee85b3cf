import { readBytes } from '../kit/http.ts';
import type { HttpResponse } from '../kit/http.ts';
import { tryParseJson } from '../kit/json.ts';
import { LARGEST_BODY } from './call.ts';

/** What a service answered. */
export interface GatewayAnswer {
  readonly status: number;
  /** Names in lower case, without what opens sessions. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The parsed body when its type says JSON and it is; else undefined. */
  readonly json: unknown;
}

// Whoever reads the answer from a file or a log must not get a session with it.
const KEPT_BACK = /^(?:set-cookie2?|authorization|proxy-.*|www-authenticate|x-amz-security-token)$/;

/** Reads an answer of at most 10 MB. Rejects with HttpFailure when it is longer or breaks off. */
export async function readAnswer(response: HttpResponse): Promise<GatewayAnswer> {
  const body = await readBytes(response, LARGEST_BODY);
  const headers = headersOf(response);
  return { status: response.status, headers, body, json: jsonOf(headers['content-type'], body) };
}

function headersOf(response: HttpResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value === undefined || KEPT_BACK.test(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function jsonOf(type: string | undefined, body: Buffer): unknown {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(type ?? '')
    ? tryParseJson(body.toString('utf8'))
    : undefined;
}
