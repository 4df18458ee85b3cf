import type { Build } from './build-record.ts';
import type { BuildRecord } from './build-record.ts';
import { BuildVars } from './build-vars.ts';
import type { Cluster } from './cluster.ts';
import type { Job } from './pipeline.ts';
import type { Platform } from './platform.ts';
import { jobGets } from './resolve-inputs.ts';
import { runBuild } from './run-build.ts';
import { runCheck } from './run-check.ts';
import type { CheckRun } from './run-check.ts';
import { Scheduler } from './scheduler.ts';
import type { MetadataField, Version } from './version.ts';

export interface TriggerOptions {
  /** Repeats that build with its very inputs, as `fly rerun-build` does. */
  readonly rerunOf?: Build;
  /** Who pressed the button; default is the option `buildCreatedBy`. */
  readonly createdBy?: string;
}

/** A version as API and UI list it. */
export interface ResourceVersion {
  readonly version: Version;
  readonly metadata: readonly MetadataField[] | undefined;
  readonly enabled: boolean;
}

/** One pipeline on a running Concourse. Nothing happens by itself: checks and scheduling run when a test says so. */
export class Concourse {
  readonly platform: Platform;
  /** Every check so far, in the order they ended. */
  readonly checks: CheckRun[] = [];
  readonly #cluster: Cluster;
  readonly #scheduler: Scheduler;
  readonly #createdBy: string | undefined;
  readonly #checking = new Map<string, Promise<CheckRun>>();

  constructor(platform: Platform, cluster: Cluster, createdBy: string | undefined) {
    this.platform = platform;
    this.#cluster = cluster;
    this.#createdBy = createdBy;
    this.#scheduler = new Scheduler({
      resource: platform.resource,
      jobs: platform.pipeline.jobs,
      execute: (build) => runBuild(platform, build),
      check: async (resource) => {
        const run = await this.check(resource);
        return run.status === 'succeeded'
          ? undefined
          : `check of ${resource} ${run.status}: ${problemOf(run)}`;
      },
    });
  }

  /** Checks a resource, from any version you like; checks of one resource run one after the other. */
  async check(resource: string, options: { readonly from?: Version } = {}): Promise<CheckRun> {
    this.platform.resource(resource);
    const before = this.#checking.get(resource);
    const run = (before ?? Promise.resolve()).then(() => runCheck(this.platform, resource, options.from));
    this.#checking.set(resource, run);
    const ended = await run;
    this.checks.push(ended);
    return ended;
  }

  /**
   * The periodic checks: resources that are a `trigger: true` input, others only while unchecked, failing or without
   * versions; none with `check_every: never` (concourse.md 1.6).
   */
  async scan(): Promise<CheckRun[]> {
    const { jobs, resources } = this.platform.pipeline;
    const gets = jobs.flatMap(jobGets);
    const due = resources.filter(({ name, checkEvery }) => {
      if (checkEvery === 'never') return false;
      if (gets.some((get) => get.resource === name && get.trigger)) return true;
      const last = this.checks.findLast((run) => run.resource === name);
      return last?.status !== 'succeeded' || this.versions(name).length === 0;
    });
    return await Promise.all(due.map(({ name }) => this.check(name)));
  }

  /** Starts a manual build and returns it at once; see its `done`, `logged`, `status`. */
  start(jobName: string, options: TriggerOptions = {}): Build {
    const job = this.#job(jobName);
    const createdBy = options.createdBy ?? this.#createdBy;
    if (options.rerunOf) return this.#rerun(job, options.rerunOf, createdBy);
    if (job.disableManualTrigger) throw new Error(`job '${jobName}' can not be triggered manually`);
    return this.#create(job, { createdBy, manual: true });
  }

  /** Runs a manual build to its end; rejects when its inputs cannot be found, where Concourse would leave it pending. */
  async trigger(jobName: string, options: TriggerOptions = {}): Promise<Build> {
    return await this.start(jobName, options).done;
  }

  /** Names of the jobs that the scheduler would start now. */
  dueJobs(): string[] {
    return this.#scheduler.due().map(({ name }) => name);
  }

  /** Starts every due job and returns the builds at once; none carries BUILD_CREATED_BY (inferred, concourse.md 1.4). */
  schedule(): Build[] {
    return this.#scheduler.due().map((job) => this.#create(job, { createdBy: undefined, manual: false }));
  }

  /** Runs due jobs until no job is due any more, and returns their builds; it does not check. */
  async runScheduled(maxRounds = 20): Promise<Build[]> {
    const builds: Build[] = [];
    for (let round = 0; round < maxRounds; round += 1) {
      const started = this.schedule();
      if (started.length === 0) return builds;
      builds.push(...started);
      await Promise.all(started.map(({ done }) => done));
    }
    throw new Error(`the pipeline keeps triggering itself: ${this.dueJobs().join(', ')}`);
  }

  abort(build: Build): void {
    const record = this.#scheduler.builds.find(({ id }) => id === build.id);
    if (record) this.#scheduler.abort(record);
  }

  /** Aborts whatever has not ended and waits for it, so that no process outlives a failed test. */
  async close(): Promise<void> {
    const builds = this.#scheduler.builds.filter(({ finished }) => !finished);
    builds.forEach((build) => this.#scheduler.abort(build));
    await Promise.allSettled(builds.map(({ done }) => done));
  }

  /** Builds of the pipeline or of one job, oldest first. */
  builds(jobName?: string): readonly Build[] {
    return this.#scheduler.builds.filter((build) => jobName === undefined || build.jobName === jobName);
  }

  /** Versions of the resource's current history, oldest first. */
  versions(resource: string): ResourceVersion[] {
    const state = this.platform.resource(resource);
    return state.history.all().map(({ version, metadata }) => ({
      version,
      metadata,
      enabled: !state.isDisabled(version),
    }));
  }

  pinVersion(resource: string, version: Version): void {
    this.platform.resource(resource).pinTo(version);
  }

  unpinVersion(resource: string): void {
    this.platform.resource(resource).pinTo(undefined);
  }

  disableVersion(resource: string, version: Version): void {
    this.platform.resource(resource).disable(version);
  }

  enableVersion(resource: string, version: Version): void {
    this.platform.resource(resource).enable(version);
  }

  clearVersions(resource: string): void {
    this.platform.resource(resource).history.clear();
  }

  /** The evaluated `webhook_token` of a resource; empty when it has none. */
  webhookToken(resource: string): string {
    const { webhookToken } = this.platform.resource(resource).config;
    return String(new BuildVars(this.platform.credentials).evaluate(webhookToken ?? ''));
  }

  #job(name: string): Job {
    const job = this.platform.pipeline.jobs.find((each) => each.name === name);
    if (!job) throw new Error(`unknown job '${name}'`);
    return job;
  }

  #rerun(job: Job, build: Build, createdBy: string | undefined): BuildRecord {
    if (job.disableReruns) throw new Error(`reruns of job '${job.name}' are disabled`);
    const originalId = build.rerunOf ?? build.id;
    const original = this.builds(job.name).find(({ id }) => id === originalId);
    if (!original) throw new Error(`build ${originalId} is none of job '${job.name}'`);
    const reruns = this.builds(job.name).filter(({ rerunOf }) => rerunOf === originalId).length;
    const name = `${original.name}.${reruns + 1}`;
    return this.#create(job, { createdBy, manual: true, rerunOf: originalId, name });
  }

  #create(
    job: Job,
    options: {
      readonly createdBy: string | undefined;
      readonly manual: boolean;
      readonly rerunOf?: number;
      readonly name?: string;
    },
  ): BuildRecord {
    const number = this.builds(job.name).filter(({ rerunOf }) => rerunOf === undefined).length + 1;
    return this.#scheduler.create(job, {
      id: this.#cluster.nextBuildId(),
      name: options.name ?? String(number),
      createdBy: options.createdBy,
      rerunOf: options.rerunOf,
      manual: options.manual,
    });
  }
}

function problemOf(run: CheckRun): string {
  return run.error ?? run.stderr.trim();
}
