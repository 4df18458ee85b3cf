/** Places for effects that run at once, by lane: a service that hangs fills its own lane and no other. */
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

/** Lanes of `places` each; `onFree` is told when a full lane has a place again. */
export function createLanes(places: number, onFree: () => void): Lanes {
  const taken = new Map<string, number>();
  let waiting: (() => void)[] = [];
  const running = () => [...taken.values()].reduce((sum, count) => sum + count, 0);
  return {
    hasPlace: (lane) => (taken.get(lane) ?? 0) < places,
    tryEnter(lane) {
      const count = taken.get(lane) ?? 0;
      if (count >= places) return false;
      taken.set(lane, count + 1);
      return true;
    },
    leave(lane) {
      const count = taken.get(lane) ?? 0;
      taken.set(lane, Math.max(0, count - 1));
      if (count >= places) onFree();
      if (running() > 0) return;
      const resolved = waiting;
      waiting = [];
      for (const resolve of resolved) resolve();
    },
    running,
    idle: () =>
      running() === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
}
