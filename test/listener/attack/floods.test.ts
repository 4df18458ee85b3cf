import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { signedRequest } from '../../fakes/slack/interactions/post-signed.ts';
import type { FakeSlack } from '../../fakes/slack/server.ts';
import type { Message } from '../../fakes/slack/workspace.ts';
import { withListenerProcess } from '../../support/listener-process.ts';
import type { ListenerProcess } from '../../support/listener-process.ts';
import { ALICE, BOB, cardsOf, CHANNEL, doorOf, press, shows, threadOf } from './door.ts';

const GROUP = 'S0APPROVERS';

/** Sends over a few connections that stay open, many at once. */
function flood(url: string, most: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: most });
  const { hostname, port } = new URL(url);
  const send = (method: string, path: string, headers: Record<string, string | string[]>, body: Buffer) =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request(
        { hostname, port, method, path, headers: { ...headers, 'content-length': body.length }, agent },
        (incoming) => {
          incoming.resume().once('end', () => resolve(incoming.statusCode ?? 0));
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  return { send, end: () => agent.destroy() };
}

/** Runs it so many times, some at once, and counts the answers. */
async function counted(
  times: number,
  atOnce: number,
  one: (at: number) => Promise<number>,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  let next = 0;
  const worker = async () => {
    while (next < times) {
      const status = await one(next++);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return counts;
}

async function healthy({ url }: ListenerProcess): Promise<void> {
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
}

/** Asks whether it is well when the flood has come so far: to be awaited after it, and answered before its end. */
function amid(listener: ListenerProcess, far: number) {
  const asking = Promise.withResolvers<void>();
  let sent = 0;
  let sentUntilAnswer = Number.POSITIVE_INFINITY;
  return {
    one() {
      sent += 1;
      if (sent !== far) return;
      healthy(listener).then(() => {
        sentUntilAnswer = sent;
        asking.resolve();
      }, asking.reject);
    },
    async answeredBefore(end: number) {
      await asking.promise;
      expect(sentUntilAnswer).toBeLessThan(end);
    },
  };
}

const gate = { approvers: [GROUP], channels: [CHANNEL], unknown_requester: 'allow' };

test('10,000 requests of one token: what its limit lets through is asked, the others are told to wait, and nobody else is', () =>
  withListenerProcess(
    {
      gate: { max_open: 200 },
      config: {
        server: { host: '127.0.0.1', port: 0, shutdown_delay: '1s', rate_limits: { token: '50/h' } },
        tokens: [
          {
            name: 'main',
            token: 'sensitive-listener-token-of-pipelines',
            may: ['open', 'read'],
            gates: ['release'],
            max_open: 200,
          },
          {
            name: 'calm',
            token: 'sensitive-listener-token-of-the-calm',
            may: ['open', 'read'],
            gates: ['release'],
          },
        ],
      },
    },
    async (listener) => {
      const { send, end } = flood(listener.url, 50);
      const body = (at: number) =>
        Buffer.from(
          JSON.stringify({ gate: 'release', key: `flood ${at}`, title: 'Ship?', wait: false, origin: {} }),
        );
      const headers = { authorization: `Bearer ${listener.token}`, 'content-type': 'application/json' };
      const flooded = amid(listener, 2000);
      const counts = await counted(10_000, 50, (at) => {
        flooded.one();
        return send('POST', '/v1/approvals', headers, body(at));
      });
      await flooded.answeredBefore(10_000);
      expect(new Set(counts.keys())).toEqual(new Set([201, 429]));
      expect(counts.get(201)).toBeGreaterThanOrEqual(50);
      expect(counts.get(201)).toBeLessThan(60);
      await healthy(listener);
      const calm = doorOf({ ...listener, token: 'sensitive-listener-token-of-the-calm' }, listener.slack);
      const { id, card } = await calm.ask();
      await press(listener.slack, card, 'Approve');
      await calm.becomes(id, 'approved');
      expect(cardsOf(listener.slack).length).toBeLessThan(62);
      end();
    },
  ));

test('2,000 long polls at once: each is held, none holds up a click, and all are answered by the decision', () =>
  withListenerProcess({ slack: { ackWithinMs: 20_000 } }, async (listener) => {
    const { slack } = listener;
    const door = doorOf(listener, slack);
    const { id, card } = await door.ask({ wait: true });
    const { revision } = await door.view(id);
    let answered = 0;
    // A flood of its own connections, as so many workers would make. After 25 s a poll begins again.
    const polls = counted(2000, 2000, async () => {
      for (;;) {
        const { status, body } = await door.poll(id, revision, '&hold=true');
        if (body['status'] === 'requested') continue;
        answered += 1;
        return body['status'] === 'approved' ? status : 0;
      }
    });
    await healthy(listener);
    const others = await door.ask();
    expect(answered).toBe(0);
    // Who waits for the polls waits for 25 s.
    const clicked = await press(slack, card, 'Approve');
    expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
    expect([...(await polls)]).toEqual([[200, 2000]]);
    expect(await door.view(others.id)).toMatchObject({ status: 'requested' });
    await healthy(listener);
    expect(listener.log()).not.toMatch(/"level":"error"/);
  }));

test(
  '20,000 clicks of people who may not: the card still decides, and its record is as small as before (S24)',
  () =>
    withListenerProcess({ gate }, async (listener) => {
      const { slack } = listener;
      const path = join(listener.dir, 'listener.db');
      slack.setGroup(GROUP, [ALICE, BOB]);
      const door = doorOf(listener, slack);
      const { id, card } = await door.ask({ quorum: 2 });
      const before = await recordOf(path, id);
      const { send, end } = flood(listener.url, 40);
      const clicks = await clicksOn(slack, card, 1000);
      const flooded = amid(listener, 4000);
      const counts = await counted(20_000, 40, (at) => {
        flooded.one();
        const payload = clicks[at % clicks.length]?.replaceAll('U0CROWD', `U0CROWD${at}X`) ?? '';
        const { headers, body } = signedRequest(listener.url, {
          secret: slack.apps.listener.signingSecret,
          timestamp: String(Math.floor(Date.now() / 1000)),
          body: Buffer.from(new URLSearchParams({ payload }).toString()),
        });
        return send('POST', '/slack/interactions', { ...headers }, body);
      });
      end();
      expect([...counts]).toEqual([[200, 20_000]]);
      await flooded.answeredBefore(20_000);
      await healthy(listener);
      // Where Slack is slow to say who clicks, thirty at most are put aside until it has: nothing of them stays but the version.
      const grown = async () => (await recordOf(path, id)).bytes - before.bytes;
      await expect.poll(grown).toBeLessThan(5);
      expect((await recordOf(path, id)).version - before.version).toBeLessThan(1000);
      expect(before.bytes).toBeLessThan(4096);
      // Five answers for each address at most, and nothing but answers.
      const answers = slack.count('response_url');
      expect(answers).toBeGreaterThan(0);
      expect(answers).toBeLessThanOrEqual(5 * clicks.length);
      expect(slack.count('users.info')).toBeLessThan(10);
      expect(slack.count('usergroups.users.list')).toBeLessThan(10);
      expect(slack.count('chat.update')).toBe(0);
      // The form for a reason waits for nobody: it may open while Slack is asked again who belongs to the group, once a minute.
      expect(slack.count('views.open')).toBeLessThan(1000);
      await press(slack, card, 'Approve');
      await press(slack, card, 'Approve', { by: BOB });
      await door.becomes(id, 'approved');
      await shows(slack, card, 'Approved by');
      expect((await recordOf(path, id)).bytes).toBeLessThan(64 * 1024);
      expect(threadOf(slack, card).length).toBeLessThanOrEqual(2);
    }),
  900_000,
);

/** Payloads of clicks by somebody whose id begins with `U0CROWD`, each with a response URL of its own; not posted. */
async function clicksOn(slack: FakeSlack, card: Message, count: number): Promise<string[]> {
  const clicks: string[] = [];
  for (let at = 0; at < count; at++) {
    const by = `U0CROWD${at}`;
    const button = at % 2 === 0 ? 'Approve' : 'Deny';
    const { payload } = await press(slack, card, button, { by, actor: { username: by }, confirm: false });
    clicks.push(JSON.stringify(payload));
  }
  return clicks;
}

/** The record as it is stored. */
async function recordOf(path: string, id: string): Promise<{ version: number; bytes: number }> {
  const store = await openSqliteStore({ path, owner: false });
  try {
    const record = await store.read(`approval/${id}`);
    if (record === undefined) throw new Error(`no record of ${id}`);
    return { version: record.version, bytes: Buffer.byteLength(JSON.stringify(record)) };
  } finally {
    await store.close();
  }
}
