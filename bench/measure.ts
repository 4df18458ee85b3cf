import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A program to run to its end, as Concourse would: nothing inherited but what is named here. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sample {
  /** From spawn to exit. */
  readonly ms: number;
  /** User and system time, summed over threads. Busy neighbours change it less than they change `ms`. */
  readonly cpuMs: number;
  /** VmHWM, the largest resident set there was; 0 where /proc does not tell. */
  readonly peakMiB: number;
  readonly stdout: string;
}

const POLL_MS = 20;

/** Runs a program once. Rejects, with what it said, when it exits with another code than 0. */
export async function run(program: Program): Promise<Sample> {
  const before = childrenCpuMs();
  const started = performance.now();
  const child = spawn(program.command, program.args, {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...program.env },
  });
  let peakMiB = 0;
  const watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWaterMiB(child.pid));
  }, POLL_MS);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => undefined).end(program.stdin ?? '');
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  let ms = 0;
  child.once('error', reject).once('exit', () => (ms = performance.now() - started));
  child.once('close', resolve);
  try {
    const code = await promise;
    if (code !== 0)
      throw new Error(`${program.command} ${program.args.join(' ')}: exit code ${code}\n${text(stderr)}`);
  } finally {
    clearInterval(watch);
  }
  return { ms, cpuMs: childrenCpuMs() - before, peakMiB, stdout: text(stdout) };
}

// The kernel adds a child's time to cutime and cstime (fields 16 and 17) when it is reaped, in hundredths of a second.
function childrenCpuMs(): number {
  const fields = readProc('/proc/self/stat').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

function highWaterMiB(pid: number | undefined): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readProc(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) / 1024;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function collect(stream: NodeJS.ReadableStream): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
