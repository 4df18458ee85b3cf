import type { StepContext } from './platform.ts';
import type { HookStep, Step } from './step.ts';
type RunStep = (context: StepContext, step: Step) => Promise<boolean>;
/**
 * Runs a step and, when it applies, its hook (atc/exec/on_*.go, ensure_step.go). Everything under on_success,
 * on_failure, on_error and on_abort sees BUILD_STATUS; `ensure` adds none (concourse.md 1.4, C13).
 */
export declare function runHook(context: StepContext, hook: HookStep, run: RunStep): Promise<boolean>;
export {};
