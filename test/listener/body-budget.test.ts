import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createBodyBudget } from '../../src/listener/body-budget.ts';
import { echo, withServer } from './with-server.ts';

const MB = 1024 * 1024;
const PROXY = 'server: { trusted_proxies: [127.0.0.1] }';

describe('bodies that are on their way', () => {
  test('have 16 MB for each caller, and are made room for when they are over', () => {
    const budget = createBodyBudget();
    const taken = Array.from({ length: 16 }, () => budget.take('a', MB));
    expect(budget.take('a', 1)).toBe('caller');
    expect(budget.take('b', MB)).toBeTypeOf('function');
    const [first] = taken;
    if (typeof first !== 'function') throw new Error('no room at first');
    first();
    first();
    expect(budget.take('a', MB)).toBeTypeOf('function');
    expect(budget.take('a', 1)).toBe('caller');
  });

  test('find room when they are small, whatever others hold', () => {
    const budget = createBodyBudget();
    for (let at = 0; at < 64; at++) expect(budget.take(`held ${at}`, MB)).toBeTypeOf('function');
    expect(budget.take('one more', MB)).toBe('all');
    expect(budget.take('a click', 20_000)).toBeTypeOf('function');
  });

  test('of one address that stalls are refused before they are read, of others they are taken', () =>
    withServer(
      { config: PROXY, routes: [echo({ bodyLimit: MB, rateLimit: 'none' })] },
      async ({ origin, metricsText }) => {
        const stalled: Socket[] = [];
        const post = (length: number, sent: string, from: string): Promise<string> => {
          const socket = connect(Number(new URL(origin).port), '127.0.0.1');
          stalled.push(socket);
          socket.write(`POST /echo/a HTTP/1.1\r\nhost: a\r\nx-forwarded-for: ${from}\r\n`);
          socket.write(`content-length: ${length}\r\n\r\n${sent}`);
          return new Promise((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))));
        };
        try {
          const answers = Array.from({ length: 17 }, () => post(MB, 'x', '203.0.113.1'));
          const refused = await Promise.race(answers);
          expect(refused).toMatch(/^HTTP\/1\.1 429 [^]*connection: close/);
          expect(await post(2, 'hi', '203.0.113.2')).toMatch(/^HTTP\/1\.1 200 /);
          expect(await metricsText()).toContain('listener_http_rate_limited_total{by="remote"} 1');
        } finally {
          for (const socket of stalled) socket.destroy();
        }
      },
    ));
});
