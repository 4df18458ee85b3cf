import { auditProblems } from '../../durable/audit-problems.ts';
import type { AuditChain } from '../../durable/audit.ts';
import type { Machine, Snapshot, Task } from '../../durable/machine.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { isRecord } from '../../kit/json.ts';
import type { JsonObject, Store, StoredRecord } from '../../store/store.ts';
import { signManifest } from './manifest.ts';
import type { Head } from './manifest.ts';
import type { Manifests } from './manifest-place.ts';

/** How far the listener has come in reading its own audit. */
export interface Walk {
  /** Number and MAC of the last manifest. */
  readonly n: number;
  readonly mac: string;
  readonly round: number;
  /** When this round began, and the one before it. */
  readonly began: number;
  readonly before: number;
  /** Given to `list` for what is left of the round; absent between two rounds. */
  readonly next?: string | undefined;
  /** When the store was restored last, and the number of the last manifest that it then knew of. */
  readonly restored?: { readonly at: number; readonly n: number } | undefined;
}

export type WalkEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'restored'; readonly epoch: number }
  | { readonly type: 'part'; readonly began: number; readonly next: string | undefined }
  | {
      readonly type: 'written';
      readonly began: number;
      readonly next: string | undefined;
      readonly n: number;
      readonly mac: string;
    };

export interface WalkPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: AuditChain;
  readonly key: Buffer;
  readonly everyMs: number;
  /** Of the store. */
  readonly epoch: number;
  /** Absent: histories are verified, and nothing is written. */
  readonly manifests: Manifests | undefined;
  /** Told of what is wrong, how many findings at once. */
  readonly failed: (count: number) => void;
}

export const WALK_ID = 'audit-walk/all';

/** Records that one run of the effect looks at, and how long it may take: less than its deadline. */
const MOST_RECORDS = 1000;
const LONGEST_MS = 20_000;
/** Between two parts of a round: a large store is read slowly, and clicks are answered meanwhile. */
const PAUSE_MS = 1000;
/** Every so many rounds all ends are written, and within them every history is verified. */
const ROUNDS = 24;
/** Clocks of replicas differ, and a save takes its time. */
const MARGIN_MS = 600_000;

/**
 * Reads all records once in `everyMs`, a part at a time: verifies the histories that changed and a share of the others, and
 * writes the ends of their chains to a manifest.
 */
export function walkMachine(ports: WalkPorts): Machine<Walk, WalkEvent, 'running'> {
  return {
    kind: 'audit-walk',
    schema: 1,
    parse: readWalk,
    write: (walk) => ({ ...walk }),
    decide: (current, event, now) => decide(current, event, now, ports.everyMs),
    restored: (epoch) => ({ type: 'restored', epoch }),
    effects: { walk: { lane: 'audit', run: (task) => walk(task, ports) } },
  };
}

function decide(
  current: Snapshot<Walk> | undefined,
  event: WalkEvent,
  now: number,
  everyMs: number,
): ReturnType<Machine<Walk, WalkEvent, 'running'>['decide']> {
  const data = current?.data ?? { n: 0, mac: '', round: 0, began: now, before: 0 };
  const status = 'walking';
  // A whole round: what the manifests before knew is not what there is.
  if (event.type === 'restored')
    return {
      status,
      data: { ...data, next: undefined, round: 0, restored: { at: event.epoch, n: data.n } },
      schedule: [{ key: 'walk', at: now }],
    };
  if (event.type === 'begin') {
    const due = current?.effects.find(({ key }) => key === 'walk')?.nextAt ?? Infinity;
    // The pause was made shorter since, or nothing ever was asked for.
    const at = data.began + everyMs;
    return due <= Math.max(at, now)
      ? { refused: 'running' }
      : { status, data, schedule: [{ key: 'walk', at }] };
  }
  const { began, next } = event;
  const written = event.type === 'written' ? { n: event.n, mac: event.mac } : { n: data.n, mac: data.mac };
  const { next: _, ...rest } = data;
  return next === undefined
    ? {
        status,
        data: { ...rest, ...written, round: data.round + 1, began, before: began },
        schedule: [{ key: 'walk', at: began + everyMs }],
      }
    : { status, data: { ...rest, ...written, began, next }, schedule: [{ key: 'walk', at: now + PAUSE_MS }] };
}

async function walk(task: Task<Walk>, ports: WalkPorts): Promise<WalkEvent> {
  const { clock, store, manifests, key } = ports;
  const { data } = task.snapshot;
  const from = data.next ?? '';
  const began = data.next === undefined ? clock.now() : data.began;
  const until = clock.now() + LONGEST_MS;
  const full = data.round % ROUNDS === 0;
  const heads: Head[] = [];
  let [looks, records] = [0, 0];
  let next = data.next;
  do {
    const page = await store.list({}, next);
    looks += page.records.length;
    for (const record of page.records) {
      if (record.audit.seq === 0) continue;
      records += 1;
      const news = record.updatedAt >= data.before - MARGIN_MS;
      if (full || news) heads.push([record.id, record.audit.seq, record.audit.head]);
      if (news || record.updatedAt % ROUNDS === data.round % ROUNDS) await verify(record, ports);
    }
    next = page.next;
  } while (next !== undefined && looks < MOST_RECORDS && clock.now() < until);
  if (manifests === undefined) return { type: 'part', began, next };
  const { prev, n } = { prev: data.mac, n: data.n + 1 };
  const to = next === undefined ? {} : { to: next };
  const life = ports.epoch > 1 ? { epoch: ports.epoch } : {};
  const signed = signManifest({ n, at: clock.now(), from, ...to, full, records, heads, prev, ...life }, key);
  task.stillMine();
  await manifests.write(n, JSON.stringify(signed), task.signal);
  return { type: 'written', began, next, n, mac: signed.mac };
}

async function verify(record: StoredRecord, { store, chain, log, failed }: WalkPorts): Promise<void> {
  const problems = await auditProblems(record, store, chain);
  for (const problem of problems) log.warn(`audit: ${problem}`);
  if (problems.length > 0) failed(problems.length);
}

/** Reads what the record of the walk says. */
export function readWalk(data: JsonObject): Walk {
  if (!isWalk(data)) throw new Error('not the data of an audit walk');
  return data;
}

function isWalk(data: JsonObject): data is JsonObject & Walk {
  return isRecord(data) && typeof data['n'] === 'number' && typeof data['mac'] === 'string';
}
