import type { Step } from './step.ts';
import type { Version } from './version.ts';
export type Source = Readonly<Record<string, unknown>>;
export interface Resource {
    readonly name: string;
    readonly type: string;
    /** Undefined where the pipeline gives none; Concourse then sends `null`. */
    readonly source: Source | undefined;
    readonly version: Version | undefined;
    readonly checkEvery: string | undefined;
    readonly checkTimeoutMs: number | undefined;
    readonly webhookToken: string | undefined;
    readonly exposeBuildCreatedBy: boolean;
}
export interface ResourceType {
    readonly name: string;
    readonly type: string;
    readonly source: Source;
    readonly defaults: Source | undefined;
}
export interface Job {
    readonly name: string;
    readonly plan: Step;
    readonly serialGroups: readonly string[];
    readonly maxInFlight: number;
    readonly disableManualTrigger: boolean;
    readonly disableReruns: boolean;
}
export interface VarSourceConfig {
    readonly name: string;
    readonly type: string;
    readonly config: Source;
}
export interface Pipeline {
    readonly resources: readonly Resource[];
    readonly resourceTypes: readonly ResourceType[];
    readonly jobs: readonly Job[];
    readonly varSources: readonly VarSourceConfig[];
}
