import type { StepKind, StepRun } from './build-record.ts';
import { isCanceled, isDeadlineExceeded, messageOf, withTimeout } from './cancellation.ts';
import type { StepContext } from './platform.ts';
import { RedactingWriter } from './redact.ts';
import { runProcess } from './run-process.ts';
import type { ProcessSpec } from './run-process.ts';

export interface StepLabel {
  readonly kind: StepKind;
  readonly name: string;
  readonly implicit: boolean;
}

type Command = Pick<ProcessSpec, 'path' | 'args' | 'env' | 'cwd'> & { readonly stdin?: string };

/** Keeps the record of one step and its part of the build log. */
export class StepRecorder {
  readonly run: StepRun;
  readonly #context: StepContext;
  readonly #stderr: RedactingWriter;
  readonly #stdout: RedactingWriter;

  constructor(context: StepContext, { kind, name, implicit }: StepLabel) {
    this.#context = context;
    this.run = {
      kind,
      name,
      implicit,
      status: 'running',
      stderr: '',
      stderrRaw: '',
      stdoutRaw: '',
      dir: '',
      argv: [],
      env: {},
      cached: false,
    };
    const { build, vars } = context.state;
    build.steps.push(this.run);
    const secrets = (): Iterable<string> => vars.secrets();
    this.#stdout = new RedactingWriter(secrets, (text) => build.append(text));
    this.#stderr = new RedactingWriter(secrets, (text) => {
      this.run.stderr += text;
      build.append(text);
    });
  }

  /** Runs the step's process; a non-zero exit code is for the caller to judge. */
  async process(command: Command, signal: AbortSignal): Promise<number> {
    Object.assign(this.run, { argv: command.args, env: command.env });
    if (command.stdin !== undefined) this.run.stdin = command.stdin;
    const exitCode = await runProcess({
      ...command,
      signal,
      graceMs: this.#context.state.platform.graceMs,
      onStart: (pid) => (this.run.pid = pid),
      onStdout: (chunk) => this.#writeStdout(chunk),
      onStderr: (chunk) => this.writeStderr(chunk),
    });
    this.run.exitCode = exitCode;
    return exitCode;
  }

  writeStderr(chunk: string): void {
    this.run.stderrRaw += chunk;
    this.#stderr.write(chunk);
  }

  /** A line Concourse itself adds to the build log. */
  note(text: string): void {
    this.#context.state.build.append(`${text}\n`);
  }

  close(): void {
    this.#stdout.close();
    this.#stderr.close();
  }

  #writeStdout(chunk: string): void {
    this.run.stdoutRaw += chunk;
    // stdout of a resource is its answer and never reaches the build log (concourse.md 1.1)
    if (this.run.kind === 'task') this.#stdout.write(chunk);
  }
}

/**
 * Runs the body of a get, put, task or load_var: true is success, false failure, a throw an error or abort. A passed
 * deadline, its own or that of a `timeout` around it, is a failure, not an error (atc/exec/*_step.go).
 */
export async function recordStep(
  context: StepContext,
  label: StepLabel,
  body: (recorder: StepRecorder) => Promise<boolean>,
): Promise<boolean> {
  const recorder = new StepRecorder(context, label);
  const { run } = recorder;
  try {
    context.signal.throwIfAborted();
    const succeeded = await body(recorder);
    run.status = succeeded ? 'succeeded' : 'failed';
    return succeeded;
  } catch (error) {
    run.error = messageOf(error);
    recorder.close();
    recorder.note(run.error);
    if (isDeadlineExceeded(error)) {
      run.status = 'failed';
      return false;
    }
    run.status = isCanceled(error) ? 'aborted' : 'errored';
    throw error;
  } finally {
    recorder.close();
  }
}

/** Runs with the step's own timeout, if it has one. */
export async function withStepTimeout<T>(
  signal: AbortSignal,
  timeoutMs: number | undefined,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return await body(signal);
  const timed = withTimeout(signal, timeoutMs);
  try {
    return await body(timed.signal);
  } finally {
    timed.clear();
  }
}
