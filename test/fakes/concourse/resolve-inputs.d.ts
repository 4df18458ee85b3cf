import type { BuildInput } from './build-record.ts';
import type { Job } from './pipeline.ts';
import type { SchedulerView } from './scheduler-view.ts';
import type { GetStep } from './step.ts';
/** The inputs a build of this job would get now, or why it cannot start. */
export type Resolution = {
    readonly ok: true;
    readonly inputs: readonly BuildInput[];
} | {
    readonly ok: false;
    readonly problems: readonly string[];
};
/** Chooses a version for every `get` of a job (atc/scheduler/algorithm). */
export declare function resolveInputs(job: Job, view: SchedulerView): Resolution;
/** The `get` steps of a job, in plan order. */
export declare function jobGets(job: Job): GetStep[];
