import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../arguments.ts';
import type { FakeSlack } from '../server.ts';
import { startFakeSlack } from '../server.ts';
import { api } from '../testing.ts';

let slack: FakeSlack;

beforeEach(async () => {
  slack = await startFakeSlack({ ackWithinMs: 2000 });
  slack.setSocketMode('listener');
});
afterEach(() => slack.close());

async function ticket(): Promise<string> {
  const answer = await api(slack, 'apps.connections.open', {}, { token: slack.apps.listener.appToken });
  expect(answer).toMatchObject({ ok: true });
  return String(answer['url']);
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[];
  /** What to send back for an envelope; undefined stays silent. */
  answer: (envelope: Record<string, unknown>) => unknown;
  readonly closed: Promise<number>;
}

async function open(url?: string): Promise<Client> {
  const socket = new WebSocket(url ?? (await ticket()));
  const messages: Record<string, unknown>[] = [];
  const client: Client = {
    socket,
    messages,
    answer: ({ envelope_id }) => ({ envelope_id }),
    closed: new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve(code))),
  };
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data));
    if (!isRecord(message)) throw new Error('no object');
    messages.push(message);
    if (message['envelope_id'] === undefined) return;
    const answer = client.answer(message);
    if (answer !== undefined) socket.send(JSON.stringify(answer));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('message', () => resolve());
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed ${code}`)));
  });
  return client;
}

async function post(): Promise<void> {
  const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }];
  const args = { channel: 'C0RELEASES1', text: 'x', blocks: [{ type: 'actions', elements }] };
  await api(slack, 'chat.postMessage', args, { token: slack.apps.listener.token });
}

const press = () => slack.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001' });

describe('apps.connections.open', () => {
  it('takes the app-level token only', async () => {
    expect(await api(slack, 'apps.connections.open', {})).toMatchObject({ error: 'not_allowed_token_type' });
    const token = slack.apps.listener.appToken;
    expect(await api(slack, 'auth.test', {}, { token })).toMatchObject({ error: 'not_allowed_token_type' });
  });

  it('gives an address that works once', async () => {
    const url = await ticket();
    const { messages } = await open(url);
    expect(messages).toMatchObject([
      { type: 'hello', num_connections: 1, connection_info: { app_id: 'A0LISTENER1' } },
    ]);
    await expect(open(url)).rejects.toThrow('closed 1006');
    await expect(open(url.replace(/ticket=\w+/, 'ticket=0'))).rejects.toThrow('closed 1006');
  });

  it('allows ten connections at once', async () => {
    for (let count = 1; count <= 10; count += 1)
      expect((await open()).messages).toMatchObject([{ num_connections: count }]);
    const { messages, closed } = await open();
    expect(messages).toMatchObject([{ type: 'disconnect', reason: 'too_many_websockets' }]);
    expect(await closed).toBe(1000);
    expect(slack.sockets.connections('listener')).toHaveLength(10);
  });
});

describe('a click through a socket', () => {
  it('is an envelope with the same payload, acknowledged by its id', async () => {
    await post();
    const client = await open();
    const click = await press();
    expect(click).toMatchObject({ status: 200, warning: undefined, body: '', request: undefined });
    expect(client.messages[1]).toEqual({
      type: 'interactive',
      envelope_id: slack.sockets.envelopes[0]?.id,
      payload: click.payload,
      accepts_response_payload: false,
    });
    slack.expectNoUnknown();
  });

  it('goes to any one connection, never to two', async () => {
    await post();
    const [one, two] = [await open(), await open()];
    for (let count = 0; count < 12; count += 1) await press();
    const [first, second] = [one.messages.length - 1, two.messages.length - 1];
    expect(first + second).toBe(12);
    expect([first > 0, second > 0]).toEqual([true, true]);
  });

  it('warns the person when nothing acknowledges it in time, or nothing is there', async () => {
    await post();
    expect(await press()).toMatchObject({ warning: 'no_connection' });
    const client = await open();
    client.answer = () => undefined;
    expect(await press()).toMatchObject({ status: undefined, warning: 'operation_timeout' });
    const id = slack.sockets.envelopes[1]?.id;
    client.socket.send(JSON.stringify({ envelope_id: id }));
    client.answer = ({ envelope_id }) => ({ envelope_id });
    expect(await press()).toMatchObject({ status: 200 });
    expect(slack.sockets.envelopes.map((one) => one.acknowledged)).toEqual([false, false, true]);
  });

  it('is lost with its connection', async () => {
    await post();
    const client = await open();
    client.answer = () => {
      slack.sockets.drop();
    };
    expect(await press()).toMatchObject({ warning: 'connection_failed' });
    expect(await client.closed).toBe(1006);
    expect(slack.sockets.connections()).toEqual([]);
  });

  it('is lost in a connection that is open and dead', async () => {
    await post();
    await open();
    slack.sockets.deafen(1);
    expect(await press()).toMatchObject({ warning: 'operation_timeout' });
  });

  it('can come twice', async () => {
    await post();
    const client = await open();
    await press();
    const [envelope] = slack.sockets.envelopes;
    expect(await slack.sockets.resend(envelope?.id ?? '')).toMatchObject({ status: 200 });
    expect(client.messages[2]).toEqual(client.messages[1]);
  });

  it('carries large payloads, in any language', async () => {
    await post();
    const client = await open();
    client.answer = ({ envelope_id }) => ({ envelope_id, payload: { padding: 'ü'.repeat(70_000) } });
    const change = (payload: object) => ({ ...payload, padding: 'Größe 📦'.repeat(20_000) });
    const click = await slack.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001', change });
    expect(click).toMatchObject({ status: 200 });
    expect(client.messages[1]?.['payload']).toEqual(click.payload);
    expect(slack.sockets.envelopes[0]?.answer).toEqual({ padding: 'ü'.repeat(70_000) });
  });
});

describe('forms, commands and events through a socket', () => {
  it('answer by the payload of the acknowledgement', async () => {
    const client = await open();
    client.answer = ({ envelope_id }) => ({ envelope_id, payload: { text: 'on it' } });
    const typed = { command: '/access', by: 'U0ALICE0001', channel: 'releases' };
    const command = await slack.command(typed);
    expect(client.messages[1]).toMatchObject({ type: 'slash_commands', accepts_response_payload: true });
    expect(command.ephemerals.map(({ text }) => text)).toEqual(['on it']);
  });

  it('come again with the number of the retry', async () => {
    const client = await open();
    client.answer = ({ envelope_id, retry_attempt }) => (retry_attempt === 0 ? undefined : { envelope_id });
    expect((await slack.event({ type: 'app_mention' })).deliveries).toHaveLength(2);
    expect(client.messages.slice(1)).toMatchObject([
      { type: 'events_api', retry_attempt: 0, retry_reason: '' },
      { type: 'events_api', retry_attempt: 1, retry_reason: 'http_timeout' },
    ]);
  });
});

describe('a connection', () => {
  it('is told before it ends, and ends', async () => {
    const client = await open();
    slack.sockets.disconnect('warning');
    slack.sockets.disconnect('refresh_requested');
    expect(await client.closed).toBe(1000);
    expect(client.messages.slice(1)).toMatchObject([
      { type: 'disconnect', reason: 'warning' },
      { type: 'disconnect', reason: 'refresh_requested' },
    ]);
  });

  it('still serves for a while after it was told', async () => {
    await post();
    const client = await open();
    slack.sockets.disconnect('refresh_requested', 1, 60);
    expect(await press()).toMatchObject({ status: 200 });
    expect(await client.closed).toBe(1000);
    expect(await press()).toMatchObject({ warning: 'no_connection' });
  });

  it('is pinged now and then', async () => {
    await slack.close();
    slack = await startFakeSlack({ pingEveryMs: 5 });
    await open();
    await slack.when(() => (slack.sockets.connections()[0]?.pongs ?? 0) >= 2);
    slack.sockets.deafen(1);
    slack.expectNoUnknown();
  });

  it('answers pings', async () => {
    await open();
    slack.sockets.ping();
    expect(await slack.when(() => slack.sockets.connections()[0]?.pongs === 1)).toBe(true);
  });

  it('is closed by its client in peace', async () => {
    const { socket, closed } = await open();
    socket.close(1000, 'bye');
    expect(await closed).toBe(1000);
    await slack.when(() => slack.sockets.connections().length === 0);
    slack.expectNoUnknown();
  });

  it('fails the test when it says something that Slack does not know', async () => {
    const { socket, closed } = await open();
    socket.send('hello');
    socket.send(new Uint8Array([1]));
    expect(await closed).toBe(1002);
    expect(() => slack.expectNoUnknown()).toThrow('a socket got hello; a binary message');
  });

  it('is refused as told', async () => {
    slack.fault('socket', { http: 503 });
    await expect(open()).rejects.toThrow('closed 1006');
    slack.fault('socket', 'reset');
    await expect(open()).rejects.toThrow('closed 1006');
    expect((await open()).messages).toMatchObject([{ type: 'hello' }]);
  });

  it('is cut when it sends a frame without a mask (RFC 6455, 5.1)', async () => {
    const url = new URL(await ticket());
    const socket = connect(Number(url.port), '127.0.0.1');
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (received.length === 1) socket.write(Buffer.from([0x81, 1, 0x41]));
    });
    await new Promise((resolve) => socket.once('close', resolve));
    // The example of RFC 6455, section 1.3.
    expect(Buffer.concat(received).toString('latin1')).toContain(
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    );
    expect(() => slack.expectNoUnknown()).toThrow('without a mask');
  });
});
