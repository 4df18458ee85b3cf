import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../src/kit/json.ts';
import { runStep } from '../run-step.ts';
import type { StepOptions } from '../run-step.ts';
import type { World } from './start-world.ts';

/** Steps of a build, told as they go. */
export interface Story {
  readonly world: World;
  readonly say: (line: string) => void;
  /** Aborted when the demo is to end. */
  readonly signal: AbortSignal;
}

/** A put: the version it made. Rejects with its stderr when it fails. */
export async function put(
  what: string,
  { source, params }: { readonly source: object; readonly params: object },
  { world, say, signal }: Story,
  options: StepOptions = {},
): Promise<unknown> {
  say(`\n== put: ${what} ==`);
  say(`params: ${JSON.stringify(params)}`);
  const { answer } = await runStep('out', { source, params }, world.folder, {
    signal,
    onLines: (lines) => say(lines.trimEnd()),
    ...options,
  });
  say(`answer: ${JSON.stringify(answer, undefined, 2)}`);
  if (!isRecord(answer)) throw new Error('out answered something else than an object');
  return answer['version'];
}

/** The get that Concourse adds after a put, or runs by itself: its folder. */
export async function get(source: object, version: unknown, { world, say, signal }: Story): Promise<string> {
  const into = await mkdtemp(join(world.folder, 'get-'));
  await runStep('in', { source, version }, into, { signal });
  for (const path of (await readdir(into, { recursive: true })).toSorted()) {
    const text = await readFile(join(into, path), 'utf8').catch(() => undefined);
    if (text !== undefined) say(`get wrote ${path}: ${text.replace(/\s*\n\s*/g, ' ').trim()}`);
  }
  return into;
}

/** A check of what is new: its versions. */
export async function check(source: object, { say, signal }: Story): Promise<unknown> {
  say('\n== check ==');
  const { answer } = await runStep('check', { source, version: null }, '', { signal });
  say(`answer: ${JSON.stringify(answer)}`);
  return answer;
}
