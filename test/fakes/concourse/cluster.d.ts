import { GetCache } from './get-cache.ts';
import { VersionStore } from './version-store.ts';
/** A Concourse server that several pipelines and teams share: ids, version histories, get caches. */
export declare class Cluster {
    #private;
    readonly versions: VersionStore;
    readonly cache: GetCache;
    readonly globalResources: boolean;
    /** With `globalResources` (off by default) equal type and source share history across teams (C25). */
    constructor(options?: {
        readonly globalResources?: boolean;
    });
    teamId(name: string): number;
    nextPipelineId(): number;
    nextBuildId(): number;
}
