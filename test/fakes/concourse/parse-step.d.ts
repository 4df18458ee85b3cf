import { Fields } from './fields.ts';
import type { HookKind, Step } from './step.ts';
/** Outermost first: this order decides which hook sees what (StepPrecedence in atc/steps.go). */
export declare const HOOKS: readonly HookKind[];
/** Parses one step; problems, an unknown key among them, are noted under the step's place in the plan. */
export declare function parseStep(value: unknown, at: string, problems: string[]): Step;
/** Wraps a step in the hooks its object (or its job) declares. */
export declare function wrapInHooks(fields: Fields, inner: Step): Step;
/** Parses a list of steps: a job's plan, `do`, or the steps of `in_parallel`. */
export declare function parseSteps(value: unknown, at: string, problems: string[]): Step[];
