import { expect, it } from 'vitest';
import { createHttp } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import { createSocketMode } from '../../src/slack/socket-mode.ts';
import { createLines } from '../../src/slack/web-socket.ts';
import { startFakeProxy } from '../fakes/proxy/server.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import { instantClock } from '../support/instant-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { caFile } from '../support/tls.ts';

// What is set here is set for the whole process: no other test may stand in this file.
it('goes through the proxy of the environment, and trusts its private CA (S35, C18)', async () => {
  const proxy = await startFakeProxy();
  const fake = await startFakeSlack({ tls: true });
  fake.setSocketMode('listener');
  const env = { https_proxy: proxy.url, SSL_CERT_FILE: caFile };
  const log = { info: () => undefined, warn: () => undefined };
  const token = new Secret(fake.apps.listener.appToken);
  const sockets = createSocketMode({
    slack: createSlack({ token, apiUrl: fake.apiUrl }, { http: createHttp(env), clock: instantClock(), log }),
    apiUrl: fake.apiUrl,
    open: createLines(env),
    deliver: async () => ({ acknowledge: true }),
    clock: manualClock(),
    log,
    observe: () => undefined,
    connections: 1,
  });
  try {
    sockets.start();
    await fake.when(() => sockets.live() === 1);
    const { host } = new URL(fake.origin);
    expect(proxy.targets.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `CONNECT ${host}`,
      `CONNECT ${host}`,
    ]);
  } finally {
    await sockets.close(0);
    await Promise.all([fake.close(), proxy.close()]);
  }
});
