import type { Clock } from './clock.ts';

export interface RetryPolicy<T> {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Whether a rejection may be tried again. */
  readonly again: (failure: unknown) => boolean;
  /** Whether an answer may be asked for again. */
  readonly againAfter: (answer: T) => boolean;
  /** Frees an answer that is thrown away. */
  readonly discard: (answer: T) => void;
  readonly tries?: number;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 250;

/** Runs an act that is safe to repeat up to three times, 0.25 s and 0.75 s apart (with jitter). */
export async function retrying<T>(act: () => Promise<T>, policy: RetryPolicy<T>): Promise<T> {
  const tries = policy.tries ?? TRIES;
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= tries;
    try {
      const answer = await act();
      if (last || !policy.againAfter(answer)) return answer;
      policy.discard(answer);
    } catch (failure) {
      if (last || policy.signal?.aborted || !policy.again(failure)) throw failure;
    }
    const pause = FIRST_PAUSE_MS * 3 ** (attempt - 1);
    await policy.clock.sleep(pause * (0.75 + Math.random() / 2), policy.signal);
  }
}

/** HTTP statuses that say "not now": 429 and every 5xx. */
export function isRetryable(status: number): boolean {
  return status === 429 || status >= 500;
}
