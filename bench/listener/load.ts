import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What came of one request. */
export interface Answered {
  /** Its place among the requests. */
  readonly index: number;
  readonly status: number;
  readonly ms: number;
}

/** One connection that is kept open; one request at a time. */
export interface Line {
  send(request: Buffer): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
}

/** Opens a connection to `http://host:port`; it parses no more of an answer than it must, to leave the machine to the server. */
export async function openLine(origin: string): Promise<Line> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return { send: (request) => exchange(socket, request), close: () => void socket.destroy() };
}

/** Sends all requests over so many connections, each its next one when the one before is answered. Resolves to answers per second. */
export async function allAtOnce(
  origin: string,
  requests: readonly Buffer[],
  connections: number,
): Promise<{ readonly perSecond: number; readonly answers: readonly Answered[] }> {
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(origin)));
  const rest = requests.entries();
  const answers: Answered[] = [];
  const started = performance.now();
  await Promise.all(
    lines.map(async (line) => {
      for (const [index, request] of rest) {
        const sent = performance.now();
        const { status } = await line.send(request);
        answers.push({ index, status, ms: performance.now() - sent });
      }
    }),
  );
  const perSecond = (requests.length * 1000) / (performance.now() - started);
  for (const line of lines) line.close();
  return { perSecond, answers };
}

/**
 * Sends requests at a steady rate, whether or not earlier ones are answered, each timed from the moment it was due: a server
 * that stands still is not spared the requests that people would have sent meanwhile.
 */
export async function steadily(
  origin: string,
  requests: readonly Buffer[],
  perSecond: number,
  answered: (index: number) => void,
): Promise<readonly Answered[]> {
  const idle: Line[] = [];
  const started = performance.now();
  const one = async (request: Buffer, index: number): Promise<Answered> => {
    const due = started + (index * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    const line = idle.pop() ?? (await openLine(origin));
    const { status } = await line.send(request);
    const ms = performance.now() - due;
    answered(index);
    idle.push(line);
    return { index, status, ms };
  };
  const answers = await Promise.all(requests.map(one));
  for (const line of idle) line.close();
  return answers;
}

function exchange(socket: Socket, request: Buffer): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = () => {
      socket.off('data', read).off('error', fail).off('close', fail);
    };
    const fail = (error?: unknown) => {
      end();
      reject(error instanceof Error ? error : new Error('the server closed the connection'));
    };
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1] ?? 'NaN');
      const isWhole = Number.isNaN(length)
        ? text.endsWith('\r\n0\r\n\r\n')
        : text.length >= head + 4 + length;
      if (!isWhole) return;
      end();
      resolve({ status: Number(text.slice(9, 12)), body: text.slice(head + 4) });
    };
    socket.on('data', read).on('error', fail).on('close', fail);
    socket.write(request);
  });
}
