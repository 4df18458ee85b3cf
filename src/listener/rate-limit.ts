import type { Clock } from '../kit/clock.ts';
import type { Rate } from '../kit/rate.ts';

/** Takes one from the caller's bucket: undefined when there was one, else the seconds to wait. */
export type RateLimit = (caller: string, rate: Rate) => number | undefined;

const MOST_CALLERS = 20_000;

/** Token buckets: a caller may spend `count` at once, and gets them back evenly over `perMs`. */
export function createRateLimit(clock: Clock): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return (caller, { count, perMs }) => {
    const now = clock.now();
    const bucket = buckets.get(caller) ?? { left: count, at: now };
    const left = Math.min(count, bucket.left + (Math.max(0, now - bucket.at) * count) / perMs);
    // The one that was used longest ago stands first, and is the first to be forgotten.
    buckets.delete(caller);
    buckets.set(caller, { left: left < 1 ? left : left - 1, at: now });
    if (buckets.size > MOST_CALLERS) for (const [oldest] of buckets) if (buckets.delete(oldest)) break;
    return left < 1 ? Math.ceil(((1 - left) * perMs) / count / 1000) : undefined;
  };
}
