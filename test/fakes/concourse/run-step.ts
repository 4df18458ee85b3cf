import { isCanceled, isDeadlineExceeded, withTimeout } from './cancellation.ts';
import type { StepContext } from './platform.ts';
import { runGet } from './run-get.ts';
import { runHook } from './run-hook.ts';
import { runInParallel } from './run-in-parallel.ts';
import { runLoadVar } from './run-load-var.ts';
import { runPut } from './run-put.ts';
import { runTask } from './run-task.ts';
import type { GetStep, RetryStep, Step, TimeoutStep } from './step.ts';

/** Runs a step with everything nested in it: true is success, false failure, a throw an error or an abort. */
export async function runStep(context: StepContext, step: Step): Promise<boolean> {
  switch (step.kind) {
    case 'get':
      return await runExplicitGet(context, step);
    case 'put':
      return await runPut(context, step);
    case 'task':
      return await runTask(context, step);
    case 'load_var':
      return await runLoadVar(context, step);
    case 'do':
      return await runDo(context, step.steps);
    case 'in_parallel':
      return await runInParallel(context, step, runStep);
    case 'try':
      return await runTry(context, step.step);
    case 'attempts':
      return await runAttempts(context, step);
    case 'timeout':
      return await runTimeout(context, step);
    case 'ensure':
    case 'on_error':
    case 'on_abort':
    case 'on_failure':
    case 'on_success':
      return await runHook(context, step, runStep);
    default:
      return step satisfies never;
  }
}

function runExplicitGet(context: StepContext, step: GetStep): Promise<boolean> {
  const input = context.state.build.inputs.find(({ name }) => name === step.name);
  if (!input) throw new Error(`version for input '${step.name}' not provided`);
  return runGet(context, { ...step, version: input.version, implicit: false });
}

async function runDo(context: StepContext, steps: readonly Step[]): Promise<boolean> {
  for (const step of steps) {
    if (!(await runStep(context, step))) return false;
  }
  return true;
}

/** Swallows failures and errors, not an abort (atc/exec/try_step.go). */
async function runTry(context: StepContext, step: Step): Promise<boolean> {
  try {
    await runStep(context, step);
  } catch (error) {
    if (isCanceled(error)) throw error;
  }
  return true;
}

/** Runs the whole step again, a put with its get, until it succeeds; an abort ends the tries (1.8). */
async function runAttempts(context: StepContext, { step, attempts }: RetryStep): Promise<boolean> {
  let last: () => boolean = () => false;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      if (await runStep(context, step)) return true;
      last = () => false;
    } catch (error) {
      last = () => {
        throw error;
      };
    }
    context.signal.throwIfAborted();
  }
  return last();
}

/** A timeout around `do`, `in_parallel` or `try`; that of get, put and task bounds their processes. */
async function runTimeout(context: StepContext, { step, timeoutMs }: TimeoutStep): Promise<boolean> {
  const timed = withTimeout(context.signal, timeoutMs);
  try {
    return await runStep({ ...context, signal: timed.signal }, step);
  } catch (error) {
    if (isDeadlineExceeded(error)) return false;
    throw error;
  } finally {
    timed.clear();
  }
}
