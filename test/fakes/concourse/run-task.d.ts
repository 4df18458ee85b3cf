import type { StepContext } from './platform.ts';
import type { TaskStep } from './step.ts';
/**
 * Runs a task on this machine, its image ignored: inputs are copied into a working directory, outputs registered from
 * it, also when the task fails. A cache is an empty folder each time, which a task has to expect.
 */
export declare function runTask(context: StepContext, step: TaskStep): Promise<boolean>;
