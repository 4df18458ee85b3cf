/**
 * Remembers a key durably: true the first time, false until it is forgotten. True as well where the same owner was
 * about to save a change with it. Rejects when it cannot know.
 */
export type Remember = (key: string, until: number, now: number, owner: string) => Promise<boolean>;

export interface ReplayGuard {
  /** False when the key was seen in this process before. */
  firstHere(key: string, until: number, now: number): boolean;
}

const MOST_KEPT = 20_000;

/**
 * Tells at once what came before: a signature proves who sent a request, not that it is sent for the first time (A9). What it
 * forgets, for a restart or for room, the durable memory still knows.
 */
export function createReplayGuard(): ReplayGuard {
  const seen = new Map<string, number>();
  return {
    firstHere(key, until, now) {
      const known = seen.get(key);
      if (known !== undefined && known > now) return false;
      if (seen.size >= MOST_KEPT) forget(seen, now);
      seen.set(key, until);
      return true;
    },
  };
}

// What is over goes first; when nothing is over, the oldest half.
function forget(seen: Map<string, number>, now: number): void {
  for (const [key, until] of seen) if (until <= now) seen.delete(key);
  for (const key of seen.keys()) {
    if (seen.size <= MOST_KEPT / 2) break;
    seen.delete(key);
  }
}
