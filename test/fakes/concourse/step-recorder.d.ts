import type { StepKind, StepRun } from './build-record.ts';
import type { StepContext } from './platform.ts';
import type { ProcessSpec } from './run-process.ts';
export interface StepLabel {
    readonly kind: StepKind;
    readonly name: string;
    readonly implicit: boolean;
}
type Command = Pick<ProcessSpec, 'path' | 'args' | 'env' | 'cwd'> & {
    readonly stdin?: string;
};
/** Keeps the record of one step and its part of the build log. */
export declare class StepRecorder {
    #private;
    readonly run: StepRun;
    constructor(context: StepContext, { kind, name, implicit }: StepLabel);
    /** Runs the step's process; a non-zero exit code is for the caller to judge. */
    process(command: Command, signal: AbortSignal): Promise<number>;
    writeStderr(chunk: string): void;
    /** A line Concourse itself adds to the build log. */
    note(text: string): void;
    close(): void;
}
/**
 * Runs the body of a get, put, task or load_var: true is success, false failure, a throw an error or abort. A passed
 * deadline, its own or that of a `timeout` around it, is a failure, not an error (atc/exec/*_step.go).
 */
export declare function recordStep(context: StepContext, label: StepLabel, body: (recorder: StepRecorder) => Promise<boolean>): Promise<boolean>;
/** Runs with the step's own timeout, if it has one. */
export declare function withStepTimeout<T>(signal: AbortSignal, timeoutMs: number | undefined, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
export {};
