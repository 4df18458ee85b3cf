import type { Clock } from '../kit/clock.ts';
import type { Credentials } from './sigv4.ts';

const EARLY_MS = 60_000;

/**
 * Credentials for as long as somebody asks: loaded once, and again a minute before they end (P24). What cannot be loaded
 * again is used to its end.
 */
export function freshCredentials(load: () => Promise<Credentials>, clock: Clock): () => Promise<Credentials> {
  let held: Promise<Credentials> | undefined;
  const hold = (loading: Promise<Credentials>): Promise<Credentials> => {
    held = loading;
    loading.catch(() => (held = undefined));
    return loading;
  };
  return async () => {
    const current = await (held ?? hold(load()));
    const left = (current.expiresAt ?? Infinity) - clock.now();
    if (left > EARLY_MS) return current;
    return hold(
      load().catch((error: unknown) => {
        if (left <= 0) throw error;
        return current;
      }),
    );
  };
}
