import { describe, expect, test } from 'vitest';
import type { Message } from '../../fakes/slack/workspace.ts';
import { ALICE, BOB, CHANNEL, ORIGIN, press, shows, threadOf } from './door.ts';
import { sharedListener } from './shared-listener.ts';

// Two things at one moment, over HTTP, against the process: one outcome, which the card, its thread, the gate and everyone
// who waits tell alike.

const attacked = sharedListener({
  config: {
    gates: {
      release: {
        approvers: [ALICE, BOB],
        channels: [CHANNEL],
        unknown_requester: 'allow',
        require_reason: 'never',
      },
    },
  },
});

const ROUNDS = 12;
const ICONS: Readonly<Record<string, string>> = {
  approved: '✅ Approved',
  denied: '⛔ Denied',
  timed_out: '⌛ Timed out',
  withdrawn: '↩️ Withdrawn',
};

interface Round {
  readonly id: string;
  readonly card: Message;
  /** As a page shows it that was not loaded again. */
  readonly seen: Message;
}

type Act = (round: Round) => Promise<unknown>;

const approve: Act = ({ card, seen }) => press(attacked().listener.slack, card, 'Approve', { seen });
const deny: Act = ({ card, seen }) => press(attacked().listener.slack, card, 'Deny', { seen, by: BOB });
const withdraw: Act = ({ id }) =>
  attacked().door.request('POST', `/v1/approvals/${id}/withdraw`, { origin: ORIGIN });
const detach: Act = ({ id }) =>
  attacked().door.request('POST', `/v1/approvals/${id}/detach`, { origin: ORIGIN });

/** Asks, lets both happen at once, and checks that all who tell of the request tell the same. */
async function race(
  first: Act,
  second: Act,
  { change = {}, delay }: { change?: object; delay: readonly [number, number] },
): Promise<string> {
  const { door, listener } = attacked();
  const { slack } = listener;
  const { id, card } = await door.ask({ ...change });
  const { revision } = await door.view(id);
  const seen = slack.look(card.channel, card.ts);
  const round = { id, card, seen };
  const polls = [1, 2, 3].map(async () => {
    for (let at = revision; ; ) {
      const { body } = await door.poll(id, at);
      if (body['status'] !== 'requested') return body['status'];
      at = body['revision'];
    }
  });
  const late = async (ms: number, act: Act) => {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    return act(round);
  };
  await Promise.all([late(delay[0], first), late(delay[1], second)]);
  const told = new Set(await Promise.all(polls));
  const status = String((await door.view(id))['status']);
  expect([...told]).toEqual([status]);
  const final = await shows(slack, card, ICONS[status] ?? 'none');
  expect(JSON.stringify(final.blocks)).not.toMatch(/"text":"(Approve|Deny)"/);
  const lines = () => threadOf(slack, card).filter((line) => /^(✅|⛔|⌛|↩️)/.test(line));
  await expect.poll(lines).toHaveLength(1);
  const reported = async () => (await door.decisions()).text.includes(id);
  await expect.poll(reported).toBe(status === 'approved' || status === 'denied');
  return status;
}

/** Delays in milliseconds for each round, the same ones at each run: most at the very same moment. */
function delays(seed: number): readonly (readonly [number, number])[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % 3 === 0 ? (state >>> 20) % 6 : 0;
  };
  return Array.from({ length: ROUNDS }, (): readonly [number, number] => [next(), next()]);
}

async function races(
  first: Act,
  second: Act,
  seed: number,
  allowed: readonly string[],
  change = {},
): Promise<void> {
  const rounds = delays(seed);
  // A few at once: races of one request are then between other requests, as on a busy day.
  for (let at = 0; at < rounds.length; at += 4) {
    const some = rounds.slice(at, at + 4);
    const ends = await Promise.all(some.map((delay) => race(first, second, { change, delay })));
    expect(ends.filter((end) => !allowed.includes(end))).toEqual([]);
  }
}

describe('at one moment (A3, A4):', () => {
  test('approve and deny', () => races(approve, deny, 1, ['approved', 'denied']));
  test('approve and withdraw', () => races(approve, withdraw, 2, ['approved', 'withdrawn']));
  test('deny and withdraw', () => races(deny, withdraw, 3, ['denied', 'withdrawn']));
  test('approve and the stop of the waiting build', () =>
    races(approve, detach, 4, ['approved'], { wait: true }));
  test('two approvers: one decision, which names one or, where it takes two, both', async () => {
    const { door } = attacked();
    const both: Act = ({ card, seen }) =>
      press(attacked().listener.slack, card, 'Approve', { seen, by: BOB });
    await races(approve, both, 5, ['approved']);
    await races(approve, both, 6, ['approved'], { quorum: 2 });
    expect((await door.decisions()).status).toBe(200);
  });

  test('one approver twice: one vote', async () => {
    const { door, listener } = attacked();
    for (let round = 0; round < ROUNDS; round++) {
      const { id, card } = await door.ask({ quorum: 2 });
      const clicks = await Promise.all([1, 2, 3].map(() => press(listener.slack, card, 'Approve')));
      expect(clicks.map(({ status }) => status)).toEqual([200, 200, 200]);
      // A click whose person Slack is slow to name is counted afterwards.
      await expect.poll(() => door.view(id)).toMatchObject({ status: 'requested', votes: 1, quorum: 2 });
    }
  });

  test('one approver for and against: the later click of theirs counts, whichever arrives first', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    for (let round = 0; round < ROUNDS; round++) {
      const { id, card } = await door.ask({ quorum: 2 });
      const seen = slack.look(card.channel, card.ts);
      const yes = await press(slack, card, 'Approve', { seen, confirm: false });
      // A person takes longer than a millisecond.
      await new Promise((resolve) => setTimeout(resolve, 2));
      const no = await press(slack, card, 'Deny', { seen, confirm: false });
      const sent = round % 2 === 0 ? [yes, no] : [no, yes];
      await Promise.all(sent.map(({ payload }) => slack.rawInteraction({ payload })));
      expect(await door.becomes(id, 'denied')).toMatchObject({ votes: 0 });
    }
  });

  test('approve and a newer request on the same subject', async () => {
    const { door, listener } = attacked();
    for (let round = 0; round < ROUNDS; round++) {
      const subject = `app ${round}`;
      const { id, card } = await door.ask({ subject });
      const [, newer] = await Promise.all([press(listener.slack, card, 'Approve'), door.ask({ subject })]);
      await expect.poll(async () => (await door.view(id))['status']).not.toBe('requested');
      const { status } = await door.view(id);
      expect(['approved', 'withdrawn']).toContain(status);
      await shows(listener.slack, card, ICONS[String(status)] ?? 'none');
      expect(await door.view(newer.id)).toMatchObject({ status: 'requested' });
      await door.request('POST', `/v1/approvals/${newer.id}/withdraw`, { origin: ORIGIN });
    }
  });

  test('approve and the end of its time: a click before it counts, a click after it does not', async () => {
    const { door, listener } = attacked();
    const change = { timeout_seconds: 15, quorum: 1 };
    const rounds = await Promise.all(
      [-300, -150, -50, -20, 0, 20, 100, 300].map(async (ms) => {
        const { id, card } = await door.ask(change);
        const seen = listener.slack.look(card.channel, card.ts);
        const ends = Date.parse(String((await door.view(id))['ends_at']));
        await new Promise((resolve) => setTimeout(resolve, ends + ms - Date.now()));
        const isLate = Date.now() >= ends;
        const clicked = await press(listener.slack, card, 'Approve', { seen });
        for (let at: unknown = -1; ; ) {
          const { body } = await door.poll(id, at);
          at = body['revision'];
          if (body['status'] !== 'requested') return { body, card, clicked, isLate };
        }
      }),
    );
    for (const { body, card, clicked, isLate } of rounds) {
      expect(clicked.status).toBe(200);
      expect(isLate ? ['timed_out'] : ['approved', 'timed_out']).toContain(body['status']);
      if (body['status'] === 'timed_out')
        await listener.slack.when(() =>
          /time to decide is over|Already timed out/.test(clicked.ephemerals.at(-1)?.text ?? ''),
        );
      await shows(listener.slack, card, ICONS[String(body['status'])] ?? 'none');
    }
  });

  test('two builds that claim: one wins, and the other hears which (C26)', async () => {
    const { door, listener } = attacked();
    for (let round = 0; round < ROUNDS; round++) {
      const { id, card } = await door.ask();
      await press(listener.slack, card, 'Approve');
      await door.becomes(id, 'approved');
      const claims = await Promise.all(
        ['5000', '5001', '5002'].map((build_id) => door.claim(id, { origin: { ...ORIGIN, build_id } })),
      );
      expect(claims.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    }
  });

  test('a claim and taking it back: used or withdrawn, never both', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    for (let round = 0; round < ROUNDS; round++) {
      const { id, card } = await door.ask();
      await press(slack, card, 'Approve');
      await shows(slack, card, 'Take back');
      const [claimed] = await Promise.all([door.claim(id), press(slack, card, 'Take back', { by: BOB })]);
      const { status, claimed_by: by } = await door.view(id);
      if (claimed.status === 200) expect([status, by]).toEqual(['approved', 'app/deploy #41']);
      else expect([claimed.status, status, by]).toEqual([409, 'withdrawn', undefined]);
    }
  });
});
