import { createAuditChain } from '../../src/durable/audit.ts';
import type { StoreFault, StoreMethod } from '../support/memory-store.ts';
import { manualClock, settled } from '../support/manual-clock.ts';
import { beginLife } from '../support/mortal.ts';
import type { Life } from '../support/mortal.ts';
import { auditKey, workbench } from './jobs.ts';
import type { Run, Workbench } from './jobs.ts';
import { watchedStore } from './watched-store.ts';

/** What may happen next; `process` says to which of the two. */
export type Step =
  | {
      readonly do: 'send';
      readonly process: number;
      readonly job: number;
      /** One that is `shared` is asked for under the same key each time. */
      readonly keys: readonly { readonly name: string; readonly inMs: number; readonly shared: boolean }[];
      readonly audit: boolean;
    }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'fault'; readonly method: StoreMethod; readonly fault: Extract<StoreFault, string> }
  | { readonly do: 'crash'; readonly process: number };

export interface World {
  /** Plays the steps, then lets time pass until nothing is left to be done, two hours at most. */
  play(steps: readonly Step[]): Promise<void>;
  /** Everything that is not as it was promised. */
  problems(): Promise<readonly string[]>;
}

export interface WorldOptions {
  readonly processes: 1 | 2;
  /** Which calls of the service fail, again and again from the beginning. */
  readonly fails: readonly boolean[];
}

/** Processes on one store and one service, and a memory of what was said and done that no crash can reach. */
export function makeWorld({ processes, fails }: WorldOptions): World {
  const { store, wrong } = watchedStore();
  const clock = manualClock();
  const done = new Map<string, { times: number; version: number }>();
  const running = new Map<string, Life>();
  const acknowledged = new Map<string, string>();
  // By effect: the version of the record that asked for it last.
  const asked = new Map<string, number>();
  let [calls, words, crashes] = [0, 0, 0];

  const begin = async (): Promise<{ life: Life; bench: Workbench }> => {
    const life = beginLife();
    const time = life.clock(clock);
    const service = life.port('service', {
      async call(name: string, version: number): Promise<void> {
        await Promise.resolve();
        if (fails[calls++ % fails.length] === true) throw new Error('away');
        done.set(name, { times: (done.get(name)?.times ?? 0) + 1, version });
      },
    });
    const run: Run = async ({ key, snapshot, stillMine }) => {
      const name = `${snapshot.id} ${key}`;
      if (running.has(name)) wrong.push(`${name} runs beside itself`);
      running.set(name, life);
      try {
        await time.sleep((words * 997 + calls * 7919) % 3000);
        stillMine();
        await service.call(name, snapshot.version);
        return { word: `did ${key}` };
      } finally {
        if (!life.dead) running.delete(name);
      }
    };
    const bench = workbench({
      store: { ...store, ...life.port('store', store) },
      clock: { ...clock, ...time },
      soleOwner: processes === 1,
      places: 2,
      everyMs: 5000,
      mail: run,
      note: run,
      post: run,
    });
    await bench.engine.start();
    await settled();
    return { life, bench };
  };

  const send = (bench: Workbench, step: Step & { do: 'send' }) => {
    const word = `w${++words}`;
    const id = `job/${step.job}`;
    const schedule = step.keys.map(({ name, inMs, shared }, index) => ({
      key: shared ? `${name}:shared` : `${name}:${word}-${index}`,
      at: clock.now() + inMs,
    }));
    void bench.jobs.send(id, { word, schedule, ...(step.audit && { audit: { event: word } }) }).then(
      ({ snapshot }) => {
        acknowledged.set(word, id);
        for (const { key } of schedule) {
          const name = `${id} ${key}`;
          if (!key.startsWith('bell'))
            asked.set(name, Math.max(asked.get(name) ?? 0, snapshot?.version ?? 0));
        }
      },
      () => undefined,
    );
  };

  const isBusy = () => store.all().some(({ effects }) => effects.length > 0);

  return {
    async play(steps) {
      const living = await Promise.all(Array.from({ length: processes }, begin));
      for (const step of steps) {
        const at = 'process' in step ? step.process % processes : 0;
        const process = living[at];
        if (process === undefined) continue;
        if (step.do === 'send') send(process.bench, step);
        if (step.do === 'fault') store.next(step.method, step.fault);
        if (step.do === 'pass') await clock.advance(step.ms);
        if (step.do !== 'crash') continue;
        crashes++;
        process.life.kill();
        for (const [name, life] of running) if (life === process.life) running.delete(name);
        living[at] = await begin();
      }
      for (let minute = 0; minute === 0 || (minute < 120 && isBusy()); minute++) await clock.advance(60_000);
      for (const { bench } of living) await bench.engine.stop(0);
    },

    async problems() {
      const chain = createAuditChain(auditKey);
      const found = [...wrong];
      for (const record of store.all()) {
        const { id, effects, audit } = record;
        if (effects.length > 0) found.push(`${id}: left ${effects.map(({ key }) => key).join()}`);
        if (audit.pending.length > 0) found.push(`${id}: ${audit.pending.length} audit entries left`);
        found.push(...chain.problems(record, await store.readAudit(id)));
      }
      for (const [word, id] of acknowledged) {
        const told = store.all().find((record) => record.id === id)?.data['told'];
        const times = Array.isArray(told) ? told.filter((each) => each === word).length : 0;
        if (times !== 1) found.push(`${id}: ${word} is there ${times} times`);
      }
      for (const [name, version] of asked)
        if ((done.get(name)?.version ?? 0) < version)
          found.push(`${name} of version ${version} was never done`);
      for (const [name, { times }] of done)
        if (!name.endsWith(':shared') && times > 1 + crashes)
          found.push(`${name} was done ${times} times, with ${crashes} crashes`);
      return found;
    },
  };
}
