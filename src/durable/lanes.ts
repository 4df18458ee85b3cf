/**
 * Places for effects that run at once, by lane: a service that hangs fills its own lane and no other. A lane `slack/C1` has a
 * share of the places of `slack`: what waits there leaves places to the other shares.
 */
export interface Lanes {
  hasPlace(lane: string): boolean;
  /** Takes a place if one is free. */
  tryEnter(lane: string): boolean;
  leave(lane: string): void;
  /** How many effects run now. */
  running(): number;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

/** So many shares can be full before a whole lane is. */
const SHARES = 4;

/** Lanes of `places` each; `onFree` is told when a full lane, or share of one, has a place again. */
export function createLanes(places: number, onFree: () => void): Lanes {
  const taken = new Map<string, number>();
  const share = Math.max(1, Math.floor(places / SHARES));
  let waiting: (() => void)[] = [];
  let running = 0;
  const isFull = (part: string) => (taken.get(part) ?? 0) >= (part.includes('/') ? share : places);
  const hasPlace = (lane: string) => !partsOf(lane).some(isFull);
  return {
    hasPlace,
    tryEnter(lane) {
      if (!hasPlace(lane)) return false;
      for (const part of partsOf(lane)) taken.set(part, (taken.get(part) ?? 0) + 1);
      running += 1;
      return true;
    },
    leave(lane) {
      const wasFull = !hasPlace(lane);
      for (const part of partsOf(lane)) {
        const left = (taken.get(part) ?? 0) - 1;
        if (left > 0) taken.set(part, left);
        else taken.delete(part);
      }
      running -= 1;
      if (wasFull) onFree();
      if (running > 0) return;
      const resolved = waiting;
      waiting = [];
      for (const resolve of resolved) resolve();
    },
    running: () => running,
    idle: () =>
      running === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
}

function partsOf(lane: string): readonly string[] {
  const end = lane.indexOf('/');
  return end === -1 ? [lane] : [lane.slice(0, end), lane];
}
