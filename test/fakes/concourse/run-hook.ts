import { combineErrors, isCanceled } from './cancellation.ts';
import type { StepContext } from './platform.ts';
import type { HookStep, Step } from './step.ts';

type RunStep = (context: StepContext, step: Step) => Promise<boolean>;

/**
 * Runs a step and, when it applies, its hook (atc/exec/on_*.go, ensure_step.go). Everything under on_success,
 * on_failure, on_error and on_abort sees BUILD_STATUS; `ensure` adds none (concourse.md 1.4, C13).
 */
export async function runHook(context: StepContext, hook: HookStep, run: RunStep): Promise<boolean> {
  switch (hook.kind) {
    case 'on_success':
      if (!(await run(context, hook.step))) return false;
      return await run({ ...context, buildStatus: 'succeeded' }, hook.hook);
    case 'on_failure':
      if (await run(context, hook.step)) return true;
      await run({ ...context, buildStatus: 'failed' }, hook.hook);
      return false;
    case 'on_error':
      return await runOnError(context, hook, run);
    case 'on_abort':
      return await runOnAbort(context, hook, run);
    case 'ensure':
      return await runEnsure(context, hook, run);
    default:
      return hook.kind satisfies never;
  }
}

/** A context that the build's abort no longer reaches. */
function fresh(): AbortSignal {
  return new AbortController().signal;
}

async function runOnError(context: StepContext, { step, hook }: HookStep, run: RunStep): Promise<boolean> {
  try {
    return await run(context, step);
  } catch (error) {
    if (isCanceled(error)) throw error;
    const errors = [
      error,
      ...(await errorsOf(run({ ...context, signal: fresh(), buildStatus: 'errored' }, hook))),
    ];
    throw combineErrors(errors);
  }
}

/** Only on an abort; a timeout never reaches it (concourse.md 1.8). What the hook answers changes nothing. */
async function runOnAbort(context: StepContext, { step, hook }: HookStep, run: RunStep): Promise<boolean> {
  try {
    return await run(context, step);
  } catch (error) {
    if (isCanceled(error)) await errorsOf(run({ ...context, signal: fresh(), buildStatus: 'aborted' }, hook));
    throw error;
  }
}

/** Runs the hook whatever happened, after an abort with a fresh context (C32); both must succeed. */
async function runEnsure(context: StepContext, { step, hook }: HookStep, run: RunStep): Promise<boolean> {
  const errors: unknown[] = [];
  const attempt = async (signal: AbortSignal, each: Step): Promise<boolean> => {
    try {
      return await run({ ...context, signal }, each);
    } catch (error) {
      errors.push(error);
      return false;
    }
  };
  const stepSucceeded = await attempt(context.signal, step);
  const hookSucceeded = await attempt(context.signal.aborted ? fresh() : context.signal, hook);
  context.signal.throwIfAborted();
  if (errors.length > 0) throw combineErrors(errors);
  return stepSucceeded && hookSucceeded;
}

async function errorsOf(hook: Promise<boolean>): Promise<unknown[]> {
  try {
    await hook;
    return [];
  } catch (error) {
    return [error];
  }
}
