import { describe, expect, test } from 'vitest';
import { createAuditChain } from '../../src/durable/audit.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { silentLog } from '../../src/kit/log.ts';
import { readManifest } from '../../src/listener/audit/manifest.ts';
import type { SignedManifest } from '../../src/listener/audit/manifest.ts';
import { manifestProblems } from '../../src/listener/audit/manifest-problems.ts';
import { walkMachine, WALK_ID } from '../../src/listener/audit/walk.ts';
import type { Walk, WalkEvent } from '../../src/listener/audit/walk.ts';
import { memoryStore } from '../support/memory-store.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR = 3_600_000;
const START = 1_800_000_000_000;

/** A store, and a machine that walks it by hand. */
function world() {
  const store = memoryStore();
  const chain = createAuditChain(KEY);
  const lines: string[] = [];
  const state = { now: START, failed: 0, away: false };
  const machine = walkMachine({
    store,
    clock: { now: () => state.now, sleep: () => Promise.resolve() },
    log: silentLog,
    chain,
    key: KEY,
    everyMs: HOUR,
    epoch: 1,
    manifests: {
      write: (_n, line) => {
        if (state.away) return Promise.reject(new Error('away'));
        lines.push(line);
        return Promise.resolve();
      },
      lines: () => Promise.resolve(lines),
    },
    failed: (count) => void (state.failed += count),
  });
  let current: Snapshot<Walk> | undefined;
  const send = (event: WalkEvent) => {
    const change = machine.decide(current, event, state.now);
    if ('refused' in change) return;
    const [wish] = change.schedule ?? [];
    const nextAt = wish && 'at' in wish ? (wish.at ?? state.now) : state.now;
    current = {
      id: WALK_ID,
      version: 1,
      status: change.status,
      data: change.data,
      effects: [{ key: 'walk', generation: 1, attempts: 0, nextAt }],
      createdAt: START,
      updatedAt: state.now,
    };
  };
  return {
    store,
    state,
    lines,
    chain,
    send,
    due: () => current?.effects[0]?.nextAt,
    data: () => current?.data,
    manifests: () => lines.map((line) => readManifest(line, KEY)).filter((line) => line !== undefined),
    /** Runs what is due next, at its time. */
    async part() {
      const rule = machine.effects['walk'];
      if (current === undefined || rule === undefined || 'timer' in rule) throw new Error('nothing to run');
      state.now = Math.max(state.now, current.effects[0]?.nextAt ?? 0);
      const { signal } = new AbortController();
      const task = {
        snapshot: current,
        key: 'walk',
        data: undefined,
        attempts: 0,
        signal,
        stillMine: () => undefined,
      };
      const event = await rule.run(task);
      if (event) send(event);
    },
    async save(id: string, count = 1) {
      const items = Array.from({ length: count }).reduce<ReturnType<typeof chain.next>[]>(
        (all, _, at) => [
          ...all,
          chain.next(id, at + 1, all.at(-1)?.mac ?? '', state.now, { status: 'open', at }),
        ],
        [],
      );
      await store.putAudit(items);
      const version = ((await store.read(id))?.version ?? 0) + 1;
      const audit = { seq: count, head: items.at(-1)?.mac ?? '', pending: [] };
      const times = { createdAt: state.now, updatedAt: state.now };
      const said = { id, kind: 'approval', schema: 1, status: 'open', data: {}, audit };
      const sealed = { ...said, audit: { ...audit, seal: chain.seal(said) } };
      await store.save({ ...sealed, version, effects: [], ...times });
    },
  };
}

const idOf = (at: number) => `approval/${String(at).padStart(6, '0')}`;

const NOTHING = { problems: [], explained: [] };

describe('the walk over the audit', () => {
  test('reads a large store in parts that follow each other, and begins again after its pause', async () => {
    const walk = world();
    for (let at = 0; at < 1150; at++) await walk.save(idOf(at));
    walk.send({ type: 'begin' });
    expect(walk.due()).toBe(START + HOUR);
    await walk.part();
    expect(walk.due()).toBe(START + HOUR + 1000);
    await walk.part();
    expect(walk.due()).toBe(START + 2 * HOUR);
    const [first, second] = walk.manifests();
    expect(first).toMatchObject({ n: 1, from: '', to: idOf(999), full: true, records: 1000, prev: '' });
    expect(second).toMatchObject({ n: 2, from: idOf(999), records: 150, prev: first?.mac });
    expect(second).not.toHaveProperty('to');
    expect([...(first?.heads ?? []), ...(second?.heads ?? [])].map(([id]) => id)).toEqual(
      Array.from({ length: 1150 }, (_, at) => idOf(at)),
    );
  });

  test('writes only what changed since, and once a day everything', async () => {
    const walk = world();
    for (let at = 0; at < 5; at++) await walk.save(idOf(at));
    walk.send({ type: 'begin' });
    for (let round = 0; round < 2; round++) await walk.part();
    walk.state.now += HOUR / 2;
    await walk.save(idOf(5));
    for (let round = 2; round < 25; round++) await walk.part();
    const counts = walk.manifests().map(({ heads }) => heads.length);
    expect(counts.slice(0, 3)).toEqual([5, 0, 1]);
    expect(counts.slice(3, 24)).toEqual(Array.from({ length: 21 }, () => 0));
    expect(counts[24]).toBe(6);
  });

  test('writes a list again under its number when it could not be kept', async () => {
    const walk = world();
    await walk.save(idOf(1));
    walk.send({ type: 'begin' });
    walk.state.away = true;
    await expect(walk.part()).rejects.toThrow('away');
    walk.state.away = false;
    await walk.part();
    expect(walk.manifests().map(({ n }) => n)).toEqual([1]);
    expect(walk.data()).toMatchObject({ n: 1, round: 1 });
  });

  test('comes sooner when its pause was made shorter, and never twice', () => {
    const walk = world();
    walk.send({ type: 'begin' });
    const due = walk.due();
    walk.state.now += 1000;
    walk.send({ type: 'begin' });
    expect(walk.due()).toBe(due);
  });

  test('tells within a day what was changed in a history that nobody touches any more', async () => {
    const walk = world();
    await walk.save(idOf(1), 2);
    walk.send({ type: 'begin' });
    await walk.part();
    walk.state.now += HOUR;
    await walk.part();
    expect(walk.state.failed).toBe(0);
    const record = await walk.store.read(idOf(1));
    if (record === undefined) throw new Error('no record');
    await walk.store.save({ ...record, version: record.version + 1, status: 'approved' });
    for (let round = 0; round < 24; round++) await walk.part();
    expect(walk.state.failed).toBe(2);
  });
});

describe('manifests', () => {
  test('of a listener that was killed between writing and knowing are right with two of one number', async () => {
    const walk = world();
    await walk.save(idOf(1));
    walk.send({ type: 'begin' });
    await walk.part();
    const [once] = walk.manifests();
    const twice: SignedManifest[] = [...(once ? [once] : []), ...walk.manifests()];
    expect(await manifestProblems(twice, { before: 0, after: 0 }, walk.store)).toEqual(NOTHING);
    expect(await manifestProblems(twice, { before: 1, after: 1 }, walk.store)).toEqual(NOTHING);
  });

  test('tell an entry that is another one now', async () => {
    const walk = world();
    await walk.save(idOf(1), 3);
    walk.send({ type: 'begin' });
    await walk.part();
    const own = walk.manifests();
    const other = world();
    other.state.now += 1;
    await other.save(idOf(1), 4);
    expect(await manifestProblems(own, { before: 1, after: 1 }, other.store)).toEqual({
      ...NOTHING,
      problems: [`${idOf(1)}: entry 3 is not the one that a manifest has`],
    });
  });

  test('are read with their own key alone, and unchanged', async () => {
    const walk = world();
    await walk.save(idOf(1));
    walk.send({ type: 'begin' });
    await walk.part();
    const [line = ''] = walk.lines;
    expect(readManifest(line, KEY)).toMatchObject({ n: 1 });
    expect(readManifest(line, Buffer.alloc(32, 8))).toBeUndefined();
    expect(readManifest(line.replace('"n":1', '"n":2'), KEY)).toBeUndefined();
    expect(readManifest(line.slice(0, -1), KEY)).toBeUndefined();
    expect(readManifest('[]', KEY)).toBeUndefined();
  });
});
