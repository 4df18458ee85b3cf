import type { ErrorView } from '../approvals/contract.ts';
import type { Outgoing } from '../kit/incoming.ts';

type Code = ErrorView['error']['code'];

/** An answer of the server itself, in the form that every error of /v1 has. */
export function errorAnswer(
  status: number,
  code: Code,
  message: string,
  more: { readonly hint?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Outgoing {
  const body: ErrorView = { error: { code, message, ...(more.hint !== undefined && { hint: more.hint }) } };
  return { status, body, ...(more.headers && { headers: more.headers }) };
}

export const NO_SUCH_ROUTE = errorAnswer(404, 'not_found', 'there is nothing at this address');
export const INSECURE = errorAnswer(403, 'forbidden', 'a token must not travel over plain http', {
  hint: 'call it over https; where TLS ends at a proxy, name that under server.trusted_proxies, and let it set x-forwarded-proto',
});
export const TOO_MANY_BODIES = errorAnswer(
  429,
  'rate_limited',
  'too many bodies are on their way: ask again',
  {
    headers: { 'retry-after': '1', connection: 'close' },
  },
);
