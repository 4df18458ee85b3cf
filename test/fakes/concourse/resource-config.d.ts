import type { BuildVars } from './build-vars.ts';
import type { Pipeline, Resource, Source } from './pipeline.ts';
import type { Platform } from './platform.ts';
import type { VersionHistory } from './version-store.ts';
/** A resource with its credentials filled in. */
export interface ResourceConfig {
    /** Folder of `check`, `in` and `out`. */
    readonly folder: string;
    /** What stdin carries; `null` when the pipeline and the type's defaults give none (inferred, concourse.md 1.1). */
    readonly source: Source | null;
    /** Hash of (type image, evaluated source): the identity of version history and get cache (concourse.md 1.2). */
    readonly key: string;
}
/** Evaluates type and source of a resource: the type's `defaults` are merged shallowly under the source (1.5). */
export declare function evaluateConfig(platform: Platform, resource: Resource, vars: BuildVars): ResourceConfig;
/** The history of a resource with this config; one of its own unless global resources are enabled (1.2). */
export declare function historyOf(platform: Platform, resource: Resource, config: ResourceConfig): VersionHistory;
/** Problems of types this fake was given no folder for; an image repository is known only with its evaluated vars. */
export declare function missingTypes(pipeline: Pipeline, vars: BuildVars, folders: Readonly<Record<string, string>>): string[];
