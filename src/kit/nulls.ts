import { isRecord } from './json.ts';

// What stands under these keys belongs to somebody else's format, where null may mean something.
const OPAQUE = new Set(['body', 'value']);

/** The value without keys that are null: `((var))`s that are unset come as null, and `null` equals absent. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, OPAQUE.has(key) ? child : withoutNulls(child)]));
}
