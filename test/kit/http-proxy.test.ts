import { describe, expect, test } from 'vitest';
import { listen } from '../fakes/http/listen.ts';
import { startFakeProxy } from '../fakes/proxy/server.ts';
import type { FakeProxy } from '../fakes/proxy/server.ts';
import { caFile } from '../support/tls.ts';
import { BUILD, withWorld } from '../support/world.ts';
import type { World, WorldOptions } from '../support/world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/reports';
const TLS = { slack: { tls: true }, aws: { tls: true } };
const PARAMS = { text: 'Nightly', artifacts: [{ key: 'report.pdf', as: 'upload' }] };

async function withProxy(
  use: (world: World, proxy: FakeProxy) => Promise<void>,
  { slack = {}, aws = {} }: WorldOptions = {},
): Promise<void> {
  const proxy = await startFakeProxy();
  const options = { slack, aws: { ...aws, roles: { [ROLE]: { maxDuration: 43_200 } } } };
  try {
    await withWorld((world) => use(world, proxy), options);
  } finally {
    await proxy.close();
  }
}

/** Uploads an object with a role, so that Slack's API, its upload host, S3 and STS are all asked. */
async function putThrough(
  { put, aws, source }: World,
  env: Readonly<Record<string, string>>,
  params: object = PARAMS,
) {
  aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report');
  const { aws: own } = source();
  const change = { aws: { ...(typeof own === 'object' ? own : {}), role_arn: ROLE } };
  return put(params, { env: { ...BUILD, SSL_CERT_FILE: caFile, ...env }, source: source(change) });
}

const hostOf = (url: string) => new URL(url).host;

describe.concurrent('a proxy in lower case (C18, S35)', () => {
  test('carries everything that is plain: Slack, the bytes of an upload, S3 and STS', () =>
    withProxy(async (world, proxy) => {
      const step = await putThrough(world, { http_proxy: proxy.url });
      expect(step.code, step.stderr).toBe(0);
      const seen = proxy.targets.map(({ method, target }) => `${method} ${new URL(target).pathname}`);
      expect(new Set(seen)).toEqual(
        new Set([
          'POST /',
          'HEAD /ci-artifacts/slack-content/report.pdf',
          'GET /ci-artifacts/slack-content/report.pdf',
          'POST /api/files.getUploadURLExternal',
          expect.stringMatching(/^POST \/upload\/v1\//),
          'POST /api/chat.postMessage',
          'POST /api/files.completeUploadExternal',
          'POST /api/files.info',
        ]),
      );
      expect(seen).toHaveLength(world.slack.count() + world.aws.s3.count() + world.aws.sts.count());
    }));

  test('carries everything that is encrypted, through tunnels', () =>
    withProxy(async (world, proxy) => {
      const step = await putThrough(world, { https_proxy: proxy.url });
      expect(step.code, step.stderr).toBe(0);
      expect(new Set(proxy.targets.map(({ method, target }) => `${method} ${target}`))).toEqual(
        new Set([`CONNECT ${hostOf(world.slack.apiUrl)}`, `CONNECT ${hostOf(world.aws.url)}`]),
      );
    }, TLS));

  test('may be named without a scheme, as operators do', () =>
    withProxy(async (world, proxy) => {
      const step = await putThrough(world, { http_proxy: proxy.url.replace('http://', '') });
      expect(step.code, step.stderr).toBe(0);
      expect(proxy.targets).toHaveLength(world.slack.count() + world.aws.s3.count() + world.aws.sts.count());
    }));

  test('is left aside for the hosts of no_proxy', () =>
    withProxy(async (world, proxy) => {
      const aside = `example.com,${hostOf(world.aws.url)}`;
      const step = await putThrough(world, { http_proxy: proxy.url, no_proxy: aside });
      expect(step.code, step.stderr).toBe(0);
      const hosts = new Set(proxy.targets.map(({ target }) => hostOf(target)));
      expect(hosts).toEqual(new Set([hostOf(world.slack.apiUrl)]));
    }));

  test('is not used for the other scheme', () =>
    withProxy(async (world, proxy) => {
      const step = await putThrough(world, { https_proxy: proxy.url });
      expect(step.code, step.stderr).toBe(0);
      expect(proxy.targets).toEqual([]);
    }));
});

describe.concurrent('behind a proxy', () => {
  test.each([
    ['plain', {}, 'http_proxy'],
    ['encrypted', TLS, 'https_proxy'],
  ])('a lost answer to a %s chat.postMessage is never sent again (S11)', (_, options, variable) =>
    withProxy(async (world, proxy) => {
      world.slack.fault('chat.postMessage', 'lost');
      const step = await putThrough(world, { [variable]: proxy.url }, { text: 'hello' });
      expect(step.code, step.stderr).toBe(0);
      expect(world.slack.count('chat.postMessage')).toBe(1);
      expect(world.slack.messages()).toHaveLength(1);
    }, options),
  );

  test.each([
    ['plain', {}, 'http_proxy'],
    ['encrypted', TLS, 'https_proxy'],
  ])('that is gone, a %s message is tried again, for nothing was sent (S11)', (_, options, variable) =>
    withProxy(async (world) => {
      const gone = await listen(() => undefined);
      await gone.close();
      const step = await putThrough(world, { [variable]: gone.origin }, { text: 'hello' });
      expect(step.code).toBe(1);
      expect(step.stderr).toMatch(/chat\.postMessage failed 4 times: .*ECONNREFUSED.* \[SLACK_UNREACHABLE\]/);
    }, options),
  );

  test('that refuses the tunnel, the line tells its answer, and that nothing was sent', () =>
    withProxy(async (world) => {
      const refusing = await listen(() => undefined, {
        onConnect: (_, socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
      });
      const step = await putThrough(world, { https_proxy: refusing.origin }, { text: 'hello' });
      expect(step.code).toBe(1);
      expect(step.stderr).toMatch(/chat\.postMessage failed 4 times: .*403.* \[SLACK_UNREACHABLE\]/);
      expect(step.stderr).toContain('proxy');
      await refusing.close();
    }, TLS));

  test('that asks for a login, a plain message fails by its status', () =>
    withProxy(async (world) => {
      const asking = await listen((req, res) => {
        req.resume();
        res.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('<html>login</html>');
      });
      const step = await putThrough(world, { http_proxy: asking.origin }, { text: 'hello' });
      expect(step.code).toBe(1);
      expect(step.stderr).toContain('HTTP 407 without a Slack answer [SLACK_FAILED]');
      expect(step.stderr).toContain('hint: check source.slack.api_url and the proxy');
      await asking.close();
    }));
});

describe.concurrent('the name and password of a proxy', () => {
  const login = (url: string) => url.replace('://', '://sensitive-user:sensitive-pass%40word@');

  test.each([
    ['plain', {}, 'http_proxy'],
    ['encrypted', TLS, 'https_proxy'],
  ])('are given to it and to nobody else, %s', (_, options, variable) =>
    withProxy(async (world, proxy) => {
      const step = await putThrough(world, { [variable]: login(proxy.url) });
      expect(step.code, step.stderr).toBe(0);
      expect(proxy.targets.length).toBeGreaterThan(0);
      expect(step.stdout + step.stderr).not.toContain('sensitive');
      const seen = JSON.stringify([world.slack.calls, world.aws.s3.calls.map(({ headers }) => headers)]);
      expect(seen).not.toContain('sensitive-pass');
    }, options),
  );

  test.each([
    ['plain', {}, 'http_proxy'],
    ['encrypted', TLS, 'https_proxy'],
  ])('are not printed when it fails, %s', (_, options, variable) =>
    withProxy(async (world) => {
      const gone = await listen(() => undefined);
      await gone.close();
      const step = await putThrough(world, { [variable]: login(gone.origin) });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).not.toContain('sensitive');
    }, options),
  );

  test.each(['socks5://sensitive-user:sensitive-pass@host:1080', 'http://'])(
    'are not printed when %s is no address of a proxy, and the line says where it stands',
    (value) =>
      withProxy(async (world) => {
        for (const params of [{ text: 'hello' }, PARAMS]) {
          const step = await putThrough(world, { http_proxy: value }, params);
          expect(step).toMatchObject({ code: 1, stdout: '' });
          expect(step.stderr).toContain(
            "the worker's http_proxy is not the http or https address of a proxy",
          );
          expect(step.stderr).not.toContain('sensitive');
        }
        expect(world.slack.count()).toBe(0);
      }),
  );
});
