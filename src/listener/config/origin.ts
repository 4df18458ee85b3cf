/** Where a value comes from, read again as time goes by. Every method answers with the last good value when a new one cannot be had. */
export interface Origin {
  /** The value now. */
  read(): string;
  /** Asks again after the value was refused, at most once a minute: true when it is another one now. */
  renew(): Promise<boolean>;
}

/** What an origin tells about itself; its texts never hold a value. */
export interface OriginEvents {
  /** A new value was read; it replaces the old one unless this answers with what is wrong with it. */
  changed(value: string): string | undefined;
  /** The value could not be read again, or what came is wrong: the old one stays. */
  stale(reason: string): void;
}

/** A value that never changes. */
export function fixedOrigin(value: string): Origin {
  return { read: () => value, renew: () => Promise.resolve(false) };
}
