import { existsSync, readSync, writeSync } from 'node:fs';
import { Fault, messageOf, systemCode } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import { createRedactor } from '../kit/redact.ts';
import type { Redactor } from '../kit/redact.ts';
import { parseRequest } from './request.ts';
import type { StepRequest } from './request.ts';

/** What every step is given beside its request. */
export interface StepContext {
  /** The folder of `in` (to write to) and `out` (to read from); empty for check. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly redactor: Redactor;
  /** Aborted by SIGTERM: Concourse kills 10 s later. */
  readonly signal: AbortSignal;
}

export type Step = (request: StepRequest, context: StepContext) => Promise<unknown>;

/** The parts of a process that a step may touch. */
export interface StepProcess {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  once(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): never;
}

const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';
const LARGEST_REQUEST = 16 * 1024 * 1024;
const GRACE_MS = 8000;
const LEAVE_MS = 1000;

/**
 * Runs a step by the protocol of Concourse: the request on stdin, one JSON value on stdout, all else on stderr, exit code
 * 1 for an expected failure and 2 for a bug. The only owner of stdin, stdout, stderr and the exit code (C1, C3).
 */
export function runStep(name: string, step: Step, process: StepProcess): Promise<number> {
  // Before anybody listens to SIGTERM: a synchronous read would never let it through, and by default it ends the process.
  const input = attempt(readStdin);
  return runProgram(name, process, (context) => {
    const request = parseRequest(input());
    registerSecrets(request, context.redactor);
    return step(request, { ...context, dir: folderOf(name, process.argv) });
  });
}

/** Runs what answers with one JSON value, with the outputs and exit codes of a step. Colours are always on, because Concourse gives no terminal and still shows them (C19). */
export async function runProgram(
  name: string,
  process: StepProcess,
  act: (context: StepContext) => Promise<unknown>,
): Promise<number> {
  const redactor = createRedactor();
  const say = (colour: string, text: string) => {
    // Concourse obeys escape sequences, and names of files and answers of servers are foreign text.
    const line = redactor.redact(text).replace(/[^\P{Cc}\n\t]/gu, '');
    writeAll(2, colour === '' ? `${line}\n` : `${colour}${line}${RESET}\n`);
  };
  const log: Log = {
    info: (line) => say('', `${name}: ${line}`),
    warn: (line) => say(YELLOW, `${name}: warning: ${line}`),
  };
  const stop = onSigterm(process, () => {
    say(RED, `${name}: stopped while a call was still open [STOPPED]`);
    process.exit(1);
  });

  const leave = (code: number) => {
    // All is written: a connection that does not close, such as one half open behind a proxy, must not hold the step.
    setTimeout(() => process.exit(code), LEAVE_MS).unref();
    return code;
  };

  try {
    const answer = await act({ dir: '', env: process.env, log, redactor, signal: stop.signal });
    writeAll(1, `${JSON.stringify(answer)}\n`);
    return leave(0);
  } catch (error) {
    const code = report(stop.signal.aborted ? stop.signal.reason : error, name, say);
    // Calls that run beside the one that failed would keep the process alive.
    stop.abort();
    return leave(code);
  } finally {
    stop.clear();
  }
}

function report(failure: unknown, name: string, say: (colour: string, text: string) => void): number {
  if (failure instanceof Fault) {
    say(RED, `${name}: ${oneLine(failure.message)} [${failure.code}]`);
    if (failure.hint) say('', `  hint: ${oneLine(failure.hint)}`);
    return 1;
  }
  say(
    RED,
    `${name}: unexpected: ${failure instanceof Error ? (failure.stack ?? failure.message) : messageOf(failure)}`,
  );
  say('', '  hint: this is a bug of the resource: report it with the lines above');
  return 2;
}

// Without it, files would be read from or written to wherever the process happens to stand.
function folderOf(name: string, argv: readonly string[]): string {
  const [, , dir] = argv;
  if (name === 'check') return '';
  if (dir && existsSync(dir)) return dir;
  if (dir)
    throw new Fault('REQUEST_INVALID', `the folder ${dir} does not exist`, {
      hint: 'Concourse makes it; when you run the step by hand, name one that exists',
    });
  throw new Fault('REQUEST_INVALID', 'the folder is missing: it is the first argument of the step', {
    hint: 'Concourse names it; when you run the step by hand, write: out FOLDER < request.json',
  });
}

// SIGTERM aborts what is under way; a call that will not end is cut before Concourse sends SIGKILL after 10 s (C16).
function onSigterm(
  process: StepProcess,
  cut: () => void,
): { signal: AbortSignal; abort: () => void; clear: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    timer = setTimeout(cut, GRACE_MS);
    timer.unref();
    const hint = 'the build was aborted or the step ran into its timeout; nothing more is sent';
    controller.abort(new Fault('STOPPED', 'stopped by SIGTERM', { hint }));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    clear: () => clearTimeout(timer),
  };
}

// Runs an act now; what comes of it, a failure too, is had later.
function attempt<T>(act: () => T): () => T {
  try {
    const value = act();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

// Read and written synchronously: the first access to process.stdin and process.stdout alone costs milliseconds, and
// nothing can be cut off by an exit.
function readStdin(): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const count = readSome(chunk);
    if (count === 0) return Buffer.concat(chunks);
    size += count;
    if (size > LARGEST_REQUEST) {
      throw new Fault('REQUEST_INVALID', 'stdin is larger than 16 MB', {
        hint: 'put large content into files, not into params',
      });
    }
    chunks.push(chunk.subarray(0, count));
  }
}

function readSome(chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(0, chunk);
    } catch (error) {
      if (systemCode(error) === 'EOF') return 0;
      if (systemCode(error) !== 'EAGAIN') throw error;
      pause();
    }
  }
}

function writeAll(fd: number, text: string): void {
  let rest: Buffer = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (systemCode(error) === 'EPIPE') return;
      if (systemCode(error) !== 'EAGAIN') throw error;
      pause();
    }
  }
}

// A pipe that the other side has set to non-blocking answers EAGAIN instead of waiting.
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

const SECRET_KEYS = new Set([
  'token',
  'secret_access_key',
  'session_token',
  'web_identity_token',
  'external_id',
]);

// Before anything is checked, so that no message about a wrong source can print what it holds.
function registerSecrets(request: StepRequest, redactor: Redactor): void {
  const walk = (value: unknown, secret: boolean): void => {
    if (typeof value === 'string') {
      if (secret) redactor.add(value);
    } else if (Array.isArray(value)) {
      for (const item of value) walk(item, secret);
    } else if (isRecord(value)) {
      for (const [key, child] of Object.entries(value)) walk(child, secret || SECRET_KEYS.has(key));
    }
  };
  walk(request.source, false);
  if (isRecord(request.params)) walk(request.params['aws'], false);
  const gateway = isRecord(request.source) ? request.source['gateway'] : undefined;
  if (isRecord(gateway)) walk(gateway['headers'], true);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
