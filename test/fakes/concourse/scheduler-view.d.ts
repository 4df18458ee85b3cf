import type { BuildRecord } from './build-record.ts';
import type { ResourceState } from './resource-state.ts';
import type { GetStep } from './step.ts';
/** What the scheduler knows: every resource and every build of the pipeline, oldest build first. */
export interface SchedulerView {
    readonly resource: (name: string) => ResourceState;
    readonly builds: readonly BuildRecord[];
}
/** The pin that applies to an input: the step's own version, else the resource's (atc/db, InputConfig). */
export declare function pinOf(get: GetStep, view: SchedulerView): GetStep['version'] | undefined;
