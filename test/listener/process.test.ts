import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { BASE, runListenerCommand, withListener } from '../support/listener.ts';

const SIGNING_SECRET = 'sensitive-signing-secret-0001';

async function withSlack(use: (slack: FakeSlack, section: string) => Promise<void>): Promise<void> {
  const slack = await startFakeSlack();
  const { token } = slack.apps.listener;
  const section = `slack: { bot_token: ${token}, signing_secret: ${SIGNING_SECRET}, api_url: "${slack.apiUrl}" }`;
  try {
    await use(slack, section);
    slack.expectNoUnknown();
  } finally {
    await slack.close();
  }
}

describe('the listener as a process', () => {
  test('is healthy, ready and measured with nothing configured', () =>
    withListener({ config: BASE }, async ({ origin }) => {
      const health = await fetch(`${origin}/health`);
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
      const ready = await fetch(`${origin}/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', checks: { store: true, running: true } },
      ]);
      const metrics = await fetch(`${origin}/metrics`);
      expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const text = await metrics.text();
      expect(text).toContain('listener_ready 1');
      expect(text).toContain('process_resident_memory_bytes');
    }));

  test('answers HEAD on its probes as GET, without the body', () =>
    withListener(
      { config: BASE.replace('shutdown_delay: 1s', 'shutdown_delay: 15s') },
      async ({ origin, signal, logged }) => {
        for (const path of ['/health', '/ready']) {
          const [head, get] = [await fetch(origin + path, { method: 'HEAD' }), await fetch(origin + path)];
          expect([head.status, await head.text()]).toEqual([200, '']);
          expect(head.headers.get('content-length')).toBe(String((await get.text()).length));
        }
        signal('SIGTERM');
        await logged('stopping');
        expect((await fetch(`${origin}/ready`, { method: 'HEAD' })).status).toBe(503);
      },
    ));

  test('keeps /metrics to its private port, and probes on both', () => {
    const config = BASE.replace('port: 0,', 'port: 0, private_port: 0,');
    return withListener({ config }, async ({ origin, privateOrigin }) => {
      expect(privateOrigin).not.toBe(origin);
      expect((await fetch(`${origin}/metrics`)).status).toBe(404);
      expect((await fetch(`${privateOrigin}/metrics`)).status).toBe(200);
      expect((await fetch(`${origin}/ready`)).status).toBe(200);
      expect((await fetch(`${privateOrigin}/health`)).status).toBe(200);
    });
  });

  test('is ready once Slack has said that the token is of the right workspace', () =>
    withSlack((slack, section) =>
      withListener({ config: `${BASE}${section}` }, async ({ origin, logged }) => {
        expect(await logged('Slack knows us')).toMatchObject({ app: slack.apps.listener.id });
        await logged('listening');
        expect((await fetch(`${origin}/ready`)).status).toBe(200);
      }),
    ));

  test('is not ready with a token of another workspace, says why in its log alone, and stays healthy', () =>
    withSlack((_slack, section) => {
      const config = `${BASE}${section.replace(' }', ', team_id: T0OTHER }')}`;
      return withListener({ config }, async ({ origin, logged }) => {
        const line = await logged('Slack does not know us');
        expect(line['reason']).toMatch(/slack\.team_id is T0OTHER, but the token is of T/);
        const ready = await fetch(`${origin}/ready`);
        expect(ready.status).toBe(503);
        expect(await ready.json()).toEqual({
          status: 'not ready',
          checks: { store: true, slack: false, running: true },
        });
        expect((await fetch(`${origin}/health`)).status).toBe(200);
        expect(await (await fetch(`${origin}/metrics`)).text()).toContain('listener_ready 0');
      });
    }));

  test('asks Slack again until it answers', () =>
    withSlack(async (slack, section) => {
      slack.fault('auth.test', { error: 'fatal_error' });
      await withListener({ config: `${BASE}${section}` }, async ({ logged }) => {
        expect(await logged('Slack knows us')).toBeDefined();
      });
    }));

  test('reads a token again where it comes from when Slack refuses it', () =>
    withSlack(async (slack, section) => {
      const config = `${BASE}${section.replace(slack.apps.listener.token, '"${file:bot-token}"')}`;
      const { writeFile } = await import('node:fs/promises');
      const files = { 'bot-token': 'xoxb-sensitive-old' };
      await withListener({ config, files }, async ({ dir, logged }) => {
        await logged('Slack does not know us');
        await writeFile(`${dir}/bot-token`, slack.apps.listener.token);
        expect(await logged('Slack knows us')).toBeDefined();
        expect(await logged('slack.bot_token has changed and is in use')).toBeDefined();
      });
    }));

  test('logs JSON lines without a secret, also at its chattiest', () =>
    withSlack((slack, section) =>
      withListener({ config: `${BASE}${section}` }, async ({ origin, logged, logs, output }) => {
        await logged('Slack knows us');
        await fetch(`${origin}/nothing?token=sensitive-query`, {
          headers: { authorization: 'Bearer sensitive-bearer-token' },
        });
        await fetch(`${origin}/slack/interactions`, { method: 'POST', body: 'sensitive-body' });
        await logged('request');
        expect(logs().every(({ time, level, msg }) => Boolean(time && level && msg))).toBe(true);
        expect(output()).not.toContain('sensitive');
        expect(output()).not.toContain(slack.apps.listener.token);
      }),
    ));

  test('has no rate limit for Slack, whose addresses are few', () =>
    withSlack((_slack, section) => {
      const limited = BASE.replace('port: 0,', 'port: 0, rate_limits: { remote: 1/h },');
      return withListener({ config: `${limited}${section}` }, async ({ origin }) => {
        const statuses = [];
        for (let count = 0; count < 3; count++)
          for (const path of ['interactions', 'commands', 'events'])
            statuses.push((await fetch(`${origin}/slack/${path}`, { method: 'POST', body: 'a=1' })).status);
        expect(statuses).not.toContain(429);
        expect((await fetch(`${origin}/v1/gates/a/decisions`)).status).toBe(401);
        expect((await fetch(`${origin}/v1/gates/a/decisions`)).status).toBe(429);
      });
    }));

  test('ends by SIGTERM with 0, and gives its store free', () =>
    withListener({ config: BASE }, async ({ signal, ended, logged, dir }) => {
      signal('SIGTERM');
      expect(await ended()).toBe(0);
      expect(await logged('stopped')).toBeDefined();
      await withListener({ config: BASE.replace('{dir}', dir) }, async (second) => {
        expect((await fetch(`${second.origin}/ready`)).status).toBe(200);
      });
    }));
});

test('a request that is half way in at SIGTERM is taken in and answered', () =>
  withSlack((_slack, section) =>
    withListener({ config: `${BASE}${section}` }, async ({ origin, signal, ended, logged }) => {
      const { hostname, port } = new URL(origin);
      const request = httpRequest({
        hostname,
        port,
        method: 'POST',
        path: '/slack/interactions',
        headers: { 'content-length': '9', 'content-type': 'application/x-www-form-urlencoded' },
      });
      request.write('payload');
      await logged('listening');
      await expect.poll(() => request.socket?.bytesWritten).toBeGreaterThan(9);
      signal('SIGTERM');
      await logged('stopping');
      const accepts = () =>
        fetch(`${origin}/health`).then(
          () => true,
          () => false,
        );
      await expect.poll(accepts).toBe(false);
      request.end('={');
      const [response] = await once(request, 'response');
      expect(response).toMatchObject({ statusCode: 401, headers: { connection: 'close' } });
      response.resume();
      expect(await ended()).toBe(0);
    }),
  ));

describe('a start that fails', () => {
  test('for a wrong configuration ends with 1, one line and a hint', async () => {
    const { code, stdout, stderr } = await runListenerCommand({ config: 'server: { prot: 1 }' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'listener: server.prot: unknown key, did you mean port? [CONFIG_INVALID]\n' +
        '  hint: see docs/operations.md and assets/schema/listener.json; listener check-config tells what it reads\n',
    );
  });

  test('for a port that is taken ends with 1', () =>
    withListener({ config: BASE }, async ({ origin }) => {
      const config = BASE.replace('port: 0', `port: ${new URL(origin).port}`);
      const { code, stderr } = await runListenerCommand({ config });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^listener: cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.* \[LISTEN_FAILED\]$/m,
      );
    }));

  test('for a file that another listener owns ends with 1', () =>
    withListener({ config: BASE }, async ({ dir }) => {
      const { code, stderr } = await runListenerCommand({ config: BASE.replace('{dir}', dir) });
      expect(code).toBe(1);
      expect(stderr).toContain('[STORE_OWNED]');
    }));

  test.each([
    [['--rol', 'all'], '--rol is no option'],
    [['--role', 'boss'], '--role must be one of all, intake, worker'],
    [['--role', 'intake'], 'role: intake needs store.dynamodb, this store is SQLite [CONFIG_INVALID]'],
    [['--role=worker', 'list'], 'role: worker needs store.dynamodb, this store is SQLite [CONFIG_INVALID]'],
    [['--config'], '--config needs a value'],
    [['chek-config'], '"chek-config" is no verb, did you mean check-config?'],
  ])('for %j ends with 1', async (args, message) => {
    const { code, stderr } = await runListenerCommand({ args });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test('for a missing file ends with 1', async () => {
    const { code, stderr } = await runListenerCommand({ args: ['--config=/nope/listener.yaml'] });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('/nope/listener.yaml cannot be read: ENOENT'),
    ]);
  });
});
