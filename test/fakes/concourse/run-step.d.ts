import type { StepContext } from './platform.ts';
import type { Step } from './step.ts';
/** Runs a step with everything nested in it: true is success, false failure, a throw an error or an abort. */
export declare function runStep(context: StepContext, step: Step): Promise<boolean>;
