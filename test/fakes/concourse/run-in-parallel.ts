import { Canceled, combineErrors, isCanceled } from './cancellation.ts';
import type { StepContext } from './platform.ts';
import type { InParallelStep, Step } from './step.ts';

type RunStep = (context: StepContext, step: Step) => Promise<boolean>;

/**
 * Runs steps at once, at most `limit` of them; with `fail_fast` the first that does not succeed cancels the running
 * ones and the rest never starts. Their cancellation is a failure of the whole, not an abort (atc/exec/in_parallel.go).
 */
export async function runInParallel(
  context: StepContext,
  parallel: InParallelStep,
  run: RunStep,
): Promise<boolean> {
  const cancel = new AbortController();
  const signal = AbortSignal.any([context.signal, cancel.signal]);
  const errors: unknown[] = [];
  let failures = 0;
  const waiting = [...parallel.steps];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step && !signal.aborted; step = waiting.shift()) {
      const succeeded = await run({ ...context, signal }, step).catch((error: unknown) => {
        errors.push(error);
        return false;
      });
      if (succeeded) continue;
      failures += 1;
      if (parallel.failFast) cancel.abort(new Canceled());
    }
  };
  const limit = parallel.limit < 1 ? parallel.steps.length : parallel.limit;
  await Promise.all(Array.from({ length: Math.min(limit, parallel.steps.length) }, work));
  context.signal.throwIfAborted();
  const real = errors.filter((error) => !isCanceled(error));
  if (real.length > 0) throw combineErrors(real);
  return failures === 0;
}
