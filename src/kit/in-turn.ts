/** Runs what concerns one key one after the other, in the order it was asked for; what concerns different keys runs side by side. */
export type InTurn = <T>(key: string, act: () => Promise<T>) => Promise<T>;

export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, act) => {
    const before = last.get(key);
    const mine = (before ?? Promise.resolve()).then(act);
    const over = mine.catch(() => undefined);
    last.set(key, over);
    try {
      return await mine;
    } finally {
      if (last.get(key) === over) last.delete(key);
    }
  };
}
