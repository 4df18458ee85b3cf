import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store, StoredRecord } from '../../src/store/store.ts';
import { sampleAudit, sampleEffect, sampleRecord } from './sample.ts';

/** Stores on the same empty place, and an end to all of it. */
export interface StorePlace {
  /** Another handle on the same place, as another process would have it. */
  open(): Promise<Store>;
  end(): Promise<void>;
}

/** What every store promises, by the port's own words. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(name, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(() => place.end());

    async function listAll(filter: Parameters<Store['list']>[0] = {}): Promise<StoredRecord[]> {
      const found: StoredRecord[] = [];
      let next: string | undefined;
      do {
        const page = await store.list(filter, next);
        found.push(...page.records);
        next = page.next;
      } while (next !== undefined);
      return found;
    }

    async function fill(count: number, change: (index: number) => Partial<StoredRecord>): Promise<void> {
      const records = Array.from({ length: count }, (_, index) =>
        sampleRecord(`approval/${String(index).padStart(4, '0')}`, change(index)),
      );
      for (let from = 0; from < count; from += 25)
        await Promise.all(records.slice(from, from + 25).map((record) => store.save(record)));
    }

    describe('read and save', () => {
      test('reads nothing under an id nobody saved', async () => {
        expect(await store.read('approval/none')).toBeUndefined();
      });

      test('gives back every field of what was saved', async () => {
        const record = sampleRecord('approval/1', {
          effects: [
            {
              ...sampleEffect('card', 5),
              lease: { owner: 'a', until: 9 },
              lastError: 'timeout',
              attempts: 3,
            },
            sampleEffect('line:1', 7),
          ],
          audit: { seq: 1, head: 'mac-1', pending: [sampleAudit('approval/1', 1)] },
          dueAt: 7,
          epoch: 1_800_000_000_000,
          data: { text: 'ü → 🚀 \u0000 \ud800 "\\', list: [1, { a: null }], deep: { empty: {}, none: [] } },
        });
        expect(await store.save(record)).toBe('saved');
        expect(await store.read('approval/1')).toEqual(record);
      });

      test('keeps fields that this version of the port does not know', async () => {
        const record = { ...sampleRecord('approval/1', { schema: 99 }), later: { more: [1] } };
        await store.save(record);
        expect(await store.read('approval/1')).toEqual(record);
      });

      test('keeps ids apart that differ in case, in a slash, or look like keys of the store', async () => {
        const ids = ['a', 'A', 'a/', 'audit#a', 'remember#a', 'record#a', 'meta#epoch', 'é', 'ä/🚀', ' a'];
        for (const id of ids) expect(await store.save(sampleRecord(id, { data: { id } }))).toBe('saved');
        for (const id of ids) expect((await store.read(id))?.data).toEqual({ id });
        expect((await listAll()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      });

      test('creates once: a second version 1 is a conflict and changes nothing', async () => {
        await store.save(sampleRecord('approval/1'));
        expect(await store.save(sampleRecord('approval/1', { status: 'denied' }))).toBe('conflict');
        expect((await store.read('approval/1'))?.status).toBe('open');
      });

      test('takes the next version only, never a gap, the same or an older one', async () => {
        await store.save(sampleRecord('approval/1'));
        expect(await store.save(sampleRecord('approval/1', { version: 3 }))).toBe('conflict');
        expect(await store.save(sampleRecord('approval/1', { version: 2 }))).toBe('saved');
        expect(await store.save(sampleRecord('approval/1', { version: 2 }))).toBe('conflict');
        expect(await store.save(sampleRecord('approval/1', { version: 1 }))).toBe('conflict');
        expect((await store.read('approval/1'))?.version).toBe(2);
      });

      test('takes no version 2 of what is not there', async () => {
        expect(await store.save(sampleRecord('approval/1', { version: 2 }))).toBe('conflict');
        expect(await store.read('approval/1')).toBeUndefined();
      });

      test('lets one of twenty simultaneous writers win, and tells the others', async () => {
        await store.save(sampleRecord('approval/1'));
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, by) =>
            store.save(sampleRecord('approval/1', { version: 2, data: { by } })),
          ),
        );
        expect(answers.filter((answer) => answer === 'saved')).toHaveLength(1);
        expect((await store.read('approval/1'))?.data).toEqual({ by: answers.indexOf('saved') });
      });

      test('keeps no reference to what the caller goes on changing', async () => {
        const votes: string[] = [];
        await store.save(sampleRecord('approval/1', { data: { votes } }));
        votes.push('U1');
        expect((await store.read('approval/1'))?.data).toEqual({ votes: [] });
      });
    });

    describe('sizes', () => {
      test('takes data of 64 KiB as JSON and refuses a byte more, before anything is written', async () => {
        const exactly = { text: 'x'.repeat(64 * 1024 - '{"text":""}'.length) };
        expect(await store.save(sampleRecord('approval/1', { data: exactly }))).toBe('saved');
        const over = { text: `${exactly.text}x` };
        await expect(store.save(sampleRecord('approval/2', { data: over }))).rejects.toMatchObject({
          code: 'STORE_TOO_LARGE',
          message: 'approval/2: its data has 65537 bytes, at most 65536 are kept',
        });
        expect(await store.read('approval/2')).toBeUndefined();
      });

      test('counts bytes, not characters', async () => {
        const data = { text: '🚀'.repeat(17_000) };
        await expect(store.save(sampleRecord('approval/1', { data }))).rejects.toMatchObject({
          code: 'STORE_TOO_LARGE',
        });
      });

      test('takes a record of 390 KiB and refuses a larger one', async () => {
        const withError = (length: number) =>
          sampleRecord('approval/1', {
            effects: [{ ...sampleEffect('card', 1), lastError: 'e'.repeat(length) }],
          });
        const rest = 390 * 1024 - Buffer.byteLength(JSON.stringify(withError(0)));
        await expect(store.save(withError(rest + 1))).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' });
        expect(await store.save(withError(rest))).toBe('saved');
      });

      test('refuses an id no store could keep', async () => {
        for (const id of ['', 'x'.repeat(1025)])
          await expect(store.save(sampleRecord(id))).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' });
        expect(await store.save(sampleRecord('x'.repeat(1024)))).toBe('saved');
      });
    });

    describe('due', () => {
      test('gives what is due, the longest due first, and nothing that is not', async () => {
        await store.save(sampleRecord('approval/later', { dueAt: 201 }));
        await store.save(sampleRecord('approval/now', { dueAt: 200 }));
        await store.save(sampleRecord('approval/long', { dueAt: 100 }));
        await store.save(sampleRecord('approval/never'));
        expect(await store.due(200, 10)).toEqual(['approval/long', 'approval/now']);
        expect(await store.due(99, 10)).toEqual([]);
      });

      test('gives the longest due ones of many, as many as asked for', async () => {
        await fill(60, (index) => ({ dueAt: 1000 - index }));
        expect(await store.due(2000, 5)).toEqual([59, 58, 57, 56, 55].map((index) => `approval/00${index}`));
        expect(new Set(await store.due(2000, 100)).size).toBe(60);
      });

      test('follows a record to its new time, and forgets one with nothing left to do', async () => {
        await store.save(sampleRecord('approval/1', { dueAt: 100 }));
        await store.save(sampleRecord('approval/1', { version: 2, dueAt: 300 }));
        expect(await store.due(200, 10)).toEqual([]);
        expect(await store.due(300, 10)).toEqual(['approval/1']);
        await store.save(sampleRecord('approval/1', { version: 3 }));
        expect(await store.due(1e15, 10)).toEqual([]);
      });

      test('is not moved by a save that lost', async () => {
        await store.save(sampleRecord('approval/1', { dueAt: 100 }));
        await store.save(sampleRecord('approval/1', { version: 3, dueAt: 900 }));
        expect(await store.due(100, 10)).toEqual(['approval/1']);
      });
    });

    describe('list', () => {
      test('gives every record once over several pages, twice in the same order', async () => {
        await fill(230, () => ({ data: {} }));
        const ids = (await listAll()).map(({ id }) => id);
        expect(ids).toHaveLength(230);
        expect(new Set(ids).size).toBe(230);
        expect((await listAll()).map(({ id }) => id)).toEqual(ids);
      });

      test('comes to an end where the last page is full, and where nothing fits the filter', async () => {
        await fill(100, () => ({ data: {} }));
        const ids = (await listAll()).map(({ id }) => id);
        expect(ids).toHaveLength(100);
        expect(await listAll({ kind: 'none' })).toEqual([]);
      });

      test('filters by kind, by status and by both', async () => {
        await store.save(sampleRecord('approval/1', { status: 'open' }));
        await store.save(sampleRecord('approval/2', { status: 'denied' }));
        await store.save(sampleRecord('gate/1', { kind: 'gate', status: 'open' }));
        const idsOf = async (filter: Parameters<Store['list']>[0]) =>
          (await listAll(filter)).map(({ id }) => id).toSorted();
        expect(await idsOf({ kind: 'approval' })).toEqual(['approval/1', 'approval/2']);
        expect(await idsOf({ status: 'open' })).toEqual(['approval/1', 'gate/1']);
        expect(await idsOf({ kind: 'approval', status: 'open' })).toEqual(['approval/1']);
        expect(await idsOf({ kind: 'grant' })).toEqual([]);
      });

      test('shows the newest state of a record whose status changed', async () => {
        await store.save(sampleRecord('approval/1'));
        await store.save(sampleRecord('approval/1', { version: 2, status: 'approved' }));
        expect(await listAll({ status: 'open' })).toEqual([]);
        expect((await listAll({ status: 'approved' })).map(({ version }) => version)).toEqual([2]);
      });

      test('mixes in neither audit entries nor what is remembered', async () => {
        await store.save(sampleRecord('approval/1'));
        await store.putAudit([sampleAudit('approval/1', 1), sampleAudit('approval/2', 1)]);
        await store.remember('approval/3', 100, 1);
        expect((await listAll()).map(({ id }) => id)).toEqual(['approval/1']);
        expect(await store.read('approval/2')).toBeUndefined();
        expect(await store.read('approval/3')).toBeUndefined();
      });
    });

    describe('audit', () => {
      test('gives the entries of one record by number, also from the tenth and the thousandth on', async () => {
        const seqs = [1000, 10, 2, 9, 1, 11, 3];
        await store.putAudit(seqs.map((seq) => sampleAudit('approval/1', seq)));
        await store.putAudit([sampleAudit('approval/10', 1)]);
        expect(await store.readAudit('approval/1')).toEqual(
          [1, 2, 3, 9, 10, 11, 1000].map((seq) => sampleAudit('approval/1', seq)),
        );
        expect(await store.readAudit('approval/2')).toEqual([]);
      });

      test('gives all entries of a record with more than one page of them', async () => {
        const long = { text: 'x'.repeat(20_000) };
        for (let from = 1; from <= 75; from += 25)
          await store.putAudit(
            Array.from({ length: 25 }, (_, index) => ({
              ...sampleAudit('approval/1', from + index),
              entry: long,
            })),
          );
        expect((await store.readAudit('approval/1')).map(({ seq }) => seq)).toEqual(
          Array.from({ length: 75 }, (_, index) => index + 1),
        );
      });

      test('leaves an entry that is there with the same MAC', async () => {
        await store.putAudit([sampleAudit('approval/1', 1)]);
        await store.putAudit([sampleAudit('approval/1', 1), sampleAudit('approval/1', 2)]);
        expect((await store.readAudit('approval/1')).map(({ seq }) => seq)).toEqual([1, 2]);
      });

      test('refuses another MAC as STORE_CORRUPT and keeps what was there', async () => {
        await store.putAudit([sampleAudit('approval/1', 1)]);
        await expect(store.putAudit([sampleAudit('approval/1', 1, 'forged')])).rejects.toMatchObject({
          code: 'STORE_CORRUPT',
        });
        expect((await store.readAudit('approval/1')).map(({ mac }) => mac)).toEqual(['mac-1']);
      });

      test('refuses two MACs for one number in one call', async () => {
        await expect(
          store.putAudit([sampleAudit('approval/1', 1), sampleAudit('approval/1', 1, 'other')]),
        ).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      });

      test('takes an empty list', async () => {
        expect(await store.putAudit([])).toBeUndefined();
      });
    });

    describe('remember', () => {
      test('is true once, false until the end, and true again from then on', async () => {
        expect(await store.remember('event/1', 1000, 1)).toBe(true);
        expect(await store.remember('event/1', 5000, 999)).toBe(false);
        expect(await store.remember('event/2', 1000, 999)).toBe(true);
        expect(await store.remember('event/1', 2000, 1000)).toBe(true);
        expect(await store.remember('event/1', 9000, 1999)).toBe(false);
      });

      test('is true for one of twenty at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => store.remember('event/1', 1000, 1)),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('save once', () => {
      const once = (key: string, owner: string, now = 1) => ({ key, owner, until: 1000, now });

      test('remembers the key with the record', async () => {
        expect(await store.save(sampleRecord('approval/1'), once('click/1', 'a'))).toBe('saved');
        expect(await store.remember('click/1', 1000, 999)).toBe(false);
        expect(await store.remember('click/1', 2000, 1000)).toBe(true);
      });

      test('writes nothing for a key that somebody else has remembered, until it is over', async () => {
        await store.save(sampleRecord('approval/1'), once('click/1', 'a'));
        await store.remember('click/2', 1000, 1);
        const next = sampleRecord('approval/1', { version: 2, data: { by: 'another' } });
        for (const key of ['click/1', 'click/2'])
          expect(await store.save(next, once(key, 'b', 999))).toBe('repeated');
        expect(await store.read('approval/1')).toEqual(sampleRecord('approval/1'));
        expect(await store.save(next, once('click/1', 'b', 1000))).toBe('saved');
      });

      test('lets its own owner try again after a conflict', async () => {
        await store.save(sampleRecord('approval/1'));
        const late = sampleRecord('approval/1', { data: { late: true } });
        expect(await store.save(late, once('click/1', 'a'))).toBe('conflict');
        expect(await store.read('approval/1')).toEqual(sampleRecord('approval/1'));
        const again = sampleRecord('approval/1', { version: 2 });
        expect(await store.save(again, once('click/1', 'a'))).toBe('saved');
      });

      test('is no obstacle for its owner who saves nothing after all, and remembers it', async () => {
        await store.save(sampleRecord('approval/1'));
        await store.save(sampleRecord('approval/1'), once('click/1', 'a'));
        expect(await store.remember('click/1', 1000, 1, 'a')).toBe(true);
        expect(await store.remember('click/1', 1000, 1, 'b')).toBe(false);
      });

      test('saves one of twenty at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            store.save(sampleRecord(`approval/${index}`), once('click/1', `owner ${index}`)),
          ),
        );
        expect(answers.filter((answer) => answer === 'saved')).toHaveLength(1);
        expect(answers.filter((answer) => answer === 'repeated')).toHaveLength(19);
        expect(await listAll()).toHaveLength(1);
      });
    });

    describe('two handles on one store', () => {
      test('see what the other saved, and one of them wins each version', async () => {
        const other = await place.open();
        await store.save(sampleRecord('approval/1', { dueAt: 1 }));
        expect((await other.read('approval/1'))?.version).toBe(1);
        expect(await other.due(1, 1)).toEqual(['approval/1']);
        for (let version = 2; version < 12; version++) {
          const answers = await Promise.all([
            store.save(sampleRecord('approval/1', { version, data: { by: 'one' } })),
            other.save(sampleRecord('approval/1', { version, data: { by: 'other' } })),
          ]);
          expect(answers.toSorted()).toEqual(['conflict', 'saved']);
          expect((await other.read('approval/1'))?.data).toEqual({
            by: answers[0] === 'saved' ? 'one' : 'other',
          });
        }
      });

      test('remember for each other', async () => {
        const other = await place.open();
        expect(await store.remember('event/1', 1000, 1)).toBe(true);
        expect(await other.remember('event/1', 1000, 1)).toBe(false);
        const once = { key: 'event/1', owner: 'other', until: 1000, now: 1 };
        expect(await other.save(sampleRecord('approval/1'), once)).toBe('repeated');
      });
    });
  });
}
