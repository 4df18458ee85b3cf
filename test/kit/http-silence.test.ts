import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createHttp, HttpFailure, readText } from '../../src/kit/http.ts';
import type { HttpRequest } from '../../src/kit/http.ts';
import type { Handler } from '../fakes/http/listen.ts';
import { listen } from '../fakes/http/listen.ts';

const SILENCE_MS = 200;
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
      expect(failure).toMatchObject({ message: 'no answer for 0.2 s', sent: true, timedOut: true });
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
