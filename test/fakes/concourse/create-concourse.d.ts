import type { VarSource } from './build-vars.ts';
import { Cluster } from './cluster.ts';
import { Concourse } from './concourse.ts';
export interface ConcourseOptions {
    /** YAML text, or the same as an object. */
    readonly pipeline: string | Readonly<Record<string, unknown>>;
    /** An absolute, empty folder for builds; the caller removes it. */
    readonly workDir: string;
    /** Folder with `check`, `in`, `out` for each image repository (`source.repository`), or base type name. */
    readonly resourceTypes: Readonly<Record<string, string>>;
    /** The credential manager: secrets, nested for `((slack.token))`. Read at each evaluation. */
    readonly vars?: Readonly<Record<string, unknown>>;
    /** Values of the pipeline's `var_sources` by name, as `((id:aws))` reads them; `dummy` sources bring their own. */
    readonly varSources?: Readonly<Record<string, VarSource>>;
    /** What `fly set-pipeline -v` fills in: no secrets. */
    readonly flyVars?: Readonly<Record<string, unknown>>;
    readonly team?: string;
    readonly pipelineName?: string;
    readonly instanceVars?: Readonly<Record<string, unknown>>;
    readonly externalUrl?: string;
    /** Who triggers manual builds. */
    readonly buildCreatedBy?: string;
    /** Added to every process: image ENV, or the worker's lower-case proxy variables. */
    readonly env?: Readonly<Record<string, string>>;
    /** Time between SIGTERM and SIGKILL, 10 s as in Concourse. */
    readonly graceMs?: number;
    /** To put several pipelines or teams on one server. */
    readonly cluster?: Cluster;
}
/** Sets a pipeline on a Concourse; throws everything `fly validate-pipeline` would refuse, at once. */
export declare function createConcourse(options: ConcourseOptions): Concourse;
