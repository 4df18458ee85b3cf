import type { VersionResult } from './answers.ts';
import type { Version } from './version.ts';
export interface CachedGet {
    readonly dir: string;
    readonly result: VersionResult;
}
/** Key of a get: resource config, requested version, get params. BUILD_* is not part of it (concourse.md 1.3). */
export declare function getCacheKey(configKey: string, version: Version, params: unknown): string;
/** The resource caches of a worker. Equal gets run one after the other, so that the second finds the first's cache. */
export declare class GetCache {
    #private;
    /** The cached get, else what `run` fetches; an undefined answer (a failed `in`) is not cached. */
    fetch(key: string, run: () => Promise<CachedGet | undefined>): Promise<{
        entry: CachedGet | undefined;
        hit: boolean;
    }>;
}
