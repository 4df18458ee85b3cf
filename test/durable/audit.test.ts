import { describe, expect, test } from 'vitest';
import { auditProblems } from '../../src/durable/audit-problems.ts';
import { createAuditChain } from '../../src/durable/audit.ts';
import type { AuditItem, Store, StoredRecord } from '../../src/store/store.ts';
import { manualClock, settled } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { auditKey, gate, workbench } from './jobs.ts';

const chain = createAuditChain(auditKey);
const OTHER_HAND = 'job/1: its data was changed by something else than the listener';
const step = (word: string) => ({ word, audit: { event: word, by: { user: 'U1', name: 'Ana' } } });

async function problemsOf(store: Store, id = 'job/1'): Promise<readonly string[]> {
  const record = await store.read(id);
  return record === undefined ? [`no ${id}`] : chain.problems(record, await store.readAudit(id));
}

async function history(): Promise<{ record: StoredRecord; items: readonly AuditItem[] }> {
  const { jobs, store } = workbench();
  for (const word of ['a', 'b', 'c', 'd']) {
    await jobs.send('job/1', step(word));
    await settled();
  }
  await jobs.send('job/1', { word: 'e' });
  const [record] = store.all();
  if (record === undefined) throw new Error('no record');
  return { record, items: await store.readAudit('job/1') };
}

describe('the audit of a record', () => {
  test('is stored after the answer, and leaves the record with the next save', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', step('a'));
    expect(store.all()).toMatchObject([{ audit: { seq: 1, pending: [{ seq: 1 }] } }]);
    await settled();
    await jobs.send('job/1', step('b'));
    expect(store.all()).toMatchObject([{ audit: { seq: 2, pending: [{ seq: 2 }] } }]);
    await settled();
    expect(await store.readAudit('job/1')).toMatchObject([
      { seq: 1, entry: { event: 'a', status: 'open' } },
      { seq: 2, entry: { event: 'b', status: 'open' } },
    ]);
    expect(await problemsOf(store)).toEqual([]);
  });

  test('costs an event with an effect two saves and one put, and nothing later', async () => {
    const mailed = gate<undefined>();
    const { jobs, store, engine, clock } = workbench({ mail: () => mailed.promise });
    await jobs.send('job/1', { ...step('a'), schedule: [{ key: 'mail' }] });
    await settled();
    mailed.resolve(undefined);
    await settled();
    await clock.advance(3_600_000);
    expect(await engine.sweep()).toMatchObject({ due: 0 });
    expect(store.calls).toMatchObject({ save: 2, putAudit: 1 });
    expect(store.all()).toMatchObject([{ audit: { seq: 1, pending: [] }, effects: [] }]);
    expect(await problemsOf(store)).toEqual([]);
  });

  test('costs an event without an effect one more save, a minute later', async () => {
    const { jobs, store, engine, clock } = workbench();
    await jobs.send('job/1', step('a'));
    await clock.advance(60_000);
    expect(await engine.sweep()).toMatchObject({ due: 1, tended: 1 });
    expect(await engine.sweep()).toMatchObject({ due: 0 });
    expect(store.calls).toMatchObject({ save: 2, putAudit: 1 });
    expect(store.all()[0]).toMatchObject({ audit: { pending: [] }, effects: [] });
    expect(store.all()[0]).not.toHaveProperty('dueAt');
  });

  test('stays in the record until it is stored', async () => {
    const { jobs, store, engine, clock, lines } = workbench();
    store.next('putAudit', ...Array.from({ length: 4 }, () => 'fail-before' as const));
    await jobs.send('job/1', step('a'));
    await settled();
    await jobs.send('job/1', step('b'));
    await settled();
    expect(store.all()).toMatchObject([{ audit: { pending: [{ seq: 1 }, { seq: 2 }] } }]);
    expect(await problemsOf(store)).toEqual([]);
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      await engine.sweep();
    }
    expect(await store.readAudit('job/1')).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(store.all()).toMatchObject([{ audit: { seq: 2, pending: [] }, effects: [] }]);
    expect(lines).toContain('audit of job/1 is stored later: the store in memory was told to fail');
    expect(await problemsOf(store)).toEqual([]);
  });

  test('is not lost by a crash between the save and the put (A44)', async () => {
    const store = memoryStore();
    const clock = manualClock();
    store.next('putAudit', () => new Promise<never>(() => undefined));
    await workbench({ store, clock }).jobs.send('job/1', step('a'));
    const { engine } = workbench({ store, clock });
    expect(await problemsOf(store)).toEqual([]);
    await clock.advance(60_000);
    await engine.sweep();
    expect(await store.readAudit('job/1')).toMatchObject([{ seq: 1 }]);
    expect(await problemsOf(store)).toEqual([]);
  });

  test('that cannot be stored holds up no timer, no effect and no other record', async () => {
    const { jobs, store, engine, clock, seen } = workbench();
    store.next('putAudit', ...Array.from({ length: 9 }, () => 'fail-before' as const));
    const at = clock.now() + 60_000;
    await jobs.send('job/1', {
      ...step('a'),
      schedule: [
        { key: 'bell', at },
        { key: 'mail', at },
      ],
    });
    await clock.advance(60_000);
    await engine.sweep();
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['a', 'rang'] } });
    expect(seen).toContain('job/mail done');
    expect(store.all()).toMatchObject([{ effects: [{ key: '~audit', attempts: 1 }] }]);
  });

  test('that cannot be stored for long stops new events before the record grows too large', async () => {
    const { jobs, store } = workbench();
    store.next('putAudit', ...Array.from({ length: 200 }, () => 'fail-before' as const));
    for (let index = 0; index < 50; index++) await jobs.send('job/1', step(`w${index}`));
    await expect(jobs.send('job/1', step('more'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(store.all()).toMatchObject([{ version: 50 }]);
  });

  test('writes what came while it wrote together', async () => {
    const put = gate();
    const { jobs, store } = workbench();
    store.next('putAudit', () => put.promise);
    for (const word of ['a', 'b', 'c', 'd']) await jobs.send('job/1', step(word));
    put.resolve();
    await settled();
    expect(store.calls.putAudit).toBe(2);
    expect(await store.readAudit('job/1')).toHaveLength(4);
  });

  test('tells a change of status that the machine does not', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', step('a'));
    await jobs.send('job/1', { word: 'b', status: 'shut' });
    expect(store.all()).toMatchObject([{ status: 'shut', audit: { seq: 2 } }]);
    expect(await problemsOf(store)).toEqual([]);
  });

  test('is not begun for a record that has none', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', { word: 'a' });
    await jobs.send('job/1', { word: 'b', status: 'shut' });
    expect(store.all()).toMatchObject([{ audit: { seq: 0, head: '', pending: [] } }]);
    expect(store.calls.putAudit).toBe(0);
  });
});

describe('verifying', () => {
  test('finds nothing wrong with what was written', async () => {
    const { record, items } = await history();
    expect(items).toHaveLength(4);
    expect(chain.problems(record, items)).toEqual([]);
  });

  test('finds an entry that was changed', async () => {
    const { record, items } = await history();
    const changed = items.map((item) =>
      item.seq === 2 ? { ...item, entry: { ...item.entry, event: 'x' } } : item,
    );
    expect(chain.problems(record, changed)).toEqual(['job/1: entry 2 was changed']);
    const later = items.map((item) => (item.seq === 3 ? { ...item, at: item.at + 1 } : item));
    expect(chain.problems(record, later)).toEqual(['job/1: entry 3 was changed']);
  });

  test('finds an entry that was changed and signed with another key', async () => {
    const { record, items } = await history();
    const other = createAuditChain(Buffer.alloc(32, 8));
    const forged = items.map((item) =>
      item.seq === 4 ? other.next('job/1', 4, items[2]?.mac ?? '', item.at, { event: 'x' }) : item,
    );
    expect(chain.problems(record, forged)).toEqual([
      'job/1: entry 4 was changed',
      'job/1: its end does not match its last entry',
    ]);
  });

  test('finds an entry of another record', async () => {
    const { record, items } = await history();
    expect(chain.problems({ ...record, id: 'job/2' }, items)).toHaveLength(5);
  });

  test('finds entries that are missing, in the middle and at the end', async () => {
    const { record, items } = await history();
    expect(
      chain.problems(
        record,
        items.filter(({ seq }) => seq !== 2),
      ),
    ).toEqual(['job/1: entry 2 of 4 is missing']);
    expect(chain.problems({ ...record, audit: { ...record.audit, pending: [] } }, items.slice(0, 2))).toEqual(
      [
        'job/1: entry 3 of 4 is missing',
        'job/1: entry 4 of 4 is missing',
        'job/1: its end does not match its last entry',
      ],
    );
  });

  test('finds entries that were cut off with their count', async () => {
    const { record, items } = await history();
    const cut = { ...record, audit: { ...record.audit, seq: 2, pending: [] } };
    expect(chain.problems(cut, items)).toContain('job/1: entry 3 is after the end of the record');
    expect(chain.problems(cut, items.slice(0, 2))).toEqual([
      'job/1: its end does not match its last entry',
      OTHER_HAND,
    ]);
  });

  test('finds a status that was changed', async () => {
    const { record, items } = await history();
    expect(chain.problems({ ...record, status: 'approved' }, items)).toEqual([
      'job/1: says approved, its last entry says open',
      OTHER_HAND,
    ]);
  });

  test('finds data that was changed, and a seal that was taken away', async () => {
    const { record, items } = await history();
    expect(chain.problems({ ...record, data: { ...record.data, more: true } }, items)).toEqual([OTHER_HAND]);
    const { seal: _, ...unsealed } = record.audit;
    expect(chain.problems({ ...record, audit: unsealed }, items)).toEqual([OTHER_HAND]);
  });

  test('finds changed data of a record that has no history', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', { word: 'a' });
    const [record] = store.all();
    if (record === undefined) throw new Error('no record');
    expect(chain.problems(record, [])).toEqual([]);
    expect(chain.problems({ ...record, data: { ...record.data, more: true } }, [])).toEqual([OTHER_HAND]);
  });

  test('does not mind the order in which a store gives keys and entries back', async () => {
    const { record, items } = await history();
    const turned = items.toReversed().map(({ mac, entry, at, seq, record: id }) => ({
      mac,
      entry: Object.fromEntries(Object.entries(entry).toReversed()),
      at,
      seq,
      record: id,
    }));
    expect(chain.problems(record, turned)).toEqual([]);
  });

  test('finds nothing wrong with a record that is being written', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', step('a'));
    await settled();
    const [record] = store.all();
    if (record === undefined) throw new Error('no record');
    const write = (word: string) => async () => {
      await jobs.send('job/1', step(word));
      await settled();
    };
    store.next('readAudit', write('b'), write('c'));
    expect(await auditProblems(record, store, chain)).toEqual([]);
    expect(store.calls.readAudit).toBe(3);
  });

  test('finds what is wrong with a record that is being written', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', step('a'));
    await settled();
    const [record] = store.all();
    if (record === undefined) throw new Error('no record');
    store.next('readAudit', async () => {
      await jobs.send('job/1', step('b'));
    });
    const other = createAuditChain(Buffer.alloc(32, 8));
    expect(await auditProblems(record, store, other)).toEqual([
      'job/1: entry 1 was changed',
      'job/1: entry 2 was changed',
      OTHER_HAND,
    ]);
  });
});
