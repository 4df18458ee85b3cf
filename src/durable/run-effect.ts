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
  | { readonly kind: 'stale' };

/** Runs an effect until its deadline, never longer: whatever it waits for then is left alone. Never rejects. */
export async function runEffect<Data, Event>(
  snapshot: Snapshot<Data>,
  effect: StoredEffect,
  run: (task: Task<Data>) => Promise<Event | undefined>,
  core: Pick<Core, 'clock'>,
): Promise<Ending<Event>> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('took too long')), DEADLINE_MS);
  try {
    const work = run({
      snapshot,
      key: effect.key,
      data: effect.data,
      attempts: effect.attempts,
      signal: deadline.signal,
      stillMine: () => {
        // A process that was frozen wakes up here, when the effect is long another's.
        if (core.clock.now() >= (effect.lease?.until ?? 0)) throw new LeaseLost();
      },
    });
    return { kind: 'done', event: await Promise.race([work, aborted(deadline.signal)]) };
  } catch (error) {
    if (error instanceof LeaseLost) return { kind: 'stale' };
    return error instanceof Later ? { kind: 'later', ms: error.ms } : { kind: 'failed', error };
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
