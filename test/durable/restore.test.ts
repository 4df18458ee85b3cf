import { expect, test } from 'vitest';
import { createAuditChain } from '../../src/durable/audit.ts';
import { RESTORE_WALK_ID } from '../../src/durable/restore-walk.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { auditKey, workbench } from './jobs.ts';
import type { JobEvent, WorkbenchOptions } from './jobs.ts';

const EPOCH = 1_800_000_000_000;
const restored = (): JobEvent => ({ word: 'restored', audit: { event: 'restored' } });

/** A store with jobs of its first life, and engines that open it in another. */
async function before(count = 1) {
  const store = memoryStore({ pageSize: 10 });
  const clock = manualClock(EPOCH);
  const first = workbench({ store, clock, runsEffects: false });
  for (let at = 0; at < count; at++)
    await first.jobs.send(`job/${at}`, { word: 'asked', audit: { event: 'asked' } });
  const open = (options: WorkbenchOptions = {}) =>
    workbench({ store, clock, epoch: EPOCH, ...options, machine: { restored, ...options.machine } });
  return { store, clock, open };
}

test('a record from before the restore is told of it before anything else', async () => {
  const { open, store } = await before();
  const { jobs } = open({ runsEffects: false });
  expect((await jobs.read('job/0'))?.data.told).toEqual(['asked', 'restored']);
  // Reading saves nothing.
  expect((await store.read('job/0'))?.version).toBe(1);
  await jobs.send('job/0', { word: 'go on' });
  await jobs.send('job/0', { word: 'and on' });
  expect((await jobs.read('job/0'))?.data.told).toEqual(['asked', 'restored', 'go on', 'and on']);
  expect((await store.read('job/0'))?.epoch).toBe(EPOCH);
});

test('a refused event saves nothing, and the record is still told first', async () => {
  const { open, store } = await before();
  const { jobs } = open({ runsEffects: false });
  const sent = await jobs.send('job/0', { word: 'no' });
  expect(sent.refused).toBe('as asked');
  expect(sent.snapshot?.data.told).toEqual(['asked', 'restored']);
  expect((await store.read('job/0'))?.epoch).toBeUndefined();
});

test('what is due is told first too', async () => {
  const store = memoryStore();
  const clock = manualClock(EPOCH);
  await workbench({ store, clock, runsEffects: false }).jobs.send('job/0', {
    word: 'asked',
    schedule: [{ key: 'bell' }],
  });
  const { jobs, engine } = workbench({ store, clock, epoch: EPOCH, machine: { restored } });
  await engine.sweep();
  expect((await jobs.read('job/0'))?.data.told).toEqual(['asked', 'restored', 'rang']);
});

test('the first sweep has every record told, page by page, each once; one that cannot be read holds up no other', async () => {
  const { open, store } = await before(35);
  const newer = await store.read('job/7');
  if (newer === undefined) throw new Error('no job');
  await store.save({ ...newer, version: 2, schema: 99 });
  const seen: string[] = [];
  const { engine, lines } = open({ observer: { restored: (kind) => seen.push(kind) } });
  const walked = async () => (await store.read(RESTORE_WALK_ID))?.status;
  await engine.sweep();
  await expect.poll(walked).toBe('done');
  expect(seen).toHaveLength(34);
  expect(lines.join('\n')).toContain('job/7 was not told of the restore');
  expect(lines.join('\n')).toContain('34 records were put in doubt by it');
  const again = open();
  await again.engine.sweep();
  expect((await store.read(RESTORE_WALK_ID))?.data).toMatchObject({ epoch: EPOCH, changed: 34 });
});

test('a walk that the store interrupts goes on, and tells nobody twice', async () => {
  const { open, store, clock } = await before(25);
  store.next('list', () => undefined, 'fail-before');
  const seen: string[] = [];
  const { engine, jobs } = open({ observer: { restored: (kind) => seen.push(kind) } });
  const walk = async () => await store.read(RESTORE_WALK_ID);
  await engine.sweep();
  await expect.poll(async () => (await walk())?.effects[0]?.attempts).toBe(1);
  expect((await walk())?.status).toBe('walking');
  await clock.advance(2000);
  await engine.sweep();
  await expect.poll(async () => (await walk())?.status).toBe('done');
  expect(seen).toHaveLength(25);
  for (const at of [0, 9, 10, 24])
    expect((await jobs.read(`job/${at}`))?.data.told).toEqual(['asked', 'restored']);
});

test('a process that does not know of the restore leaves alone what was saved after it', async () => {
  const { open, store, clock } = await before();
  await open({ runsEffects: false }).jobs.send('job/0', { word: 'go on' });
  const old = workbench({ store, clock, runsEffects: false });
  await expect(old.jobs.send('job/0', { word: 'more' })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    hint: 'restart this listener: it must read the store anew',
  });
});

test('an edit of the epoch of a record breaks its seal', async () => {
  const { open, store } = await before();
  const { jobs } = open({ runsEffects: false });
  await jobs.send('job/0', { word: 'go on', audit: { event: 'went on' } });
  const record = await store.read('job/0');
  if (record === undefined) throw new Error('no job');
  const chain = createAuditChain(auditKey);
  const items = await store.readAudit('job/0');
  expect(chain.problems(record, items)).toEqual([]);
  expect(chain.problems({ ...record, epoch: EPOCH + 1 }, items)).toEqual([
    'job/0: its data was changed by something else than the listener',
  ]);
});
