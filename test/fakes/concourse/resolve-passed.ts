import type { BuildRecord } from './build-record.ts';
import type { Job } from './pipeline.ts';
import { pinOf } from './scheduler-view.ts';
import type { SchedulerView } from './scheduler-view.ts';
import type { GetStep } from './step.ts';
import { versionHash } from './version.ts';
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
export function resolveGroup(job: Job, group: readonly GetStep[], view: SchedulerView): Candidates | string {
  for (const get of group) {
    const pin = pinOf(get, view);
    if (typeof pin === 'object' && !view.resource(get.resource).history.findPinned(pin)) {
      return `pinned version ${JSON.stringify(pin)} not found`;
    }
  }
  return (
    satisfy({ job, group, view }, new Map()) ??
    'no satisfiable builds from passed jobs found for set of inputs'
  );
}

interface Search {
  readonly job: Job;
  readonly group: readonly GetStep[];
  readonly view: SchedulerView;
}

function satisfy(search: Search, candidates: Candidates): Candidates | undefined {
  for (const get of search.group) {
    const open = get.passed.find((job) => !candidates.get(get.name)?.vouchedBy.has(job));
    if (open === undefined) continue;
    for (const build of buildsToTry(search, get, open)) {
      const next = vouch(search, candidates, build);
      const vouched = next?.get(get.name)?.vouchedBy.has(open);
      const resolved = next && vouched ? satisfy(search, next) : undefined;
      if (resolved) return resolved;
    }
    return undefined;
  }
  return candidates;
}

/** The candidates after one build had its say; undefined when it contradicts a version already chosen. */
function vouch({ group, view }: Search, candidates: Candidates, build: BuildRecord): Candidates | undefined {
  const next = new Map(candidates);
  const done = new Set<string>();
  // outputs before inputs: a job that puts what it got passes on what it put
  for (const output of [...build.outputs, ...build.inputs]) {
    for (const get of group) {
      if (done.has(get.name) || get.resource !== output.resource || !get.passed.includes(build.jobName)) {
        continue;
      }
      const chosen = next.get(get.name);
      if (chosen && versionHash(chosen.version) !== versionHash(output.version)) return undefined;
      if (!mayUse(get, output.version, view)) continue;
      done.add(get.name);
      next.set(get.name, {
        version: output.version,
        vouchedBy: new Set([...(chosen?.vouchedBy ?? []), build.jobName]),
        sourceBuilds: [...(chosen?.sourceBuilds ?? []), build.id],
      });
    }
  }
  return next;
}

function mayUse(get: GetStep, version: Version, view: SchedulerView): boolean {
  const resource = view.resource(get.resource);
  if (resource.isDisabled(version)) return false;
  const pin = pinOf(get, view);
  if (typeof pin !== 'object') return true;
  return resource.history.findPinned(pin)?.hash === versionHash(version);
}

/** Successful builds of an upstream job: newest first, or with `every` onwards from the last one used. */
function buildsToTry({ job, view }: Search, get: GetStep, passed: string): BuildRecord[] {
  const newestFirst = view.builds
    .filter((build) => build.jobName === passed && build.status === 'succeeded')
    .toSorted((a, b) => position(b) - position(a) || b.id - a.id);
  if (get.version !== 'every') return newestFirst;
  const used = view.builds
    .filter((build) => build.job === job)
    .flatMap(({ inputs }) => inputs.filter(({ name }) => name === get.name))
    .flatMap(({ passedBuilds }) => passedBuilds);
  const last = newestFirst.findIndex(({ id }) => used.includes(id));
  if (last < 0) return newestFirst;
  return [...newestFirst.slice(0, last).toReversed(), ...newestFirst.slice(last)];
}

/** A rerun takes the place of the build it repeats. */
function position(build: BuildRecord): number {
  return build.rerunOf ?? build.id;
}
