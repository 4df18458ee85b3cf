import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Error, sendError } from './s3-error.ts';

export type S3Fault =
  /** XML error; the code defaults to InternalError, SlowDown for 503, AccessDenied for 403. */
  | { readonly http: number; readonly code?: string }
  /** The request is read, an answer never comes. */
  | 'hang'
  | 'reset'
  /** Status 200 with an HTML page. */
  | 'html'
  /** GET: half of the body, then the connection is destroyed. */
  | 'cut'
  /** GET: half of the body, then silence. */
  | 'stall';

/** Answers by the fault; false when the fault belongs to the body of a GET. */
export function fail(fault: S3Fault, req: IncomingMessage, res: ServerResponse): boolean {
  if (fault === 'cut' || fault === 'stall') return false;
  if (fault === 'reset') req.socket.resetAndDestroy();
  else req.resume();
  if (fault === 'html')
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html><body>login</body></html>');
  if (typeof fault === 'object')
    sendError(new S3Error(fault.code ?? codeOf(fault.http), fault.http, 'injected'), req.method ?? '', res);
  return true;
}

function codeOf(status: number): string {
  if (status === 503) return 'SlowDown';
  return status === 403 ? 'AccessDenied' : 'InternalError';
}
