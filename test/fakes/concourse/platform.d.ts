import type { Credentials } from './build-vars.ts';
import type { BuildRecord } from './build-record.ts';
import type { BuildVars } from './build-vars.ts';
import type { GetCache } from './get-cache.ts';
import type { Pipeline } from './pipeline.ts';
import type { ResourceState } from './resource-state.ts';
import type { VersionStore } from './version-store.ts';
/** Who runs the build, for its environment variables. */
export interface PipelineIdentity {
    readonly team: string;
    readonly teamId: number;
    readonly pipeline: string;
    readonly pipelineId: number;
    readonly instanceVars: Readonly<Record<string, unknown>> | undefined;
    readonly externalUrl: string;
}
/** Everything the steps of a pipeline share: its configuration, stores, and the worker's settings. */
export interface Platform {
    readonly identity: PipelineIdentity;
    readonly pipeline: Pipeline;
    readonly credentials: Credentials;
    /** Folder with `check`, `in`, `out` by image repository, or by name for a base type. */
    readonly resourceTypes: Readonly<Record<string, string>>;
    readonly resource: (name: string) => ResourceState;
    readonly versions: VersionStore;
    readonly cache: GetCache;
    /** With `--enable-global-resources` equal type and source share one history, whatever the team. */
    readonly globalResources: boolean;
    readonly workDir: string;
    /** The environment of every container before Concourse adds its own. */
    readonly env: Readonly<Record<string, string>>;
    readonly graceMs: number;
}
/** The state of one running build. */
export interface RunState {
    readonly platform: Platform;
    readonly build: BuildRecord;
    readonly vars: BuildVars;
    /** Folder of each artifact by name; consumers get a copy. */
    readonly artifacts: Map<string, string>;
    /** A new, empty folder that stands for a container. */
    readonly newContainer: (label: string) => Promise<string>;
}
/** Where a step runs: its build, its cancellation, and the status a hook around it announces. */
export interface StepContext {
    readonly state: RunState;
    readonly signal: AbortSignal;
    readonly buildStatus: string | undefined;
}
