import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { caPem } from '../../support/tls.ts';
import { send } from '../aws/testing.ts';
import type { FakeSlack } from '../slack/server.ts';
import { startFakeSlack } from '../slack/server.ts';
import type { FakeProxy } from './server.ts';
import { startFakeProxy } from './server.ts';

let proxy: FakeProxy;
let slack: FakeSlack;
afterEach(() => Promise.all([proxy.close(), slack.close()]));

function tunnel(target: string): Promise<Socket> {
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('data', (head) => {
      if (head.toString().startsWith('HTTP/1.1 200 ')) resolve(socket);
      else reject(new Error(head.toString()));
    });
  });
}

describe('fake proxy', () => {
  it('forwards absolute-form requests and records them', async () => {
    [proxy, slack] = await Promise.all([startFakeProxy(), startFakeSlack()]);
    const url = `${slack.apiUrl}auth.test`;
    const answer = await send(proxy.url, { method: 'POST', path: url });
    expect(answer).toMatchObject({ status: 200, body: '{"ok":false,"error":"not_authed"}' });
    expect(proxy.targets).toEqual([{ method: 'POST', target: url }]);
  });

  it('tunnels TLS and records the host', async () => {
    [proxy, slack] = await Promise.all([startFakeProxy(), startFakeSlack({ tls: true })]);
    const { host } = new URL(slack.apiUrl);
    const secure = tlsConnect({ socket: await tunnel(host), ca: caPem, servername: 'localhost' });
    const agent = new Agent();
    agent.createConnection = () => secure;
    const status = await new Promise((resolve, reject) => {
      request(`${slack.apiUrl}auth.test`, { method: 'POST', agent }, (res) => resolve(res.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    expect(proxy.targets).toEqual([{ method: 'CONNECT', target: host }]);
  });

  it('refuses a request that is not for a proxy', async () => {
    [proxy, slack] = await Promise.all([startFakeProxy(), startFakeSlack()]);
    expect((await send(proxy.url, { path: '/api/auth.test' })).status).toBe(400);
  });
});
