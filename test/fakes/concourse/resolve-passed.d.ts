import type { Job } from './pipeline.ts';
import type { SchedulerView } from './scheduler-view.ts';
import type { GetStep } from './step.ts';
import type { Version } from './version.ts';
/** A version under consideration for an input, with the upstream jobs and builds that vouch for it. */
export interface Candidate {
    readonly version: Version;
    readonly vouchedBy: ReadonlySet<string>;
    readonly sourceBuilds: readonly number[];
}
type Candidates = ReadonlyMap<string, Candidate>;
/**
 * Resolves inputs that share upstream jobs to versions that went through those jobs *together*: each build of a
 * `passed` job, newest first, pins every input of the group it knows (atc/scheduler/algorithm/group_resolver.go).
 */
export declare function resolveGroup(job: Job, group: readonly GetStep[], view: SchedulerView): Candidates | string;
export {};
