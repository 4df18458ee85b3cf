import type { MetadataField, Version } from './version.ts';
/** One row of `resource_config_versions`. */
export interface StoredVersion {
    readonly hash: string;
    readonly version: Version;
    readonly metadata: readonly MetadataField[] | undefined;
    readonly checkOrder: number;
}
/** The version history of one scope: a resource type's image plus evaluated source (concourse.md 1.2). */
export declare class VersionHistory {
    #private;
    /**
     * Saves what a check returned, oldest first. The check order of all returned versions is bumped only when at least
     * one is new, so re-returning known ones beside a new one reorders them (atc/db/resource_config_scope.go). True
     * when there was a new one.
     */
    saveChecked(versions: readonly Version[]): boolean;
    /** Saves a put's version with the next check order; a known one keeps its order (inferred from SaveOutput). */
    saveOutput(version: Version, metadata: readonly MetadataField[]): boolean;
    /** Stores what a get answered under the version it answered; for an unknown version it is lost (concourse.md 1.1). */
    updateMetadata(version: Version, metadata: readonly MetadataField[]): void;
    /** Oldest first, by check order. */
    all(): StoredVersion[];
    find(version: Version): StoredVersion | undefined;
    findPinned(pin: Version): StoredVersion | undefined;
    clear(): void;
}
/** Every history of a Concourse, by scope. */
export declare class VersionStore {
    #private;
    history(scope: string): VersionHistory;
}
