/** So many in so much time. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `5/m`, `10/s`, `100/h`, `20/d`; undefined when it is none of these or is zero. */
export function parseRate(text: string): Rate | undefined {
  const found = /^(\d{1,9})\/([smhd])$/.exec(text);
  if (!found) return undefined;
  const count = Number(found[1]);
  const perMs = UNITS[found[2] ?? ''];
  return count > 0 && perMs !== undefined ? { count, perMs } : undefined;
}
