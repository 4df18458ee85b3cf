import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { rawRequest } from './raw-request.ts';
import { echo, withServer } from './with-server.ts';

describe('a request', () => {
  test('reaches its route with its parameters, query, headers and the bytes of its body', () =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const response = await fetch(`${origin}/echo/main%2Fapp?a=1&a=2&b=%20`, {
        method: 'POST',
        headers: { 'x-test': 'yes', 'content-type': 'application/json' },
        body: new Uint8Array([0, 255, 123]),
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        method: 'POST',
        route: '/echo/:name',
        params: { name: 'main/app' },
        query: [
          ['a', '1'],
          ['a', '2'],
          ['b', ' '],
        ],
        header: 'yes',
        body: '00ff7b',
        remote: '127.0.0.1',
      });
    }));

  test.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'])(
    'of type %s is not parsed before its domain sees it',
    (type) =>
      withServer({ routes: [echo()] }, async ({ origin }) => {
        const response = await fetch(`${origin}/echo/a`, {
          method: 'POST',
          headers: { 'content-type': type },
          body: '{not json',
        });
        expect(await response.json()).toMatchObject({ body: Buffer.from('{not json').toString('hex') });
      }),
  );

  test('without a type is not parsed either', () =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const { text } = await rawRequest(
        origin,
        'POST /echo/a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi',
      );
      expect(text).toContain('"body":"6869"');
    }));

  test('gets an answer that is neither stored nor sniffed', () =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const { headers } = await fetch(`${origin}/echo/a`, { method: 'POST' });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    }));

  test('is counted by the pattern of its route, never by its address', () =>
    withServer({ routes: [echo()] }, async ({ origin, metricsText, lines }) => {
      await fetch(`${origin}/echo/sensitive-name?token=sensitive-query`, { method: 'POST' });
      await fetch(`${origin}/sensitive-path`);
      const text = await metricsText();
      expect(text).toContain('listener_http_requests_total{route="/echo/:name",status="200"} 1');
      expect(text).toContain('listener_http_requests_total{route="none",status="404"} 1');
      expect(text + JSON.stringify(lines)).not.toContain('sensitive');
    }));
});

describe('refuses with a plain reason and no stack', () => {
  test.each([
    ['an unknown address', 'GET', '/nothing', 404, 'not_found'],
    ['another method', 'PUT', '/echo/a', 405, 'invalid'],
    ['HEAD of a POST', 'HEAD', '/echo/a', 405, undefined],
    ['a broken escape', 'POST', '/echo/%zz', 404, 'not_found'],
  ])('%s', (_what, method, path, status, code) =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const response = await fetch(`${origin}${path}`, { method });
      const text = await response.text();
      expect(response.status).toBe(status);
      expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
      if (code !== undefined) expect(JSON.parse(text)).toMatchObject({ error: { code } });
      expect(text).not.toMatch(/\bat .*:\d+:\d+/);
    }),
  );

  test('a body over the limit of its route, told or not', () =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const told = await fetch(`${origin}/echo/a`, { method: 'POST', body: 'x'.repeat(101) });
      expect(told.status).toBe(413);
      expect(told.headers.get('connection')).toBe('close');
      const chunk = `33\r\n${'x'.repeat(51)}\r\n`;
      const untold = await rawRequest(
        origin,
        'POST /echo/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
        chunk,
        chunk,
        '0\r\n\r\n',
      );
      expect(untold.status).toBe(413);
      const just = await fetch(`${origin}/echo/a`, { method: 'POST', body: 'x'.repeat(100) });
      expect(just.status).toBe(200);
    }));

  test.each([
    ['what is no HTTP', 'hello there\r\n\r\n', 400],
    [
      'two lengths',
      'POST /echo/a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx',
      400,
    ],
    [
      'a length beside chunks',
      'POST /echo/a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers over 16 KiB', `GET /echo/a HTTP/1.1\r\nhost: a\r\nx-a: ${'a'.repeat(17_000)}\r\n\r\n`, 431],
    [
      'a bad type of body',
      'POST /echo/a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: ,;\r\ncontent-length: 1\r\n\r\nx',
      415,
    ],
  ])('%s', (_what, bytes, status) =>
    withServer({ routes: [echo()] }, async ({ origin }) => {
      const answer = await rawRequest(origin, bytes);
      expect(answer.status).toBe(status);
      expect(answer.text).toContain('"code":"invalid"');
    }),
  );

  test.each([
    ['headers that never end', ['GET /echo/a HTTP/1.1\r\n', 'x-slow: 1\r\n']],
    ['a body that never ends', ['POST /echo/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n', 'x']],
  ])('%s', (_what, parts) =>
    withServer({ routes: [echo()], limits: { headersMs: 200, requestMs: 300 } }, async ({ origin }) => {
      const answer = await rawRequest(origin, ...parts);
      expect(answer.status).toBe(408);
      // Without these limits it would be 10 s and more.
      expect(answer.ms).toBeLessThan(9000);
    }),
  );

  test('what a domain throws, with an id that the log has too', () => {
    const handle = () => Promise.reject(new Error('sensitive detail'));
    return withServer({ routes: [echo({ handle })] }, async ({ origin, lines }) => {
      const response = await fetch(`${origin}/echo/a`, { method: 'POST' });
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).not.toContain('sensitive');
      const id = /unexpected error (\w+)/.exec(text)?.[1];
      const line = lines.find(({ msg }) => msg === 'unexpected');
      expect(line).toMatchObject({ id, level: 'error', route: '/echo/:name' });
      expect(line?.['error']).toContain('sensitive detail');
    });
  });

  test('what the store cannot do now, as something to ask again', () => {
    const handle = () => Promise.reject(new Fault('STORE_UNAVAILABLE', 'locked'));
    return withServer({ routes: [echo({ handle })] }, async ({ origin }) => {
      const response = await fetch(`${origin}/echo/a`, { method: 'POST' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
    });
  });
});

describe('with a private port', () => {
  const routes = [echo(), echo({ method: 'GET', path: '/v1/secret', port: 'private' })];

  test('private routes are there alone', () =>
    withServer({ routes, privatePort: true }, async ({ origin, privateOrigin }) => {
      expect((await fetch(`${privateOrigin}/v1/secret`)).status).toBe(200);
      expect((await fetch(`${origin}/v1/secret`)).status).toBe(404);
      expect((await fetch(`${origin}/echo/a`, { method: 'POST' })).status).toBe(200);
      expect((await fetch(`${privateOrigin}/echo/a`, { method: 'POST' })).status).toBe(404);
    }));

  test('without one they are with the others', () =>
    withServer({ routes }, async ({ origin, server }) => {
      expect(server.privatePort).toBeUndefined();
      expect((await fetch(`${origin}/v1/secret`)).status).toBe(200);
    }));
});

test('tells who has the port when it cannot listen', () =>
  withServer({ routes: [] }, async ({ server }) => {
    const other = withServer({ routes: [], port: server.publicPort }, () => Promise.resolve());
    await expect(other).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  }));
