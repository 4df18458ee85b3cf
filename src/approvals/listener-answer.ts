import { Fault } from '../kit/fault.ts';
import { readText, UNTRUSTED_HINT } from '../kit/http.ts';
import type { HttpFailure, HttpResponse } from '../kit/http.ts';
import { tryParseJson } from '../kit/json.ts';
import type { ErrorView } from './contract.ts';
import { readErrorView } from './read-view.ts';

/** What one try came to. */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly answer: T }
  | { readonly kind: 'refused'; readonly status: number; readonly error: ErrorView['error'] | undefined }
  /** Another try may succeed. */
  | { readonly kind: 'trouble'; readonly fault: Fault; readonly afterMs: number }
  /** Somebody else than a listener stands at this address. */
  | { readonly kind: 'stranger'; readonly fault: Fault };

const LARGEST_ANSWER = 1024 * 1024;

/** What an answer is; `read` knows those of a listener that says yes. */
export async function judge<T>(
  response: HttpResponse,
  read: (answer: unknown) => T | undefined,
  host: string,
): Promise<Outcome<T>> {
  const { status } = response;
  const value = tryParseJson(await readText(response, LARGEST_ANSWER));
  const error = readErrorView(value);
  if (status >= 500 || (status === 429 && error?.code !== 'too_many_open')) {
    const said = error?.message ?? `HTTP ${status}`;
    const fault = failed(`the listener at ${host} cannot answer now: ${said}`, "see the listener's log");
    return { kind: 'trouble', fault, afterMs: retryAfterMs(response) };
  }
  if (status === 401 || status === 403 || (status >= 400 && error)) return { kind: 'refused', status, error };
  const answer = status >= 200 && status < 300 ? read(value) : undefined;
  if (answer !== undefined) return { kind: 'ok', answer };
  const text = `${host} answered HTTP ${status} without an answer of the listener`;
  return {
    kind: 'stranger',
    fault: failed(
      text,
      'check source.listener.url, and the proxy: a login page or a web server may be answering',
    ),
  };
}

function retryAfterMs({ headers }: HttpResponse): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function failed(message: string, hint: string): Fault {
  return new Fault('LISTENER_FAILED', message, { hint });
}

/** The Fault for no answer at all. */
export function unreachable(host: string, cause: HttpFailure): Fault {
  return new Fault('LISTENER_UNREACHABLE', `no answer from the listener at ${host}: ${cause.message}`, {
    hint: cause.untrusted
      ? UNTRUSTED_HINT
      : "check that the listener runs, source.listener.url, and the worker's network and proxy",
    cause,
  });
}

/** A Fault that remembers the listener's own word for it. */
export class Refusal extends Fault {
  readonly listenerCode: string | undefined;

  constructor(
    ...[code, message, hint, listenerCode]: readonly [Fault['code'], string, string, string | undefined]
  ) {
    super(code, message, { hint });
    this.listenerCode = listenerCode;
  }
}

const HINTS: Readonly<Record<string, string>> = {
  invalid: 'mend what the line names',
  not_found: 'check the name; the operator of the listener knows its gates',
  conflict: 'a used or changed request stays as it is: ask again with a new build or another key',
};
const TOKEN_HINT =
  "check source.listener.token; the operator's configuration says what the token may do, and at which gates";

/** The Fault for a listener that says no. Codes: LISTENER_REFUSED for the token, else APPROVAL_REFUSED. */
export function refusal(
  what: string,
  { status, error }: { status: number; error: ErrorView['error'] | undefined },
): Refusal {
  const said = (error?.message ?? `HTTP ${status}`).slice(0, 2000);
  if (status === 401 || status === 403)
    return new Refusal(
      'LISTENER_REFUSED',
      `the listener refuses ${what}: ${said}`,
      error?.hint ?? TOKEN_HINT,
      error?.code,
    );
  const hint = error?.hint ?? HINTS[error?.code ?? ''] ?? '';
  return new Refusal('APPROVAL_REFUSED', `the listener refuses ${what}: ${said}`, hint, error?.code);
}

/** True when the listener knows no such request: it never was, or came after a backup that the listener was restored from. */
export function isUnknown(failure: unknown): boolean {
  return failure instanceof Refusal && failure.listenerCode === 'not_found';
}

/** True for a failure that may be over at the next try: the listener is restarted, or something before it is. */
export function isTrouble(failure: unknown): boolean {
  return (
    failure instanceof Fault &&
    (failure.code === 'LISTENER_UNREACHABLE' || failure.code === 'LISTENER_FAILED')
  );
}
