import type { StepContext } from './platform.ts';
import type { LoadVarStep } from './step.ts';
/** Loads a file of an artifact into `((.:name))`, redacted from the log unless `reveal` (atc/exec/load_var_step.go). */
export declare function runLoadVar(context: StepContext, step: LoadVarStep): Promise<boolean>;
