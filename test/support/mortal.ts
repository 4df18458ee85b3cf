import type { Clock } from '../../src/kit/clock.ts';

/** When a process dies at a call: before it is made, when it is done but not answered, or just after its answer. */
export const PHASES = ['before', 'unanswered', 'answered'] as const;

export interface KillPoint {
  /** Which call of all ports, in the order in which they are made: 1, 2, 3, … */
  readonly call: number;
  readonly phase: (typeof PHASES)[number];
}

/** One process, seen from outside: it lives until its kill point, or until it is killed. */
export interface Life {
  readonly dead: boolean;
  /** Every call that was made, as `store.save`. */
  readonly calls: readonly string[];
  /** Resolves when the process dies. */
  readonly death: Promise<void>;
  kill(): void;
  /** A port of asynchronous functions as this process has it: once it is dead, nothing it calls is done or answered. */
  port<Port extends object>(name: string, port: Port): Port;
  /** The time as this process has it: who sleeps in a dead one sleeps for ever. No kill points. */
  clock(clock: Clock): Clock;
}

/** A process that dies at `at`, or lives until it is killed. */
export function beginLife(at?: KillPoint): Life {
  const death = Promise.withResolvers<void>();
  const calls: string[] = [];
  let dead = false;
  const kill = () => {
    dead = true;
    death.resolve();
  };

  async function counted(name: string, call: () => unknown): Promise<unknown> {
    if (dead) return never();
    const phase = calls.push(name) === at?.call ? at.phase : undefined;
    if (phase === 'before') {
      kill();
      return never();
    }
    try {
      return await call();
    } finally {
      if (dead || phase === 'unanswered') {
        kill();
        // oxlint-disable-next-line no-unsafe-finally -- a dead process learns neither the answer nor the error
        return never();
      }
      if (phase === 'answered') kill();
    }
  }

  return {
    get dead() {
      return dead;
    },
    calls,
    death: death.promise,
    kill,
    port: (name, port) =>
      new Proxy(port, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (typeof member !== 'function' || typeof key === 'symbol') return member;
          return (...args: readonly unknown[]) =>
            counted(`${name}.${key}`, () => Reflect.apply(member, target, args));
        },
      }),
    clock: (clock) => ({
      now: () => clock.now(),
      async sleep(ms, signal) {
        try {
          await clock.sleep(ms, signal);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- nothing goes on in a dead process
          if (dead) return never();
        }
      },
    }),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
