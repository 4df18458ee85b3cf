import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

export interface ProcessSpec {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to a real pipe that is then closed; without it stdin is already at its end. */
  readonly stdin?: string;
  readonly signal: AbortSignal;
  /** Time between SIGTERM and SIGKILL; 10 s in Concourse (concourse.md 1.8). */
  readonly graceMs: number;
  readonly onStart?: (pid: number) => void;
  readonly onStdout?: (chunk: string) => void;
  readonly onStderr?: (chunk: string) => void;
}

/**
 * Runs one process the way a Concourse container does and resolves with its exit code. When the signal aborts, the
 * process we started (not its children) gets SIGTERM, SIGKILL after the grace, and the promise rejects with the
 * abort's reason whatever the process answered; output of the grace period is still delivered (concourse.md 1.8).
 */
export async function runProcess(spec: ProcessSpec): Promise<number> {
  spec.signal.throwIfAborted();
  const child = spawn(spec.path, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true, // its own process group, so that what it leaves behind goes with the container
    stdio: [spec.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) spec.onStart?.(child.pid);
  deliver(child, spec);
  const stop = (): void => terminate(child, spec.graceMs);
  spec.signal.addEventListener('abort', stop);
  try {
    const exitCode = await exitOf(child, spec.signal);
    spec.signal.throwIfAborted();
    return exitCode;
  } finally {
    spec.signal.removeEventListener('abort', stop);
    killGroup(child);
  }
}

function deliver(child: ChildProcess, spec: ProcessSpec): void {
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => spec.onStdout?.(chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => spec.onStderr?.(chunk));
  child.stdin?.on('error', () => {}); // EPIPE: the process may end without reading its request
  child.stdin?.end(spec.stdin);
}

function exitOf(child: ChildProcess, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Output is complete at 'close'. Children that outlive a stopped process would hold the pipes open for ever.
    child.once('exit', () => {
      if (signal.aborted) killGroup(child);
    });
    child.once('close', (code, killedBy) =>
      resolve(code ?? 128 + (killedBy ? constants.signals[killedBy] : 0)),
    );
  });
}

function terminate(child: ChildProcess, graceMs: number): void {
  child.kill('SIGTERM');
  if (child.exitCode !== null || child.signalCode !== null) {
    killGroup(child); // it has ended, and only what it left behind holds the pipes
    return;
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.once('exit', () => clearTimeout(timer));
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // nothing of the group is left
  }
}
