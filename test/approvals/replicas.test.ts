import { expect, test } from 'vitest';
import { ANA, BEN, CEM, ORIGIN, withApprovals } from '../support/approvals-world.ts';
import { HOUR } from './samples.ts';

const options = { replicas: 3 } as const;

test('a decision taken by one listener is seen in the long poll of another (C29)', () =>
  withApprovals(
    async ({ ask, click, poll, view, shows, quiet, clock }) => {
      const { id, card } = await ask();
      await quiet();
      const { revision } = await view(id);
      clock.stop();
      const others = clock.sleeping();
      const polls = Array.from({ length: 6 }, () => poll(id, revision));
      await expect.poll(() => clock.sleeping() - others).toBe(6);
      await click(card, 'Approve', ANA);
      // Nobody tells the other listeners: they look once a second.
      clock.skip(1000);
      const answers = await Promise.all(polls);
      expect(answers.map(({ body }) => body['status'])).toEqual(Array.from({ length: 6 }, () => 'approved'));
      clock.go();
      await shows(card, '✅ Approved');
    },
    { ...options, everyMs: HOUR },
  ));

test('listeners on one store post one card and one line for each event (A19, A20)', () =>
  withApprovals(async ({ ask, click, becomes, cards, thread, quiet, poked, engine, store }) => {
    const { id, card } = await ask({ quorum: 3 });
    for (const user of [ANA, BEN, CEM]) await click(card, 'Approve', user);
    await becomes(id, 'approved');
    for (let sweep = 0; sweep < 5; sweep++) await engine().sweep();
    await quiet();
    expect(cards()).toHaveLength(1);
    expect(thread(card).map((line) => line.slice(0, 40).replace(/ · .*/, ''))).toHaveLength(3);
    expect(poked).toEqual(['release']);
    expect((await store.read('gate/release'))?.data['seq']).toBe(1);
  }, options));

test('builds that claim from different listeners at one moment are one (C26, A20)', () =>
  withApprovals(async ({ ask, click, becomes, claim }) => {
    const { id, card } = await ask();
    await click(card, 'Approve', ANA);
    await becomes(id, 'approved');
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => claim(id, { origin: { ...ORIGIN, build_id: `${at}` } })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  }, options));

test('one request asked for at three listeners at one moment is one (C29)', () =>
  withApprovals(async ({ open, cards, quiet }) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => open({ key: 'k' })));
    expect(new Set(answers.map(({ body }) => body['approval'])).size).toBe(1);
    await quiet();
    expect(cards()).toHaveLength(1);
  }, options));
