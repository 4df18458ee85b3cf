import { isRecord } from '../kit/json.ts';

/** The value at a path of keys and indexes in an answer, or undefined where the path ends early. */
export function valueAt(answer: unknown, ...path: readonly (string | number)[]): unknown {
  let here: unknown = answer;
  for (const step of path) {
    if (typeof step === 'number') here = Array.isArray(here) ? here[step] : undefined;
    else here = isRecord(here) ? here[step] : undefined;
  }
  return here;
}

/** The non-empty string at a path, or undefined. */
export function stringAt(answer: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = valueAt(answer, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
