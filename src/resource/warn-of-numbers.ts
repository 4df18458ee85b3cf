import type { Log } from '../kit/log.ts';

/** Warns of numbers that were meant as text: YAML has read `version: 1.20` as 1.2 before anybody here sees it. */
export function warnOfNumbers(
  values: Readonly<Record<string, string | number | boolean>> | undefined,
  where: string,
  log: Log,
): void {
  for (const [name, value] of Object.entries(values ?? {})) {
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      log.warn(`${where}.${name} is the number ${value}: if it is a version such as 1.20, put it in quotes`);
  }
}
