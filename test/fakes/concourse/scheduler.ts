import type { BuildIdentity, BuildInput } from './build-record.ts';
import { BuildRecord } from './build-record.ts';
import type { Job } from './pipeline.ts';
import { jobGets, resolveInputs } from './resolve-inputs.ts';
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
export class Scheduler implements SchedulerView {
  readonly builds: BuildRecord[] = [];
  readonly #ports: SchedulerPorts;
  readonly #manual = new WeakSet<BuildRecord>();
  readonly #unprepared = new Set<BuildRecord>();

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  get resource(): SchedulerView['resource'] {
    return this.#ports.resource;
  }

  create(job: Job, identity: NewBuild): BuildRecord {
    const build = new BuildRecord(identity, job);
    if (identity.manual) this.#manual.add(build);
    this.builds.push(build);
    this.#unprepared.add(build);
    this.#startWhatMay();
    return build;
  }

  /** Aborts a build: a pending one at once, a running one through its steps (concourse.md 1.8). */
  abort(build: BuildRecord): void {
    build.abort();
    if (build.status === 'pending') build.finish('aborted');
    this.#unprepared.delete(build);
  }

  /** Jobs with a `trigger: true` input whose version this job never used, and all inputs resolvable. */
  due(): Job[] {
    return this.#ports.jobs.filter((job) => {
      const triggers = jobGets(job).filter(({ trigger }) => trigger);
      if (triggers.length === 0 || [...this.#unprepared].some((build) => build.job === job)) return false;
      const resolution = resolveInputs(job, this);
      if (!resolution.ok) return false;
      return resolution.inputs.some(
        (input) => input.firstOccurrence && triggers.some(({ name }) => name === input.name),
      );
    });
  }

  #startWhatMay(): void {
    for (const build of this.builds.filter(({ status }) => status === 'pending')) {
      if (!this.#mayStart(build)) continue;
      build.status = 'started';
      void this.#run(build);
    }
  }

  #mayStart(build: BuildRecord): boolean {
    const { serialGroups, maxInFlight } = build.job;
    const related = this.builds.filter(({ job }) =>
      job.serialGroups.some((group) => serialGroups.includes(group)),
    );
    if (related.find(({ status }) => status === 'pending') !== build && related.length > 0) return false;
    return maxInFlight === 0 || related.filter(({ status }) => status === 'started').length < maxInFlight;
  }

  async #run(build: BuildRecord): Promise<void> {
    try {
      build.inputs = await this.#prepareInputs(build);
      this.#unprepared.delete(build);
      await this.#ports.execute(build);
    } catch (error) {
      build.giveUp(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#unprepared.delete(build);
      this.#startWhatMay();
    }
  }

  /** A rerun takes the inputs of the build it repeats (C26); a manual build checks inputs without `passed` first. */
  async #prepareInputs(build: BuildRecord): Promise<readonly BuildInput[]> {
    if (build.rerunOf !== undefined) {
      const original = this.builds.find(({ id }) => id === build.rerunOf);
      return (original?.inputs ?? []).map((input) => ({ ...input, firstOccurrence: false }));
    }
    const problems = this.#manual.has(build) ? await this.#checkInputs(build.job) : [];
    const resolution = resolveInputs(build.job, this);
    if (resolution.ok) return resolution.inputs;
    const reasons = [...resolution.problems, ...problems].join('; ');
    throw new Error(`${build.jobName} #${build.name} stays pending: ${reasons}`);
  }

  async #checkInputs(job: Job): Promise<string[]> {
    const names = jobGets(job)
      .filter(({ passed, resource }) => passed.length === 0 && !this.resource(resource).pin)
      .map(({ resource }) => resource);
    const problems = await Promise.all([...new Set(names)].map((name) => this.#ports.check(name)));
    return problems.filter((problem) => problem !== undefined);
  }
}
