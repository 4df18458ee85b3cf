import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { withTempDir, writeTree } from './temp-dir.ts';

const command = fileURLToPath(new URL('../../assets/listener', import.meta.url));

export interface ProcessOptions {
  /** The whole environment but PATH. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly args?: readonly string[] | undefined;
}

export interface ListenerOptions extends ProcessOptions {
  /** Text of the configuration file; `{dir}` stands for the folder it is in, also in `args`. */
  readonly config?: string;
  /** Files beside the configuration, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** The listener as a process, from its start to after its end. */
export interface StartedListener {
  readonly pid: number;
  /** Everything on stdout and stderr. */
  readonly output: () => string;
  readonly logs: () => readonly LogLine[];
  /** The first log line with this `msg`, now or later; rejects with the output when the process ends without it. */
  readonly logged: (msg: string) => Promise<LogLine>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when it has ended, to the exit code. */
  readonly ended: () => Promise<number | null>;
}

export interface RunningListener extends StartedListener {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Of the private port; the same as `origin` without one. */
  readonly privateOrigin: string;
  readonly dir: string;
}

/** The beginning of most configurations: any free port on loopback, a store in the folder, a short wait at the end. */
export const BASE = `
server: { host: 127.0.0.1, port: 0, shutdown_delay: 1s }
store: { sqlite: "{dir}/listener.db" }
log: { level: debug }
`;

/** Runs the listener with this configuration on a free port, and ends it hard when `use` has ended. */
export function withListener(
  options: ListenerOptions,
  use: (listener: RunningListener) => Promise<void>,
): Promise<void> {
  return withTempDir(async (dir) => {
    const started = startListener(await configured(options, dir), dir);
    try {
      const listening = await started.logged('listening');
      const at = (port: unknown) => `http://127.0.0.1:${String(port)}`;
      const origin = at(listening['public_port']);
      const privatePort = listening['private_port'];
      const privateOrigin = privatePort === undefined ? origin : at(privatePort);
      await use({ ...started, origin, privateOrigin, dir });
    } finally {
      started.signal('SIGKILL');
      await started.ended();
    }
  });
}

export interface VerbResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `listener ARGS` with this configuration to its end. */
export function runListenerCommand(options: ListenerOptions): Promise<VerbResult> {
  return withTempDir(async (dir) => runToEnd(await configured(options, dir), dir));
}

/** Runs `listener ARGS` in a folder to its end. */
export async function runToEnd(options: ProcessOptions, dir: string): Promise<VerbResult> {
  const child = spawnListener(options, dir);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  const code = await endOf(child);
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Starts the listener in a folder; who starts it ends it. */
export function startListener(options: ProcessOptions, dir: string): StartedListener {
  const child = spawnListener(options, dir);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  const end = endOf(child);
  const logs = () => stdout().split('\n').slice(0, -1).map(parse);
  const logged = (msg: string) =>
    new Promise<LogLine>((resolve, reject) => {
      const look = () => {
        const line = logs().find((one) => one['msg'] === msg);
        if (line === undefined) return;
        child.stdout?.off('data', look);
        resolve(line);
      };
      child.stdout?.on('data', look);
      end.then(() => reject(new Error(`ended without "${msg}":\n${stdout()}${stderr()}`)), reject);
      look();
    });
  return {
    pid: child.pid ?? 0,
    output: () => stdout() + stderr(),
    logs,
    logged,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    ended: () => end,
  };
}

/** Writes the configuration of the options into the folder, and gives those of a process that has it. */
async function configured(options: ListenerOptions, dir: string): Promise<ProcessOptions> {
  const inDir = (text: string) => text.replaceAll('{dir}', dir);
  const config = options.config === undefined ? {} : { 'listener.yaml': inDir(options.config) };
  await writeTree(dir, { ...config, ...options.files });
  const named = options.config === undefined ? {} : { LISTENER_CONFIG: join(dir, 'listener.yaml') };
  return { args: (options.args ?? []).map(inDir), env: { ...named, ...options.env } };
}

function spawnListener({ args = [], env }: ProcessOptions, dir: string): ChildProcess {
  return spawn(command, args, {
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function parse(line: string): LogLine {
  return JSON.parse(line);
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
