import { expect, test } from 'vitest';
import { createHandlers } from '../../src/slack/handlers.ts';
import { readInteraction } from '../../src/slack/interaction.ts';
import { isRecord } from '../../src/kit/json.ts';
import type { ApprovalsWorld } from '../support/approvals-world.ts';
import { ANA, BEN, DEE, GUS, OCTOCAT, withApprovals } from '../support/approvals-world.ts';
import { firstTime } from '../support/once.ts';

/** Lets people click without HTTP and signatures, as the intake does once it has checked them. */
function directClicks({ part, clock }: ApprovalsWorld, payload: Readonly<Record<string, unknown>>) {
  const handlers = createHandlers();
  part().takeClicks(handlers);
  let told = 0;
  const action = Array.isArray(payload['actions']) ? payload['actions'].find(isRecord) : undefined;
  return {
    told: () => told,
    click: async (user: string, actionId: string, value?: string): Promise<void> => {
      const actions = [
        {
          ...action,
          action_id: actionId,
          action_ts: String(clock.now() / 1000),
          ...(value !== undefined && { value }),
        },
      ];
      const read = readInteraction({ ...payload, user: { id: user }, actions });
      if (!read.ok || read.value.type === 'unknown') throw new Error('not a click');
      const found = handlers.find(read.value, 'own');
      if (found === undefined || found === 'not_from_there') throw new Error('nobody takes the click');
      const tell = () => void told++;
      await found.run({ receivedAt: clock.now(), app: 'own', via: 'http', tell, once: firstTime() });
    },
  };
}

test('20,000 clicks of those who may not decide change nothing, write nothing, and leave the card to those who may (S24)', () =>
  withApprovals(async (world) => {
    const { ask, click, becomes, store, quiet, slack, refused } = world;
    const { id, card } = await ask({ quorum: 2, details: 'x'.repeat(4000) });
    const first = await click(card, 'Approve', DEE);
    await world.told(first);
    await quiet();
    const before = await store.read(`approval/${id}`);
    const saves = 'calls' in store ? store.calls.save : 0;
    const asked = slack.count('usergroups.users.list') + slack.count('users.info');
    const { click: press, told } = directClicks(world, first.payload);
    for (let round = 0; round < 200; round++)
      await Promise.all(
        Array.from({ length: 100 }, (_, at) => {
          const action = at % 2 === 0 ? 'approval:approve' : 'approval:deny';
          const user = [DEE, GUS, OCTOCAT, `U0STRANGER${round}X${at}`][at % 4] ?? DEE;
          return press(user, action, at % 10 === 9 ? `${id}.forged` : undefined);
        }),
      );
    expect(told()).toBe(20_000);
    expect(refused).toHaveLength(20_001);
    expect(await store.read(`approval/${id}`)).toEqual(before);
    expect(Buffer.byteLength(JSON.stringify(before))).toBeLessThan(64 * 1024);
    if ('calls' in store) expect(store.calls.save).toBe(saves);
    expect(slack.count('usergroups.users.list') + slack.count('users.info') - asked).toBeLessThan(20);
    await click(card, 'Approve', ANA);
    await click(card, 'Approve', BEN);
    expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ana', 'ben'] });
  }));

test('clicks of hundreds while Slack is slow fill no record: most are told to click again, and it decides afterwards (S15)', () =>
  withApprovals(async (world) => {
    const { ask, click, becomes, store, quiet, slack, clock } = world;
    const { id, card } = await ask();
    const first = await click(card, 'Approve', DEE);
    await world.told(first);
    clock.skip(61_000);
    slack.fault('usergroups.users.list', 'hang');
    const { click: press, told } = directClicks(world, first.payload);
    await Promise.all(Array.from({ length: 300 }, (_, at) => press(`U0STRANGER${at}`, 'approval:approve')));
    const crowded = await store.read(`approval/${id}`);
    expect(crowded?.data['inbox']).toHaveLength(30);
    expect(Buffer.byteLength(JSON.stringify(crowded))).toBeLessThan(64 * 1024);
    expect(told()).toBe(270);
    slack.release();
    await quiet();
    expect((await store.read(`approval/${id}`))?.data['inbox']).toEqual([]);
    await click(card, 'Approve', ANA);
    await becomes(id, 'approved');
  }));
