import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess } from '../support/listener-process.ts';
import { ALICE, BOB, cardOf, cardsOf, doorOf, ORIGIN, press, shows, threadOf } from './attack/door.ts';

/** Backs the store up, lets it live on, stops it, and puts the backup in its place. */
async function setBack(listener: ListenerProcess, live: () => Promise<void>): Promise<void> {
  const file = join(listener.dir, 'backup.db');
  expect(await listener.verb('backup', file)).toMatchObject({ code: 0 });
  await live();
  await listener.stop();
  const { code, stdout, stderr } = await listener.verb('restore', file, '--force');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('is kept as ');
  await listener.start();
}

async function newCard(listener: ListenerProcess, id: string, old: { readonly ts: string }) {
  await listener.slack.when(() =>
    cardsOf(listener.slack).some((card) => card.ts !== old.ts && isOf(card, id)),
  );
  return cardOf(listener.slack, id);
}

function isOf({ blocks }: { readonly blocks?: unknown }, id: string): boolean {
  return JSON.stringify(blocks).includes(`#${id.slice(0, 6)}`);
}

describe('after a restore', () => {
  test('a request that was open is decided on a new card alone, with votes that count anew', () =>
    withListenerProcess({ gate: { quorum: 2, require_reason: 'never' } }, async (listener) => {
      const { slack } = listener;
      const door = doorOf(listener, slack);
      const { id, card } = await door.ask({ title: 'Ship it?' });
      await press(slack, card, 'Approve');
      await shows(slack, card, '1 of 2');
      await setBack(listener, async () => {
        await press(slack, card, 'Deny', { by: BOB });
        await door.becomes(id, 'denied');
        await shows(slack, card, 'Denied');
      });
      const fresh = await newCard(listener, id, card);
      expect(JSON.stringify(fresh.blocks)).toContain('Asked anew');
      expect(JSON.stringify(fresh.blocks)).toContain('0 of 2');
      // The card before still tells what was decided, and where to go on.
      await expect
        .poll(() => threadOf(slack, card).join())
        .toContain('This card no longer counts: decide on <');
      expect((await shows(slack, card, 'Denied')).text).toContain('Denied');
      expect((await listener.verb('list', '--restored')).stdout).toContain(`approval/${id}  open`);
      expect(await listener.metrics()).toContain('listener_restored_total{kind="approval"} 1');
      await press(slack, fresh, 'Approve');
      await press(slack, fresh, 'Approve', { by: BOB });
      await door.becomes(id, 'approved');
      expect((await listener.verb('list', '--restored')).stdout).toBe('');
      const shown = (await listener.verb('show', id)).stdout;
      expect(shown).toContain('event: restored');
      expect(shown).toContain('was: open');
      expect(await listener.verb('verify-audit')).toMatchObject({ code: 0 });
    }));

  test('the buttons of an old card are dead, and say why', () =>
    withListenerProcess({}, async (listener) => {
      const { slack } = listener;
      const door = doorOf(listener, slack);
      const { id, card } = await door.ask();
      await setBack(listener, () => Promise.resolve());
      const fresh = await newCard(listener, id, card);
      await shows(slack, fresh, 'Approve');
      const click = await press(slack, card, 'Approve');
      await expect
        .poll(() => click.ephemerals.map(({ text }) => text).join())
        .toContain('restored from a backup, and this card no longer counts. Nothing changed: decide on <');
      expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
      await press(slack, fresh, 'Approve');
      expect(await door.becomes(id, 'approved')).toMatchObject({ approvers: ['alice'] });
    }));

  test('an approval that a build may have used since is used by nobody before it is approved again', () =>
    withListenerProcess({}, async (listener) => {
      const { slack } = listener;
      const door = doorOf(listener, slack);
      const { id, card } = await door.ask();
      await press(slack, card, 'Approve');
      await door.becomes(id, 'approved');
      await setBack(listener, async () => {
        expect((await door.claim(id)).status).toBe(200);
      });
      expect((await door.decisions()).body['decisions']).toEqual([]);
      for (const build_id of ['4711', '4712']) {
        const refused = await door.claim(id, { origin: { ...ORIGIN, build_id } });
        expect(refused.status).toBe(409);
        expect(refused.text).toContain('restored from a backup: this approval may have been used');
      }
      const fresh = await newCard(listener, id, card);
      expect(JSON.stringify(fresh.blocks)).toContain('approve again only what has not been used yet');
      await press(slack, fresh, 'Approve', { by: ALICE });
      await door.becomes(id, 'approved');
      expect((await door.decisions()).body['decisions']).toEqual([{ approval: id, status: 'approved' }]);
      expect((await door.claim(id)).status).toBe(200);
      expect((await door.claim(id, { origin: { ...ORIGIN, build_id: '9' } })).status).toBe(409);
    }));
});
