import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

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

/** Runs a step of the resource as Concourse does, its stderr shown here. Its answer; rejects when it fails. */
export async function runStep(step: 'in' | 'out', request: unknown, folder: string): Promise<unknown> {
  const program = join(import.meta.dirname, '../assets', step);
  const child = spawn(program, [folder], {
    env: { PATH: process.env['PATH'], ...BUILD },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(request));
  const exit = Promise.withResolvers<number | null>();
  child.once('error', exit.reject);
  child.once('close', exit.resolve);
  const [code, answer] = await Promise.all([exit.promise, text(child.stdout)]);
  if (code !== 0) throw new Error(`${step} ended with ${code}`);
  return JSON.parse(answer);
}
