/** Where a step tells people what it does: whole lines on stderr, already free of secrets. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/** A log that says nothing. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined };
