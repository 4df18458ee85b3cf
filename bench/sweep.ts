import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createAuditChain } from '../src/durable/audit.ts';
import { createEngine } from '../src/durable/engine.ts';
import type { Machine } from '../src/durable/machine.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import { inFolder } from './listener/folder.ts';
import { askedRequest } from './listener/requests.ts';
import { rowOfRounds } from './result.ts';
import type { Row } from './result.ts';

const FEW = 10_000;
const MANY = 1_000_000;
const DUE = 100;
const HOUR = 3_600_000;

/** A timer that arms itself again: each hour the same records are due, and every sweep writes each of them once. */
const alarm: Machine<object, { readonly type: 'rang' }, never> = {
  kind: 'approval',
  schema: 1,
  parse: (data) => data,
  write: (data) => ({ ...data }),
  decide: (current, _event, now) => ({
    status: 'open',
    data: current?.data ?? {},
    schedule: [{ key: 'alarm', at: now + HOUR }],
  }),
  effects: { alarm: { timer: () => ({ type: 'rang' }) } },
};

/** A sweep that finds and tends 100 due records among a million, against the same among ten thousand, both on SQLite. */
export async function benchSweep(say: (line: string) => void): Promise<Row[]> {
  return inFolder(async (dir) => {
    const many = await sweepable(join(dir, 'many.db'), MANY);
    const few = await sweepable(join(dir, 'few.db'), FEW);
    say(`sweep: the larger store has ${(many.bytes() / 1024 ** 2).toFixed(0)} MiB`);
    const rounds: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let round = 0; round < 28; round++) {
      const first = await (round % 2 === 0 ? many : few).sweep();
      const second = await (round % 2 === 0 ? few : many).sweep();
      if (round < 4) continue;
      rounds.ours.push(round % 2 === 0 ? first : second);
      rounds.peer.push(round % 2 === 0 ? second : first);
    }
    await Promise.all([many.close(), few.close()]);
    const aspect = { name: 'sweep of 100 due among 1,000,000', peerName: '100 among 10,000', unit: 'ms' };
    return [rowOfRounds(rounds, { ...aspect, target: { most: 1.5 } })];
  });
}

interface Sweepable {
  /** An hour later: milliseconds of one sweep that tends all that is due. */
  sweep(): Promise<number>;
  bytes(): number;
  close(): Promise<void>;
}

async function sweepable(path: string, records: number): Promise<Sweepable> {
  let now = Date.now();
  // Makes the schema.
  await (await openSqliteStore({ path })).close();
  fill(path, records, now);
  const store = await openSqliteStore({ path });
  const engine = createEngine({
    store,
    clock: { now: () => now, sleep: () => Promise.resolve() },
    log: { info: () => undefined, warn: (line) => void process.stderr.write(`${line}\n`) },
    chain: createAuditChain(Buffer.alloc(32, 'k')),
    epoch: 1,
    observer: { effect: ignore, newer: ignore, changed: ignore, swept: ignore },
    redact: (text) => text,
    random: Math.random,
    runsEffects: true,
    soleOwner: true,
    places: 32,
    everyMs: 1000,
  });
  engine.keep(alarm);
  return {
    async sweep() {
      now += HOUR;
      const started = performance.now();
      const { tended } = await engine.sweep();
      const ms = performance.now() - started;
      if (tended !== DUE) throw new Error(`${tended} of ${DUE} due records were tended`);
      return ms;
    },
    bytes: () => sizeOf(path),
    close: () => store.close(),
  };
}

// Straight into the table, as the store writes them: random ids, requests of ordinary size, due in a hundred years but for
// the hundred, which lie scattered.
function fill(path: string, records: number, now: number): void {
  const { record } = askedRequest(1, { gate: 'release', now });
  const dueAt = (at: number) => [{ key: 'alarm', generation: 1, attempts: 0, nextAt: at }];
  const textOf = (at: number) =>
    JSON.stringify({
      ...record,
      id: '{id}',
      effects: dueAt(at),
      dueAt: at,
      audit: { seq: 0, head: '', pending: [] },
    });
  const late = now + 100 * 365 * 24 * HOUR;
  const db = new DatabaseSync(path);
  db.exec('pragma cache_size = -500000; begin');
  db.prepare(`
    with recursive
      n(i) as (select 0 union all select i + 1 from n where i < ${records} - 1),
      made(i, id) as materialized (select i, 'approval/' || lower(hex(randomblob(12))) from n)
    insert into record (id, kind, status, version, due_at, body)
    select id, 'approval', 'open', 1, iif(i % ${records / DUE} = 0, ?, ?),
      replace(iif(i % ${records / DUE} = 0, ?, ?), '{id}', id) from made
  `).run(now, late, textOf(now), textOf(late));
  db.exec('commit; pragma wal_checkpoint(truncate)');
  db.close();
}

function sizeOf(path: string): number {
  if (!existsSync(path)) return 0;
  const db = new DatabaseSync(path, { readOnly: true });
  const bytes = Number(
    db.prepare('select page_count * page_size as bytes from pragma_page_count, pragma_page_size').get()?.[
      'bytes'
    ],
  );
  db.close();
  return bytes;
}

function ignore(): void {}
