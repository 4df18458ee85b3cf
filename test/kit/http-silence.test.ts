import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createHttp, HttpFailure, readText } from '../../src/kit/http.ts';
import type { HttpRequest } from '../../src/kit/http.ts';
import type { Handler } from '../fakes/http/listen.ts';
import { listen } from '../fakes/http/listen.ts';
import { startFakeProxy } from '../fakes/proxy/server.ts';

const SILENCE_MS = 1000;
const SIZE = 8 * 1024 ** 2;

async function withServer(handler: Handler, use: (request: HttpRequest) => Promise<void>): Promise<void> {
  const server = await listen(handler);
  try {
    await use({ method: 'GET', origin: server.origin, path: '/', headers: {}, idleMs: SILENCE_MS });
  } finally {
    await server.close();
  }
}

it('gives up when no answer begins', () =>
  withServer(
    () => undefined,
    async (request) => {
      const failure = await createHttp({})(request).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(HttpFailure);
      expect(failure).toMatchObject({ message: 'no answer for 1 s', sent: true, timedOut: true });
    },
  ));

it('gives up when an answer falls silent half way', () =>
  withServer(
    (_, res) => void res.writeHead(200, { 'content-length': 1000 }).write('half'),
    async (request) => {
      const response = await createHttp({})(request);
      await expect(readText(response)).rejects.toBeInstanceOf(HttpFailure);
    },
  ));

it('does not blame a server that waits for a slow reader', () =>
  withServer(
    (_, res) => void res.writeHead(200, { 'content-length': SIZE }).end(Buffer.alloc(SIZE)),
    async (request) => {
      const { body } = await createHttp({})(request);
      let size = 0;
      for await (const chunk of body) {
        // The first look lasts much longer than the silence a server is allowed.
        if (size === 0) await setTimeout(4 * SILENCE_MS);
        size += Buffer.from(chunk).length;
      }
      expect(size).toBe(SIZE);
    },
  ));

it('still gives up on a server that falls silent after its reader has been slow', () =>
  withServer(
    (_, res) => void res.writeHead(200, { 'content-length': SIZE }).write(Buffer.alloc(SIZE / 2)),
    async (request) => {
      const { body } = await createHttp({})(request);
      const reading = (async () => {
        let first = true;
        for await (const _ of body) {
          if (first) await setTimeout(4 * SILENCE_MS);
          first = false;
        }
      })();
      await expect(reading).rejects.toThrow('aborted');
    },
  ));

async function withSocket(
  accept: (socket: Socket) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await use(typeof address === 'object' && address ? address.port : 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

it('gives up on a proxy whose tunnel leads nowhere, and knows that nothing was sent', () =>
  withSocket(
    () => undefined,
    async (port) => {
      const proxy = await startFakeProxy();
      const request = {
        method: 'GET',
        origin: `https://127.0.0.1:${port}`,
        path: '/',
        headers: {},
        idleMs: SILENCE_MS,
      };
      const failure = createHttp({ https_proxy: proxy.url })(request);
      await expect(failure).rejects.toMatchObject({
        message: 'no connection for 1 s',
        sent: false,
        timedOut: true,
      });
      await proxy.close();
    },
  ));

it('fails when the connection is upgraded to something else', () =>
  withSocket(
    (socket) =>
      void socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    async (port) => {
      const request = { method: 'GET', origin: `http://127.0.0.1:${port}`, path: '/', headers: {} };
      await expect(createHttp({})(request)).rejects.toMatchObject({
        message: 'the connection closed without an answer',
        sent: true,
      });
    },
  ));
