import type { IncomingMessage, ServerResponse } from 'node:http';
import { StsError } from './sts-error.ts';

export type StsFault =
  | { readonly http: number; readonly code?: string }
  /** An answer never comes. */
  | 'hang'
  | 'reset'
  /** Status 200 with an HTML page. */
  | 'html';

export function failSts(fault: StsFault, req: IncomingMessage, res: ServerResponse): void {
  if (fault === 'hang') return;
  if (fault === 'reset') return void req.socket.resetAndDestroy();
  if (fault === 'html') {
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html><body>login</body></html>');
    return;
  }
  const error = new StsError(fault.code ?? 'InternalFailure', fault.http, 'injected');
  res.writeHead(fault.http, { 'content-type': 'text/xml' }).end(error.toXml());
}
