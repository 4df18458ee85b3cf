export interface FreshCacheOptions<T> {
  readonly load: (key: string) => Promise<T>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a value may be used, counted from when it was asked for. */
  readonly lifeMs: (value: T) => number;
  readonly capacity: number;
}

export interface FreshCache<T> {
  /** The value, asked for when none is fresh; those who ask meanwhile share one question. Failures are not kept. */
  get(key: string): Promise<T>;
  /** The value if a fresh one is here, as `{ value }`. */
  peek(key: string): { readonly value: T } | undefined;
}

interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

/** A question that has hung for so long is asked again beside it. */
const HUNG_MS = 15_000;

/** Keeps answers for a short while; when it is full the one that was used longest ago makes room. */
export function createFreshCache<T>(options: FreshCacheOptions<T>): FreshCache<T> {
  const kept = new Map<string, Entry<T>>();
  const asked = new Map<string, { readonly since: number; readonly answer: Promise<T> }>();

  const keep = (key: string, entry: Entry<T>): void => {
    kept.delete(key);
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= options.capacity) break;
      kept.delete(oldest);
    }
  };

  const peek = (key: string) => {
    const entry = kept.get(key);
    if (entry === undefined || entry.until <= options.now()) return undefined;
    keep(key, entry);
    return { value: entry.value };
  };

  const ask = async (key: string, since: number): Promise<T> => {
    const value = await options.load(key);
    const until = since + options.lifeMs(value);
    // One that hung and comes now knows less than what was learned meanwhile.
    if (until > (kept.get(key)?.until ?? 0)) keep(key, { value, until });
    return value;
  };

  return {
    peek,
    async get(key) {
      const fresh = peek(key);
      if (fresh !== undefined) return fresh.value;
      const since = options.now();
      const pending = asked.get(key);
      if (pending !== undefined && since - pending.since < HUNG_MS) return pending.answer;
      const answer = ask(key, since);
      const question = { since, answer };
      asked.set(key, question);
      try {
        return await answer;
      } finally {
        if (asked.get(key) === question) asked.delete(key);
      }
    },
  };
}
