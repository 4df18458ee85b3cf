import type { Clock } from '../kit/clock.ts';
import type { Credentials } from './sigv4.ts';

const EARLY_MS = 60_000;

/**
 * Credentials for as long as somebody asks: loaded once, and again a minute before they end (P24). What cannot be loaded
 * again is used to its end.
 */
export function freshCredentials(load: () => Promise<Credentials>, clock: Clock): () => Promise<Credentials> {
  let held: Promise<Credentials> | undefined;
  return async () => {
    const current = await (held ??= load());
    const left = (current.expiresAt ?? Infinity) - clock.now();
    if (left > EARLY_MS) return current;
    const next = load();
    held = next.catch((error: unknown) => {
      if (left <= 0) throw error;
      return current;
    });
    return held;
  };
}
