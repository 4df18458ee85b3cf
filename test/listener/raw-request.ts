import { connect } from 'node:net';

export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  /** Milliseconds until the other side closed. */
  readonly ms: number;
}

/** Sends bytes over a connection of its own and resolves when the other side has closed it. */
export function rawRequest(origin: string, ...parts: readonly string[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    socket.once('error', reject);
    socket.once('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({
        text,
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0),
        ms: performance.now() - began,
      });
    });
    for (const part of parts) socket.write(part, 'latin1');
  });
}
