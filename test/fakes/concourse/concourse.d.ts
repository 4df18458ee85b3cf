import type { Build } from './build-record.ts';
import type { Cluster } from './cluster.ts';
import type { Platform } from './platform.ts';
import type { CheckRun } from './run-check.ts';
import type { MetadataField, Version } from './version.ts';
export interface TriggerOptions {
    /** Repeats that build with its very inputs, as `fly rerun-build` does. */
    readonly rerunOf?: Build;
    /** Who pressed the button; default is the option `buildCreatedBy`. */
    readonly createdBy?: string;
}
/** A version as API and UI list it. */
export interface ResourceVersion {
    readonly version: Version;
    readonly metadata: readonly MetadataField[] | undefined;
    readonly enabled: boolean;
}
/** One pipeline on a running Concourse. Nothing happens by itself: checks and scheduling run when a test says so. */
export declare class Concourse {
    #private;
    readonly platform: Platform;
    /** Every check so far, in the order they ended. */
    readonly checks: CheckRun[];
    constructor(platform: Platform, cluster: Cluster, createdBy: string | undefined);
    /** Checks a resource, from any version you like; checks of one resource run one after the other. */
    check(resource: string, options?: {
        readonly from?: Version;
    }): Promise<CheckRun>;
    /**
     * The periodic checks: resources that are a `trigger: true` input, others only while unchecked, failing or without
     * versions; none with `check_every: never` (concourse.md 1.6).
     */
    scan(): Promise<CheckRun[]>;
    /** Starts a manual build and returns it at once; see its `done`, `logged`, `status`. */
    start(jobName: string, options?: TriggerOptions): Build;
    /** Runs a manual build to its end; rejects when its inputs cannot be found, where Concourse would leave it pending. */
    trigger(jobName: string, options?: TriggerOptions): Promise<Build>;
    /** Names of the jobs that the scheduler would start now. */
    dueJobs(): string[];
    /** Starts every due job and returns the builds at once; none carries BUILD_CREATED_BY (inferred, concourse.md 1.4). */
    schedule(): Build[];
    /** Runs due jobs until no job is due any more, and returns their builds; it does not check. */
    runScheduled(maxRounds?: number): Promise<Build[]>;
    abort(build: Build): void;
    /** Builds of the pipeline or of one job, oldest first. */
    builds(jobName?: string): readonly Build[];
    /** Versions of the resource's current history, oldest first. */
    versions(resource: string): ResourceVersion[];
    pinVersion(resource: string, version: Version): void;
    unpinVersion(resource: string): void;
    disableVersion(resource: string, version: Version): void;
    enableVersion(resource: string, version: Version): void;
    clearVersions(resource: string): void;
    /** The evaluated `webhook_token` of a resource; empty when it has none. */
    webhookToken(resource: string): string;
}
