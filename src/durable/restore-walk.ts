import { Fault, messageOf } from '../kit/fault.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import type { DurablePorts } from './core.ts';
import type { Keeper } from './keeper.ts';
import type { Change, Machine, Refusal, Snapshot, Task } from './machine.ts';

/** How far the records from before a restore have been told of it. */
export interface RestoreWalk {
  /** Of the store, see `Epoch`. */
  readonly epoch: number;
  /** Given to `list` for what is left; absent when nothing is. */
  readonly next?: string | undefined;
  /** Records that were changed by it. */
  readonly changed: number;
}

export type RestoreEvent =
  | { readonly type: 'begin'; readonly epoch: number }
  | {
      readonly type: 'part';
      readonly epoch: number;
      readonly next: string | undefined;
      readonly changed: number;
    };

export interface RestoreWalkPorts extends Pick<DurablePorts, 'clock' | 'log'> {
  readonly store: Pick<Store, 'list'>;
  readonly keepers: ReadonlyMap<string, Keeper>;
}

export const RESTORE_WALK_ID = 'restore-walk/all';

/** Records that one run of the effect looks at, and how long it may take: less than its deadline. */
const MOST_RECORDS = 1000;
const LONGEST_MS = 20_000;

/** After a restore: has every record from before it told so, in parts, over restarts. */
export function restoreWalkMachine(ports: RestoreWalkPorts): Machine<RestoreWalk, RestoreEvent, 'known'> {
  return {
    kind: 'restore-walk',
    schema: 1,
    parse: ({ epoch, next, changed }) => ({
      epoch: Number(epoch),
      next: typeof next === 'string' ? next : undefined,
      changed: Number(changed),
    }),
    write: (data) => ({ ...data }),
    decide,
    effects: { walk: { lane: 'restore', run: (task) => walk(task, ports) } },
  };
}

function decide(
  current: Snapshot<RestoreWalk> | undefined,
  event: RestoreEvent,
): Change<RestoreWalk> | Refusal<'known'> {
  const { epoch } = event;
  const known = current?.data.epoch ?? 1;
  if (event.type === 'begin')
    return epoch <= known
      ? { refused: 'known' }
      : {
          status: 'walking',
          data: { epoch, changed: 0 },
          schedule: [{ key: 'walk' }],
          audit: { event: 'restored', at: new Date(epoch).toISOString() },
        };
  if (epoch !== known) return { refused: 'known' };
  const data = { epoch, next: event.next, changed: (current?.data.changed ?? 0) + event.changed };
  return event.next === undefined
    ? { status: 'done', data, audit: { event: 'all told', changed: data.changed } }
    : { status: 'walking', data, schedule: [{ key: 'walk' }] };
}

// What cannot be read is left alone, now as later: nothing is done with it either.
async function tell(record: StoredRecord, { keepers, log }: RestoreWalkPorts): Promise<boolean> {
  try {
    return (await keepers.get(record.kind)?.restore(record)) ?? false;
  } catch (error) {
    if (error instanceof Fault && error.code === 'STORE_UNAVAILABLE') throw error;
    log.warn(`${record.id} was not told of the restore: ${messageOf(error)}`);
    return false;
  }
}

async function walk(task: Task<RestoreWalk>, ports: RestoreWalkPorts): Promise<RestoreEvent> {
  const { clock, store, log } = ports;
  const { epoch, changed: before } = task.snapshot.data;
  const until = clock.now() + LONGEST_MS;
  let { next } = task.snapshot.data;
  let [looks, changed] = [0, 0];
  do {
    const page = await store.list({}, next);
    looks += page.records.length;
    for (const record of page.records) {
      task.stillMine();
      if (await tell(record, ports)) changed += 1;
    }
    next = page.next;
  } while (next !== undefined && looks < MOST_RECORDS && clock.now() < until);
  if (next === undefined)
    log.warn(
      `the store was restored at ${new Date(epoch).toISOString()}: ${before + changed} records were put in doubt by it`,
    );
  return { type: 'part', epoch, next, changed };
}
