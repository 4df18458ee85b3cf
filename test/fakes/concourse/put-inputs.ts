import { isRecord } from './is-record.ts';
import type { PutStep } from './step.ts';

/**
 * Names of the artifacts mounted into a put (concourse.md 1.3). `detect` guesses from the params *before* their vars
 * are evaluated; a listed artifact that does not exist is an error, a guessed one is no artifact.
 */
export function choosePutInputs(step: PutStep, artifacts: ReadonlyMap<string, string>): string[] {
  if (step.inputs === 'all') return [...artifacts.keys()];
  if (step.inputs === 'detect') {
    return [...new Set(detectNames(step.params ?? {}))].filter((name) => artifacts.has(name));
  }
  for (const name of step.inputs) {
    if (!artifacts.has(name)) throw new Error(`input not found: ${name}`);
  }
  return [...step.inputs];
}

/** Of every string: the first path segment that is not `.` or `..`, or the whole of it when it has no `/`. */
function detectNames(value: unknown): string[] {
  if (typeof value === 'string') {
    const parts = value.split('/');
    if (parts.length === 1) return [value];
    return [parts.find((part) => part !== '.' && part !== '..') ?? value];
  }
  if (Array.isArray(value)) return value.flatMap((each: unknown) => detectNames(each));
  return isRecord(value) ? Object.values(value).flatMap(detectNames) : [];
}
