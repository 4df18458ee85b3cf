import type { StepContext } from './platform.ts';
import type { InParallelStep, Step } from './step.ts';
type RunStep = (context: StepContext, step: Step) => Promise<boolean>;
/**
 * Runs steps at once, at most `limit` of them; with `fail_fast` the first that does not succeed cancels the running
 * ones and the rest never starts. Their cancellation is a failure of the whole, not an abort (atc/exec/in_parallel.go).
 */
export declare function runInParallel(context: StepContext, parallel: InParallelStep, run: RunStep): Promise<boolean>;
export {};
