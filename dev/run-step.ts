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
  BUILD_URL: 'https://ci.example.com/builds/1042',
  ATC_EXTERNAL_URL: 'https://ci.example.com',
};

/** What a step said: its answer on stdout, its lines for people on stderr. */
export interface StepRun {
  readonly answer: unknown;
  readonly lines: string;
}

/** Runs the resource's `out` against the workspace. Its answer; rejects with its stderr when it fails. */
export async function runOut(workspace: Workspace, params: unknown, folder: string): Promise<unknown> {
  return (await runStep('out', { source: sourceOf(workspace), params }, folder)).answer;
}

/** Runs a step of the resource as Concourse does; rejects with its stderr when it fails. */
export async function runStep(step: 'in' | 'out', request: unknown, folder: string): Promise<StepRun> {
  const program = join(import.meta.dirname, '../assets', step);
  const child = spawn(program, [folder], { env: { PATH: process.env['PATH'], ...BUILD } });
  child.stdin.end(JSON.stringify(request));
  const exit = Promise.withResolvers<number | null>();
  child.once('error', exit.reject);
  child.once('close', exit.resolve);
  const [code, answer, lines] = await Promise.all([exit.promise, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${step} ended with ${code}: ${lines}`);
  return { answer: JSON.parse(answer), lines };
}
