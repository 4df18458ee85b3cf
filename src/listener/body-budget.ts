/** Bytes of bodies that are being taken in: nobody has shown yet who sends them. */
export interface BodyBudget {
  /** Keeps room for a body, until the answered function is called; whose room is used up otherwise. */
  take(caller: string, bytes: number): (() => void) | 'caller' | 'all';
}

const OF_CALLER = 16 * 1024 * 1024;
const OF_ALL = 64 * 1024 * 1024;
/** Clicks are smaller: however many large bodies somebody holds open, they still find room. */
const SMALL = 64 * 1024;

/** Room for the bodies of one caller, and for the large ones of all. */
export function createBodyBudget(): BodyBudget {
  const held = new Map<string, number>();
  let all = 0;
  const add = (caller: string, bytes: number): void => {
    all += bytes;
    const now = (held.get(caller) ?? 0) + bytes;
    if (now > 0) held.set(caller, now);
    else held.delete(caller);
  };
  return {
    take(caller, bytes) {
      if ((held.get(caller) ?? 0) + bytes > OF_CALLER) return 'caller';
      if (bytes > SMALL && all + bytes > OF_ALL) return 'all';
      add(caller, bytes);
      let taken = true;
      return () => {
        if (taken) add(caller, -bytes);
        taken = false;
      };
    },
  };
}
