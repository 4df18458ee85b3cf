import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess } from '../support/listener-process.ts';
import { ALICE, BOB, cardOf, cardsOf, doorOf, ORIGIN, press, shows, step, threadOf } from './attack/door.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { withActions } from './with-actions.ts';
import type { ActionsWorld } from './with-actions.ts';

const AUDIT = { key: 'sensitive-audit-key-of-at-least-32-characters' };
const WAITING = { approval: { gate: 'release', title: 'Ship 1.2.3?' } };

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

describe('a put that waits', () => {
  test('goes on over a restore, and ends with what is decided on the new card', () =>
    withListenerProcess({}, async (listener) => {
      const { slack } = listener;
      const put = step(listener, { params: WAITING });
      const card = await slack.when(() => cardsOf(slack)[0]);
      await setBack(listener, () => Promise.resolve());
      const fresh = await slack.when(() => cardsOf(slack).find(({ ts }) => ts !== card.ts));
      await press(slack, fresh, 'Approve');
      const { code, stderr } = await put;
      expect([code, stderr]).toEqual([0, expect.stringContaining('approved by alice')]);
    }));

  test('asks again by itself when the backup is from before it asked', () =>
    withListenerProcess({}, async (listener) => {
      const { slack } = listener;
      const waiting: { put?: ReturnType<typeof step> } = {};
      await setBack(listener, async () => {
        waiting.put = step(listener, { params: WAITING });
        await slack.when(() => cardsOf(slack)[0]);
      });
      const [card] = cardsOf(slack);
      const fresh = await slack.when(() => cardsOf(slack).find(({ ts }) => ts !== card?.ts));
      const click = await press(slack, cardsOf(slack)[0] ?? fresh, 'Approve');
      await expect
        .poll(() => click.ephemerals.map(({ text }) => text).join())
        .toContain('not known here any more');
      await press(slack, fresh, 'Approve');
      const { code, stderr } = (await waiting.put) ?? {};
      expect([code, stderr]).toEqual([0, expect.stringContaining('does not know the request any more')]);
    }));
});

describe('the buttons of actions', () => {
  /** Backs the store up, lets it live on, and puts the backup in its place. */
  const setBackActions = (world: ActionsWorld, live: () => Promise<void>) =>
    withTempDir(async (dir) => {
      const file = join(dir, 'backup.db');
      expect(await world.verb('backup', file)).toContain(file);
      await live();
      await world.stop();
      expect(await world.verb('restore', file, '--force')).toContain('is kept as');
      await world.start();
    });

  test('that work once and are from before the restore run nothing, whatever the backup knows of them', () =>
    withActions({}, async (world) => {
      await world.put();
      await setBackActions(world, async () => {
        await world.press(await world.ask(), 'Run');
        await world.reported(/is done/);
      });
      await world.click();
      await world.told(/works once, and is from before the listener was restored .* Nothing was run\./);
      expect(world.gateway.calls).toHaveLength(1);
      await world.put({ params: { text: 'Posted again' } });
      const again = world.slack.messages().findLast(({ text }) => text.includes('Posted again'));
      await world.press(await world.ask(ALICE, { ts: again?.ts ?? '' }), 'Run');
      await expect.poll(() => world.gateway.calls.length).toBe(2);
    }));

  test('have dialogs that are over where they stand in the backup: nobody knows whether they were answered', () =>
    withActions({ action: { once: false } }, async (world) => {
      await world.put();
      const dialog = await world.ask();
      await setBackActions(world, () => Promise.resolve());
      await world.press(dialog, 'Run');
      await world.told(/restored from a backup since: see in the thread whether this was run/);
      expect(world.gateway.calls).toEqual([]);
    }));
});

describe('verify-audit after a restore', () => {
  test('tells what manifests know from after the backup, as explained by it, and finds what is not', () =>
    withListenerProcess(
      { config: { audit: { ...AUDIT, manifest: { file: '{dir}/manifest.jsonl', every: '1s' } } } },
      async (listener) => {
        const door = doorOf(listener, listener.slack);
        const file = join(listener.dir, 'manifest.jsonl');
        const writes = async (what: string) => {
          await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain(what);
        };
        const { id } = await door.ask();
        await writes(`"approval/${id}",2,`);
        await setBack(listener, async () => {
          await listener.verb('withdraw', id, '--as', 'dana');
          await writes(`"approval/${id}",3,`);
        });
        const epoch = await newEpoch(file);
        await expect
          .poll(async () => (await listener.verb('verify-audit')).stdout)
          .toContain(`lost by a restore: approval/${id}: `);
        const { code, stderr } = await listener.verb('verify-audit');
        expect([code, stderr]).toEqual([
          0,
          expect.stringMatching(/ 0 problems, 1 differences that a restore explains\n$/),
        ]);
        expect(epoch).toBeGreaterThan(1);
        await listener.stop();
        const db = new DatabaseSync(join(listener.dir, 'listener.db'));
        db.exec(
          `delete from record where id = 'approval/${id}'; delete from audit where record = 'approval/${id}'`,
        );
        db.close();
        expect(await listener.verb('verify-audit')).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(
            new RegExp(`^approval/${id}: the record is missing, a manifest has it`, 'm'),
          ),
        });
      },
    ));
});

/** The epoch of the newest manifest, once one of a later life of the store is there. */
async function newEpoch(file: string): Promise<number> {
  const epochs = async () =>
    [...(await readFile(file, 'utf8')).matchAll(/"epoch":(\d+)/g)].map(([, epoch]) => Number(epoch));
  await expect.poll(epochs).not.toEqual([]);
  return (await epochs()).at(-1) ?? 0;
}

describe('listener restore', () => {
  test('refuses while the listener runs, what is no backup, and to overwrite unasked; nothing is changed by that', () =>
    withListenerProcess({}, async (listener) => {
      const { id } = await doorOf(listener, listener.slack).ask();
      const file = join(listener.dir, 'backup.db');
      await listener.verb('backup', file);
      const refused = async (args: readonly string[], words: string) => {
        const { code, stdout, stderr } = await listener.verb('restore', ...args);
        expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(words)]);
        expect(stderr).toMatch(/\n {2}hint: /);
      };
      await refused([file, '--force'], '[STORE_OWNED]');
      await refused(['--mark'], '[STORE_OWNED]');
      await refused([], 'needs FILE [CONFIG_INVALID]');
      await refused(['--mark', '--force'], '--force: nothing is overwritten by --mark [CONFIG_INVALID]');
      await listener.stop();
      await refused([file], 'there is a store');
      await refused([join(listener.dir, 'listener.json'), '--force'], 'is damaged, or no backup');
      await refused([join(listener.dir, 'none.db'), '--force'], 'there is no backup');
      expect((await listener.verb('list', '--restored')).stdout).toBe('');
      await listener.start();
      expect(await doorOf(listener, listener.slack).view(id)).toMatchObject({
        status: 'requested',
        revision: 3,
      });
      expect(cardsOf(listener.slack)).toHaveLength(1);
    }));

  test('needs the key of the audit that the store before had', () =>
    withListenerProcess({ config: { audit: undefined } }, async (listener) => {
      const file = join(listener.dir, 'backup.db');
      await listener.verb('backup', file);
      await listener.stop();
      await rm(join(listener.dir, 'listener.db.audit-key'));
      expect(await listener.verb('restore', file, '--force')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the audit key cannot be read'),
      });
    }));

  test('marks a store that came back in another way; list shows at once what that puts in doubt', () =>
    withListenerProcess({}, async (listener) => {
      const { slack } = listener;
      const { id, card } = await doorOf(listener, slack).ask();
      await listener.stop();
      expect(await listener.verb('restore', '--mark')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^marked as restored at \d{4}-/),
      });
      const { stdout } = await listener.verb('list', '--restored');
      expect(stdout).toMatch(new RegExp(`^approval/${id}  open  .*  RESTORED$`, 'm'));
      await listener.start();
      await newCard(listener, id, card);
      expect((await listener.verb('list', '--kind', 'restore-walk')).stdout).toContain('restore-walk/all');
    }));
});
