import type { Resource } from './pipeline.ts';
import type { Version } from './version.ts';
import { VersionHistory } from './version-store.ts';
import type { StoredVersion } from './version-store.ts';
/** What Concourse remembers of one resource of a pipeline: its current history, pin and disabled versions. */
export declare class ResourceState {
    #private;
    readonly config: Resource;
    constructor(config: Resource);
    get history(): VersionHistory;
    /** Points the resource to the history of its latest evaluated source; a changed source shows an empty one (C10). */
    pointTo(history: VersionHistory): void;
    /** The pin of the pipeline file wins over the one set by API or fly. */
    get pin(): Version | undefined;
    pinTo(version: Version | undefined): void;
    disable(version: Version): void;
    enable(version: Version): void;
    isDisabled(version: Version): boolean;
    /** Versions that a job may use, oldest first. */
    enabled(): StoredVersion[];
}
