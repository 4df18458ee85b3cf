import type { Socket } from 'node:net';
import { systemCode } from '../kit/fault.ts';

const STATUS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not arrive in time'],
};

/** Answers what is no HTTP request, or came too slowly, with a plain reason, and closes the connection. */
export function refuseBadRequest(error: Error, socket: Socket): void {
  const code = systemCode(error) ?? '';
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, reason, message] = STATUS[code] ?? [400, 'Bad Request', 'that is no HTTP request'];
  const body = JSON.stringify({ error: { code: 'invalid', message } });
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
