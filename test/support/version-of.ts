import type { StepResult } from './step.ts';

/** The version a step answered; throws when there is none, or when it holds anything but text (C2). */
export function versionOf(step: StepResult): Readonly<Record<string, string>> {
  const answer = step.json();
  const version =
    typeof answer === 'object' && answer !== null && 'version' in answer ? answer.version : null;
  if (typeof version !== 'object' || version === null) throw new Error(`no version in ${step.stdout}`);
  const entries = Object.entries(version).map(([key, value]: [string, unknown]): [string, string] => {
    if (typeof value !== 'string') throw new Error(`version.${key} is no text in ${step.stdout}`);
    return [key, value];
  });
  return Object.fromEntries(entries);
}

/** The folder that a get of a version writes, as files of the build. */
export function folderOf(name: string, version: Readonly<Record<string, string>>): Record<string, string> {
  return { [`${name}/version.json`]: JSON.stringify(version) };
}
