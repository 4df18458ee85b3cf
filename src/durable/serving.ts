import type { Clock } from '../kit/clock.ts';
import type { Store } from '../store/store.ts';

/** Since when a process has served without a break. */
export interface Serving {
  /** Milliseconds since the epoch; now while there is a break. */
  since(): number;
  /** The same store, watched: it is what shows that the process runs and can save. */
  watch(store: Store): Store;
}

/** Longer than from one sweep to the next with a slow store. */
const BREAK_MS = 10_000;

/**
 * Knows since when clicks and polls could be taken: not while the process stood still (SIGSTOP, a paused virtual machine), not
 * while its store did not answer or took no writes, and not over a step of the clock, which looks the same.
 */
export function createServing(clock: Clock): Serving {
  let since = clock.now();
  let answered = since;
  let refusedSince: number | undefined;
  const isBroken = (now: number) =>
    now < answered ||
    now - answered > BREAK_MS ||
    (refusedSince !== undefined && (now < refusedSince || now - refusedSince > BREAK_MS));
  const answers = () => {
    const now = clock.now();
    if (isBroken(now)) since = now;
    answered = now;
  };
  const reading = async <T>(act: Promise<T>): Promise<T> => {
    const answer = await act;
    answers();
    return answer;
  };
  return {
    since: () => (isBroken(clock.now()) ? clock.now() : since),
    watch: (store) => ({
      ...store,
      read: (id) => reading(store.read(id)),
      due: (now, limit) => reading(store.due(now, limit)),
      async save(record, once) {
        try {
          const answer = await store.save(record, once);
          answers();
          refusedSince = undefined;
          return answer;
        } catch (error) {
          refusedSince ??= clock.now();
          throw error;
        }
      },
    }),
  };
}
