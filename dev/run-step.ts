import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sourceOf } from './workspace/source.ts';
import type { Workspace } from './workspace/start.ts';

// What Concourse tells a step about its build.
const BUILD = {
  BUILD_ID: '1042',
  BUILD_NAME: '42',
  BUILD_JOB_NAME: 'report',
  BUILD_PIPELINE_NAME: 'release',
  BUILD_TEAM_NAME: 'main',
  BUILD_CREATED_BY: 'dee',
  BUILD_URL: 'https://ci.example.com/builds/1042',
  ATC_EXTERNAL_URL: 'https://ci.example.com',
};

/** What a step said: its answer on stdout, its lines for people on stderr. */
export interface StepRun {
  readonly answer: unknown;
  readonly lines: string;
}

export interface StepOptions {
  /** Replaces what Concourse tells about the build. */
  readonly build?: Readonly<Record<string, string>>;
  /** Stops the step as Concourse does, by SIGTERM. */
  readonly signal?: AbortSignal;
  /** Told what the step says to people as soon as it says it. */
  readonly onLines?: (text: string) => void;
}

/** Runs the resource's `out` against the workspace. Its answer; rejects with its stderr when it fails. */
export async function runOut(workspace: Workspace, params: unknown, folder: string): Promise<unknown> {
  return (await runStep('out', { source: sourceOf(workspace), params }, folder)).answer;
}

/** Runs a step of the resource as Concourse does; rejects with its stderr when it fails. */
export async function runStep(
  step: 'check' | 'in' | 'out',
  request: unknown,
  folder: string,
  { build, signal, onLines }: StepOptions = {},
): Promise<StepRun> {
  const program = join(import.meta.dirname, '../assets', step);
  const child = spawn(program, step === 'check' ? [] : [folder], {
    env: { PATH: process.env['PATH'], ...BUILD, ...build },
  });
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  if (onLines) child.stderr.on('data', (chunk: Buffer) => onLines(chunk.toString()));
  child.stdin.on('error', () => undefined).end(JSON.stringify(request));
  const exit = Promise.withResolvers<number | null>();
  child.once('error', exit.reject);
  child.once('close', exit.resolve);
  const [code, answer, lines] = await Promise.all([exit.promise, text(child.stdout), text(child.stderr)]);
  signal?.removeEventListener('abort', stop);
  if (code !== 0) throw new Error(`${step} ended with ${code}: ${lines}`);
  return { answer: JSON.parse(answer), lines };
}
