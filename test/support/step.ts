import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export { withTempDir, writeTree } from './temp-dir.ts';

export type StepName = 'check' | 'in' | 'out';

export interface StepOptions {
  /** argv[1] of `in` and `out`. */
  readonly dir?: string;
  /** The whole environment but PATH: no HOME, no TMPDIR unless given here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default `/`, as Concourse has it. */
  readonly cwd?: string;
  /** Aborting it sends `killSignal`. */
  readonly signal?: AbortSignal;
  /** Sends `killSignal` once stderr matches. */
  readonly killAfterStderr?: RegExp;
  /** Told everything that stands on stderr, as it comes. */
  readonly onStderr?: (text: string) => void;
  /** Default SIGTERM. */
  readonly killSignal?: NodeJS.Signals;
  /** The step is killed and the promise rejected after this; default 150 s. */
  readonly timeoutMs?: number;
  /** Runs the step as another user; needs root. */
  readonly uid?: number;
}

export interface StepResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as one JSON value; throws with both streams in its message when it is none. */
  json(): unknown;
}

const repositoryAssets = fileURLToPath(new URL('../../assets', import.meta.url));

/** Runs a step as Concourse does: a process with the request on stdin. A string or Buffer is sent as it is, else JSON. */
export async function runStep(
  step: StepName,
  request: unknown,
  options: StepOptions = {},
): Promise<StepResult> {
  const child = start(step, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const kill = () => child.kill(options.killSignal ?? 'SIGTERM');
  killOnStderr(child, stderr, options.killAfterStderr, kill);
  child.stderr?.on('data', () => options.onStderr?.(text(stderr)));
  options.signal?.addEventListener('abort', kill, { once: true });
  if (options.signal?.aborted === true) kill();
  send(child, request);
  const end = await ended(child, step, options.timeoutMs ?? 150_000, stderr);
  options.signal?.removeEventListener('abort', kill);
  return result(end, text(stdout), text(stderr));
}

function start(step: StepName, options: StepOptions): ChildProcess {
  const command = join(process.env['RESOURCE_ASSETS_DIR'] ?? repositoryAssets, step);
  const argv = step === 'check' || options.dir === undefined ? [] : [options.dir];
  return spawn(command, argv, {
    cwd: options.cwd ?? '/',
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: 'pipe',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
}

function collect(stream: NodeJS.ReadableStream | null): Buffer[] {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}

function killOnStderr(child: ChildProcess, seen: Buffer[], pattern: RegExp | undefined, kill: () => void) {
  if (pattern === undefined) return;
  let killed = false;
  child.stderr?.on('data', () => {
    if (killed || text(seen).search(pattern) < 0) return;
    killed = true;
    kill();
  });
}

function send(child: ChildProcess, request: unknown): void {
  // A step may end without reading all of its input: EPIPE is then no error of the test.
  child.stdin?.on('error', () => undefined);
  const raw = typeof request === 'string' || Buffer.isBuffer(request);
  child.stdin?.end(raw ? request : JSON.stringify(request));
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function ended(child: ChildProcess, step: StepName, limitMs: number, stderr: Buffer[]): Promise<End> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${step} did not end within ${limitMs} ms; its stderr:\n${text(stderr)}`));
    }, limitMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function result(end: End, stdout: string, stderr: string): StepResult {
  return {
    ...end,
    stdout,
    stderr,
    json(): unknown {
      try {
        return JSON.parse(stdout);
      } catch (cause) {
        throw new Error(`stdout is not JSON:\n${stdout}\nstderr:\n${stderr}`, { cause });
      }
    },
  };
}
