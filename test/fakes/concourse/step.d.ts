import type { Version } from './version.ts';
type Params = Readonly<Record<string, unknown>>;
export interface GetStep {
    readonly kind: 'get';
    readonly name: string;
    readonly resource: string;
    readonly params: Params | undefined;
    readonly passed: readonly string[];
    readonly trigger: boolean;
    readonly version: 'latest' | 'every' | Version;
    readonly timeoutMs: number | undefined;
}
export interface PutStep {
    readonly kind: 'put';
    readonly name: string;
    readonly resource: string;
    readonly params: Params | undefined;
    readonly getParams: Params | undefined;
    readonly inputs: 'detect' | 'all' | readonly string[];
    readonly noGet: boolean;
    readonly timeoutMs: number | undefined;
}
export interface TaskStep {
    readonly kind: 'task';
    readonly name: string;
    readonly file: string | undefined;
    readonly config: Params | undefined;
    readonly params: Params;
    readonly vars: Params;
    readonly image: string | undefined;
    readonly inputMapping: Version;
    readonly outputMapping: Version;
    readonly timeoutMs: number | undefined;
}
export interface LoadVarStep {
    readonly kind: 'load_var';
    readonly name: string;
    readonly file: string;
    readonly format: string | undefined;
    readonly reveal: boolean;
}
export interface DoStep {
    readonly kind: 'do';
    readonly steps: readonly Step[];
}
export interface InParallelStep {
    readonly kind: 'in_parallel';
    readonly steps: readonly Step[];
    readonly limit: number;
    readonly failFast: boolean;
}
export interface TryStep {
    readonly kind: 'try';
    readonly step: Step;
}
export type HookKind = 'ensure' | 'on_error' | 'on_abort' | 'on_failure' | 'on_success';
export interface HookStep {
    readonly kind: HookKind;
    readonly step: Step;
    readonly hook: Step;
}
export interface RetryStep {
    readonly kind: 'attempts';
    readonly step: Step;
    readonly attempts: number;
}
export interface TimeoutStep {
    readonly kind: 'timeout';
    readonly step: Step;
    readonly timeoutMs: number;
}
/** One step of a plan; modifiers wrap the step they modify, as in atc/steps.go. */
export type Step = GetStep | PutStep | TaskStep | LoadVarStep | DoStep | InParallelStep | TryStep | HookStep | RetryStep | TimeoutStep;
/** The step and everything nested in it, in plan order. */
export declare function flattenSteps(step: Step): Step[];
export {};
