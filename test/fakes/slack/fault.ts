import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * How a call fails. Processed, so a second try does it twice: `lost`, `silent`, `truncated`, `{ html: 'processed' }`.
 * Not processed: all others.
 */
export type SlackFault =
  | { readonly http: number }
  /** 429 with `Retry-After` in seconds. */
  | { readonly rateLimit: number }
  /** An answer `ok: false`. */
  | { readonly error: string; readonly messages?: readonly string[] }
  /** Done and answered after so many milliseconds. */
  | { readonly slow: number }
  /** The request is read, an answer comes only when the fake is told to `release` it; it is done then, too. */
  | 'hang'
  /** Done, but an answer never comes. */
  | 'silent'
  /** Uploads only: after the first bytes the server stops reading. */
  | 'stall'
  /** The connection is reset. */
  | 'reset'
  /** Status 200 with an HTML page. */
  | 'html'
  | { readonly html: 'processed' }
  /** The connection is reset instead of an answer. */
  | 'lost'
  /** Status 200 with half of the JSON. */
  | 'truncated';

const htmlPage = '<!DOCTYPE html><html><body>Server is having a moment</body></html>';

/** Destroys the connection with a TCP reset where the socket can. */
export function reset(req: IncomingMessage): void {
  req.socket.resetAndDestroy();
}

/** Answers by a fault that leaves the call undone; false when the fault wants the call to be done first. */
export function failBefore(fault: SlackFault, req: IncomingMessage, res: ServerResponse): boolean {
  if (fault === 'lost' || fault === 'silent' || fault === 'truncated') return false;
  if (fault === 'hang' || fault === 'stall') return true;
  if (fault === 'reset') reset(req);
  else if (fault === 'html') res.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage);
  else if ('html' in fault || 'slow' in fault) return false;
  else if ('http' in fault) res.writeHead(fault.http, { 'content-type': 'text/plain' }).end('upstream error');
  else if ('rateLimit' in fault) rateLimit(fault.rateLimit, res);
  else refuse(fault.error, fault.messages, res);
  return true;
}

function rateLimit(seconds: number, res: ServerResponse): void {
  res
    .writeHead(429, { 'content-type': 'application/json', 'retry-after': String(seconds) })
    .end(JSON.stringify({ ok: false, error: 'ratelimited' }));
}

function refuse(error: string, messages: readonly string[] | undefined, res: ServerResponse): void {
  const body = { ok: false, error, ...(messages === undefined ? {} : { response_metadata: { messages } }) };
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** Answers a call that was done: as it is, or by the fault. */
export function answer(
  fault: SlackFault | undefined,
  body: Record<string, unknown>,
  req: IncomingMessage,
  res: ServerResponse,
  status = 200,
): void {
  if (fault === 'silent') return;
  const json = JSON.stringify(body);
  if (fault === 'lost') return reset(req);
  if (typeof fault === 'object' && 'html' in fault) {
    res.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage);
    return;
  }
  res
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    .end(fault === 'truncated' ? json.slice(0, Math.floor(json.length / 2)) : json);
}
