import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FakeSlackOptions } from '../../fakes/slack/options.ts';
import { until } from '../../support/gate.ts';
import { withListenerProcess } from '../../support/listener-process.ts';
import type { ListenerProcess } from '../../support/listener-process.ts';
import { ALICE, BOB, cardsOf, doorOf, press, shows, step, threadOf } from './door.ts';
import type { Door } from './door.ts';

type Use = (listener: ListenerProcess, door: Door) => Promise<void>;

const runWith = (slack: FakeSlackOptions, use: Use) =>
  withListenerProcess({ slack }, (listener) => use(listener, doorOf(listener, listener.slack)));
const run = (use: Use) => runWith({}, use);

/** Holds the write lock of the store, as a backup or a query tool of another process does. */
async function locked(dir: string, use: () => Promise<void>): Promise<void> {
  const db = new DatabaseSync(join(dir, 'listener.db'), { timeout: 60_000 });
  try {
    db.exec('begin immediate');
    await use();
    db.exec('rollback');
  } finally {
    db.close();
  }
}

const ask = { gate: 'release', title: 'Ship?', context: { version: '1.2.3' } };

describe('a store that another program has locked', () => {
  test('decides nothing and says so to everyone: to the build, to the person, and in the metrics; then all goes on', () =>
    run(async (listener, door) => {
      const { slack, dir } = listener;
      const { id, card } = await door.ask();
      await locked(dir, async () => {
        const opened = await door.open({ key: 'while locked' });
        expect(opened).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
        expect(opened.text).not.toMatch(/\.js:\d+/);
        const clicked = await press(slack, card, 'Approve');
        expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
        await slack.when(() => /could not be saved/.test(clicked.ephemerals.at(-1)?.text ?? ''));
        expect((await door.claim(id)).status).toBe(409);
        expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
        expect((await fetch(`${listener.url}/health`)).status).toBe(200);
      });
      expect(await listener.metrics()).toMatch(/listener_store_errors_total\{operation="\w+"\} [1-9]/);
      const again = await door.open({ key: 'while locked' });
      expect(again.status).toBe(201);
      await press(slack, card, 'Approve');
      await door.becomes(id, 'approved');
      await shows(slack, card, 'Approved by');
    }));

  test('for a moment only is waited for: the click counts, and is acknowledged in time', () =>
    run(async (listener, door) => {
      // On a busy machine a moment may last too long: then the person is told, and the moment does not count.
      await until(async () => {
        const { id, card } = await door.ask();
        let pressed: ReturnType<typeof press> | undefined;
        let lockedMs = 0;
        await locked(listener.dir, async () => {
          const since = performance.now();
          pressed = press(listener.slack, card, 'Approve');
          await setTimeout(60);
          lockedMs = performance.now() - since;
        });
        expect((await pressed)?.status).toBe(200);
        if (lockedMs > 200 && (await door.view(id))['status'] === 'requested') return false;
        await door.becomes(id, 'approved');
        return true;
      });
    }));

  test('is waited for by a put that asks, and by the one that claims: asked once, used once (C15)', () =>
    run(async (listener, door) => {
      const asking = step(listener, { params: { approval: { ...ask, wait: false } } });
      await locked(listener.dir, () => setTimeout(700));
      const asked = await asking;
      expect(asked).toMatchObject({ code: 0 });
      const id = /\(([0-9a-f]{24})\)/.exec(asked.stderr)?.[1] ?? '';
      await listener.slack.when(() => cardsOf(listener.slack).length === 1);
      await expect.poll(() => door.view(id)).toHaveProperty('permalink');
      const [card] = cardsOf(listener.slack);
      if (card === undefined) throw new Error('no card');
      await press(listener.slack, card, 'Approve');
      await door.becomes(id, 'approved');
      const claim = step(listener, {
        params: { claim: 'gate', gate: 'release' },
        files: { 'gate/version.json': JSON.stringify({ approval: id, status: 'approved' }) },
      });
      await locked(listener.dir, () => setTimeout(700));
      expect(await claim).toMatchObject({ code: 0 });
      await shows(listener.slack, card, 'used by app/deploy #41');
      expect(threadOf(listener.slack, card).filter((line) => line.startsWith('🔑'))).toHaveLength(1);
    }));

  test('and written by an operator beside the listener: a verb and a click at one moment are one outcome', () =>
    run(async (listener, door) => {
      const { slack } = listener;
      for (let round = 0; round < 2; round++) {
        const { id, card } = await door.ask();
        const seen = slack.look(card.channel, card.ts);
        // The verb takes as long as a process takes to start.
        const verb = listener.verb('withdraw', id, '--as', 'ops', '--reason', 'wrong build');
        await setTimeout(round * 200);
        await press(slack, card, 'Approve', { seen });
        const { code, stderr } = await verb;
        const { status } = await door.view(id);
        // An approval that nobody has used may be taken back by the operator.
        expect([code, status, stderr]).toEqual([0, 'withdrawn', '']);
        await shows(slack, card, 'Withdrawn');
        expect((await door.decisions()).text).not.toContain(id);
      }
    }));
});

describe('a Slack that is away after the decision', () => {
  test('leaves the decision as it is for builds; the card is repaired when Slack is back, and is one (S17, A38)', () =>
    run(async (listener, door) => {
      const { slack } = listener;
      const { id, card } = await door.ask();
      slack.outage(true);
      await press(slack, card, 'Approve');
      await door.becomes(id, 'approved');
      await expect.poll(async () => (await door.decisions()).text).toContain(id);
      expect((await door.claim(id)).status).toBe(200);
      await listener.stop('SIGKILL');
      // It is not ready without Slack, but builds are answered.
      const ready = listener.start();
      const status = () =>
        door.view(id).then(
          (view) => [view['status'], view['claimed_by']],
          () => 'away',
        );
      await expect.poll(status).toEqual(['approved', 'app/deploy #41']);
      slack.outage(false);
      await ready;
      expect(await listener.verb('retry', id)).toMatchObject({ code: 0 });
      await shows(slack, card, 'used by app/deploy #41');
      expect(cardsOf(slack)).toHaveLength(1);
    }));
});

describe('a process that is frozen', () => {
  test('and woken answers the click that came meanwhile, counts it once, and its long polls go on', () =>
    runWith({ ackWithinMs: 3000 }, async (listener, door) => {
      const { slack } = listener;
      const { id, card } = await door.ask({ quorum: 2 });
      const seen = slack.look(card.channel, card.ts);
      slack.fault('chat.update', { slow: 300 });
      await press(slack, card, 'Approve', { seen });
      const { revision } = await door.view(id);
      const polled = door.poll(id, revision);
      listener.signal('SIGSTOP');
      const late = await press(slack, card, 'Approve', { seen, by: BOB });
      expect(late.warning).toBe('operation_timeout');
      listener.signal('SIGCONT');
      expect((await polled).body['votes']).toBe(2);
      await door.becomes(id, 'approved');
      const again = await press(slack, card, 'Approve', { seen, by: BOB });
      await slack.when(() => again.ephemerals.at(-1)?.text.startsWith('Already approved'));
      await shows(slack, card, `Approved by <@${ALICE}>, <@${BOB}>`);
      expect(cardsOf(slack)).toHaveLength(1);
      expect(threadOf(slack, card).filter((line) => line.startsWith('✅'))).toHaveLength(1);
    }));
});

describe('a listener that is killed in the middle of long polls', () => {
  test('is found again at its address: each waiting put ends approved, and each has asked once (C23)', () =>
    run(async (listener, door) => {
      const { slack } = listener;
      const builds = ['5001', '5002', '5003'];
      const puts = builds.map((id) =>
        step(listener, { params: { approval: { ...ask, title: `Ship ${id}?` } }, env: { BUILD_ID: id } }),
      );
      await slack.when(() => cardsOf(slack).length === 3);
      await Promise.all(
        cardsOf(slack).map(({ blocks }) =>
          expect.poll(() => door.view(idIn(blocks))).toHaveProperty('permalink'),
        ),
      );
      await listener.stop('SIGKILL');
      await listener.start();
      for (const card of cardsOf(slack)) await press(slack, card, 'Approve');
      const ended = await Promise.all(puts);
      expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
      for (const { stderr } of ended) expect(stderr).toContain('approved by alice');
      expect(cardsOf(slack)).toHaveLength(3);
      expect(slack.count('chat.postMessage')).toBeLessThanOrEqual(3 + 3);
    }));
});

function idIn(blocks: unknown): string {
  return /"value":"([0-9a-f]{24})\./.exec(JSON.stringify(blocks))?.[1] ?? '';
}
