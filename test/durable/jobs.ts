import { createAuditChain } from '../../src/durable/audit.ts';
import type { Observer } from '../../src/durable/core.ts';
import { createEngine } from '../../src/durable/engine.ts';
import type { Engine, EngineOptions } from '../../src/durable/engine.ts';
import type { Records } from '../../src/durable/keeper.ts';
import type { Machine, Schedule, Task } from '../../src/durable/machine.ts';
import type { JsonObject } from '../../src/store/store.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';

/** What a job remembers: the words it was told, in their order. */
export interface Job {
  readonly told: readonly string[];
}

export interface JobEvent {
  readonly word: string;
  readonly status?: string;
  readonly schedule?: readonly Schedule[];
  readonly audit?: JsonObject;
}

export type Run = (task: Task<Job>) => Promise<JobEvent | undefined>;

export interface Workbench {
  readonly engine: Engine;
  readonly jobs: Records<Job, JobEvent, string>;
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly lines: readonly string[];
  /** What the observer was told: `job/mail done`, `newer job/1`, `changed new open`. */
  readonly seen: readonly string[];
}

export interface WorkbenchOptions
  extends Partial<Omit<EngineOptions, 'store' | 'clock' | 'observer' | 'chain'>> {
  readonly store?: MemoryStore;
  readonly clock?: ManualClock;
  readonly observer?: Partial<Observer>;
  readonly machine?: Partial<Machine<Job, JobEvent, string>>;
  /** What the effects do: `mail` and `post` have lanes of their own, `note` shares the lane of `mail`. */
  readonly mail?: Run;
  readonly post?: Run;
  readonly note?: Run;
  /** What the timer `bell` tells the job. */
  readonly bell?: (key: string) => JobEvent;
}

export const auditKey = Buffer.alloc(32, 7);

const nothing: Run = () => Promise.resolve(undefined);

/** An engine that keeps jobs, with everything around it in the hands of the test. */
export function workbench(options: WorkbenchOptions = {}): Workbench {
  const { store = memoryStore(), clock = manualClock(), machine = {}, observer = {} } = options;
  const lines: string[] = [];
  const seen: string[] = [];
  const engine = createEngine({
    runsEffects: true,
    soleOwner: false,
    places: 4,
    everyMs: 1000,
    redact: (text) => text.replaceAll('hunter22', '***'),
    random: () => 0.5,
    epoch: 1,
    log: { info: (line) => lines.push(line), warn: (line) => lines.push(line) },
    ...options,
    store,
    clock,
    chain: createAuditChain(auditKey),
    observer: {
      effect: (kind, name, outcome) => seen.push(`${kind}/${name} ${outcome}`),
      newer: (id) => seen.push(`newer ${id}`),
      changed: (_kind, from, to) => seen.push(`changed ${from ?? 'new'} ${to}`),
      swept: () => undefined,
      ...observer,
    },
  });
  const jobs = engine.keep<Job, JobEvent, string>({ ...jobMachine(options), ...machine });
  return { engine, jobs, store, clock, lines, seen };
}

function jobMachine({ mail, post, note, bell }: WorkbenchOptions): Machine<Job, JobEvent, string> {
  return {
    kind: 'job',
    schema: 2,
    parse: (data) => ({ told: Array.isArray(data['told']) ? data['told'].map(String) : [] }),
    write: ({ told }) => ({ told }),
    decide(current, event) {
      if (event.word === 'no') return { refused: 'as asked' };
      return {
        status: event.status ?? current?.status ?? 'open',
        data: { told: [...(current?.data.told ?? []), event.word] },
        ...(event.schedule && { schedule: event.schedule }),
        ...(event.audit && { audit: event.audit }),
      };
    },
    effects: {
      mail: { lane: 'mail', run: mail ?? nothing },
      note: { lane: 'mail', run: note ?? nothing },
      post: { lane: 'post', run: post ?? nothing },
      bell: { timer: () => bell?.('bell') ?? { word: 'rang' } },
      gong: { timer: () => bell?.('gong') ?? { word: 'gonged' } },
    },
  };
}

/** A promise and what settles it. */
export function gate<Value = void>() {
  return Promise.withResolvers<Value>();
}
