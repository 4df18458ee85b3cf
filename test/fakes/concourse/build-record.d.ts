import type { Job } from './pipeline.ts';
import type { MetadataField, Version } from './version.ts';
export type StepStatus = 'running' | 'succeeded' | 'failed' | 'errored' | 'aborted';
export type BuildStatus = 'pending' | 'started' | 'succeeded' | 'failed' | 'errored' | 'aborted';
export type StepKind = 'get' | 'put' | 'task' | 'load_var';
/** One run of one step: an attempt, or the implicit get after a put, is a run of its own. */
export interface StepRun {
    readonly name: string;
    readonly kind: StepKind;
    status: StepStatus;
    version?: Version;
    metadata?: readonly MetadataField[];
    /** As the build log shows it: secrets replaced by `((redacted))`. */
    stderr: string;
    /** As the process wrote it, for assertions that a secret never left the process. */
    stderrRaw: string;
    stdoutRaw: string;
    /** The folder given as `$1` (get, put) or the task's working directory; a cached get names the cache. */
    dir: string;
    /** The JSON written to stdin, the arguments and the whole environment of the process. */
    stdin?: string;
    argv: readonly string[];
    env: Readonly<Record<string, string>>;
    /** Of the process, for a test that kills or freezes it from outside. */
    pid?: number;
    exitCode?: number;
    /** Why the step errored or was aborted or timed out. */
    error?: string;
    /** True for the get that Concourse adds after a put. */
    readonly implicit: boolean;
    /** True when a get was served from the cache, without running `in`. */
    cached: boolean;
}
/** A version that entered or left a build. */
export interface BuildInput {
    readonly name: string;
    readonly resource: string;
    readonly version: Version;
    readonly firstOccurrence: boolean;
    /** Ids of the upstream builds that vouched for it (`passed`). */
    readonly passedBuilds: readonly number[];
}
export interface BuildOutput {
    readonly resource: string;
    readonly version: Version;
}
/** What a test sees of a build; it changes while the build runs. */
export interface Build {
    readonly id: number;
    /** The number within the job; a rerun of 3 is `3.1`. */
    readonly name: string;
    readonly jobName: string;
    readonly createdBy: string | undefined;
    readonly rerunOf: number | undefined;
    readonly status: BuildStatus;
    readonly steps: readonly StepRun[];
    readonly log: string;
    readonly inputs: readonly BuildInput[];
    readonly outputs: readonly BuildOutput[];
    /** Settles when the build has ended; rejects when it could not start for want of inputs. */
    readonly done: Promise<Build>;
    /** Resolves once the log matches; rejects when the build ends without it. */
    logged(pattern: RegExp): Promise<void>;
}
export interface BuildIdentity {
    readonly id: number;
    readonly name: string;
    readonly createdBy: string | undefined;
    readonly rerunOf: number | undefined;
}
/** The writable side of a {@link Build}. */
export declare class BuildRecord implements Build {
    #private;
    readonly id: number;
    readonly name: string;
    readonly job: Job;
    readonly createdBy: string | undefined;
    readonly rerunOf: number | undefined;
    readonly steps: StepRun[];
    readonly outputs: BuildOutput[];
    readonly done: Promise<Build>;
    inputs: readonly BuildInput[];
    status: BuildStatus;
    log: string;
    constructor(identity: BuildIdentity, job: Job);
    get jobName(): string;
    get signal(): AbortSignal;
    get finished(): boolean;
    abort(): void;
    append(text: string): void;
    finish(status: BuildStatus): void;
    /** Ends a build that can never start; Concourse would leave it pending. */
    giveUp(reason: Error): void;
    logged(pattern: RegExp): Promise<void>;
}
