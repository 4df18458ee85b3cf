import type { StoredEffect } from '../store/store.ts';
import { DEADLINE_MS } from './core.ts';
import type { Core } from './core.ts';
import { Later, LeaseLost } from './machine.ts';
import type { Snapshot, Task } from './machine.ts';

/** How a run of an effect ended. */
export type Ending<Event> =
  | { readonly kind: 'done'; readonly event: Event | undefined }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It is not this process's any more: nothing is said about it. */
  | { readonly kind: 'stale' };

/** Runs an effect until its deadline, never longer: whatever it waits for then is left alone. Never rejects. */
export async function runEffect<Data, Event>(
  snapshot: Snapshot<Data>,
  effect: StoredEffect,
  run: (task: Task<Data>) => Promise<Event | undefined>,
  { clock, over }: Pick<Core, 'clock' | 'over'>,
): Promise<Ending<Event>> {
  const until = effect.lease?.until ?? 0;
  // The save took so long that the deadline would be after the end of the lease.
  if (clock.now() + DEADLINE_MS > until) return { kind: 'stale' };
  const stop = new AbortController();
  const done = new AbortController();
  const giveUp = () => stop.abort(new LeaseLost());
  over.addEventListener('abort', giveUp, { once: true });
  clock.sleep(DEADLINE_MS, done.signal).then(
    () => stop.abort(new Error('took too long')),
    () => undefined,
  );
  try {
    const work = run({
      snapshot,
      key: effect.key,
      data: effect.data,
      attempts: effect.attempts,
      signal: stop.signal,
      stillMine: () => {
        // A process that was frozen wakes up here, when the effect is long another's.
        if (stop.signal.aborted || clock.now() >= until) throw new LeaseLost();
      },
    });
    return { kind: 'done', event: await Promise.race([work, aborted(stop.signal)]) };
  } catch (error) {
    if (error instanceof LeaseLost) return { kind: 'stale' };
    return error instanceof Later ? { kind: 'later', ms: error.ms } : { kind: 'failed', error };
  } finally {
    done.abort();
    over.removeEventListener('abort', giveUp);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
