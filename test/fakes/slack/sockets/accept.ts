import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closePayload, encodeFrame, frameReader, opcodes } from './frames.ts';
import type { Frame } from './frames.ts';

/** The server's end of one WebSocket. */
export interface Connection {
  readonly send: (text: string) => void;
  readonly ping: () => void;
  /** Says goodbye; the TCP connection ends when the client has answered, or after a second. */
  readonly close: (code: number, reason: string) => void;
  /** Cuts the TCP connection without a word. */
  readonly destroy: () => void;
}

export interface Events {
  readonly text: (text: string) => void;
  /** The client broke the protocol; the connection is closed. */
  readonly violation: (what: string) => void;
  readonly pong: () => void;
  readonly gone: () => void;
  /** While it is true, nothing is read and nothing answered, not even a ping. */
  readonly deaf: () => boolean;
}

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answers the opening handshake of RFC 6455; undefined and a 400 when it is none. */
export function acceptWebSocket(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  events: Events,
): Connection | undefined {
  const key = req.headers['sec-websocket-key'];
  const asked =
    req.headers.upgrade?.toLowerCase() === 'websocket' && req.headers['sec-websocket-version'] === '13';
  if (key === undefined || !asked || req.method !== 'GET') {
    refuseUpgrade(socket, 400, 'Bad Request');
    return undefined;
  }
  const accept = createHash('sha1').update(`${key}${magic}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const connection = connectionOf(socket);
  const read = frameReader();
  const handle = frameHandler(connection, socket, events);
  const take = (chunk: Buffer) => {
    if (!events.deaf()) for (const frame of read(chunk)) handle(frame);
  };
  socket.on('data', take);
  socket.on('error', () => undefined);
  socket.once('close', events.gone);
  if (head.length > 0) take(head);
  return connection;
}

/** Answers an upgrade with an HTTP status instead. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function connectionOf(socket: Duplex): Connection {
  const write = (opcode: number, payload: Buffer) => {
    if (!socket.destroyed && socket.writable) socket.write(encodeFrame(opcode, payload));
  };
  return {
    send: (text) => write(opcodes.text, Buffer.from(text)),
    ping: () => write(opcodes.ping, Buffer.from('Ping from applink')),
    close(code, reason) {
      write(opcodes.close, closePayload(code, reason));
      setTimeout(() => socket.destroy(), 1000).unref();
    },
    destroy: () => void socket.destroy(),
  };
}

function frameHandler(connection: Connection, socket: Duplex, events: Events): (frame: Frame) => void {
  let parts: Buffer[] = [];
  const fail = (what: string) => {
    events.violation(what);
    connection.close(1002, 'protocol error');
  };
  return (frame) => {
    const { opcode, payload, final } = frame;
    if (!frame.masked) return fail('a frame of a client without a mask');
    if (opcode === opcodes.close) {
      // The same code back, then the end of the connection (section 5.5.1).
      if (socket.writable) socket.end(encodeFrame(opcodes.close, payload.subarray(0, 2)));
    } else if (opcode === opcodes.ping) {
      if (socket.writable) socket.write(encodeFrame(opcodes.pong, payload));
    } else if (opcode === opcodes.pong) events.pong();
    else if (opcode === opcodes.binary) fail('a binary message');
    else if (opcode !== opcodes.text && opcode !== opcodes.continuation) fail(`opcode ${opcode}`);
    else if ((opcode === opcodes.continuation) !== parts.length > 0) fail('a message in pieces out of order');
    else {
      parts.push(payload);
      if (!final) return;
      const text = Buffer.concat(parts).toString('utf8');
      parts = [];
      events.text(text);
    }
  };
}
