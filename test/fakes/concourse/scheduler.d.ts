import type { BuildIdentity } from './build-record.ts';
import { BuildRecord } from './build-record.ts';
import type { Job } from './pipeline.ts';
import type { SchedulerView } from './scheduler-view.ts';
export interface SchedulerPorts {
    readonly resource: SchedulerView['resource'];
    readonly jobs: readonly Job[];
    /** Runs the plan of a build whose inputs are known, to its end. */
    readonly execute: (build: BuildRecord) => Promise<void>;
    /** Checks a resource before a manual build; it tells what went wrong, if something did. */
    readonly check: (resource: string) => Promise<string | undefined>;
}
export interface NewBuild extends BuildIdentity {
    /** A manual build waits for a check of its inputs; a scheduled one takes what is there. */
    readonly manual: boolean;
}
/** Starts builds in order, as their jobs' limits and serial groups allow, and knows which jobs are due. */
export declare class Scheduler implements SchedulerView {
    #private;
    readonly builds: BuildRecord[];
    constructor(ports: SchedulerPorts);
    get resource(): SchedulerView['resource'];
    create(job: Job, identity: NewBuild): BuildRecord;
    /** Aborts a build: a pending one at once, a running one through its steps (concourse.md 1.8). */
    abort(build: BuildRecord): void;
    /** Jobs with a `trigger: true` input whose version this job never used, and all inputs resolvable. */
    due(): Job[];
}
