import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sourceOf } from './workspace/source.ts';
import type { Workspace } from './workspace/start.ts';

const OUT = join(import.meta.dirname, '../assets/out');

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

/** Runs the resource's `out` as Concourse does, against the workspace. The answer of the step; rejects with its stderr. */
export async function runOut(workspace: Workspace, params: unknown, folder: string): Promise<unknown> {
  const step = spawn(OUT, [folder], { env: { PATH: process.env['PATH'], ...BUILD } });
  step.stdin.end(JSON.stringify({ source: sourceOf(workspace), params }));
  const exit = Promise.withResolvers<number | null>();
  step.once('error', exit.reject);
  step.once('close', exit.resolve);
  const [code, answer, complaint] = await Promise.all([exit.promise, text(step.stdout), text(step.stderr)]);
  if (code !== 0) throw new Error(`out ended with ${code}: ${complaint}`);
  return JSON.parse(answer);
}
