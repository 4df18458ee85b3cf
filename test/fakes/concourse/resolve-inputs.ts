import type { BuildInput } from './build-record.ts';
import type { Job } from './pipeline.ts';
import { resolveGroup } from './resolve-passed.ts';
import type { Candidate } from './resolve-passed.ts';
import { pinOf } from './scheduler-view.ts';
import type { SchedulerView } from './scheduler-view.ts';
import { flattenSteps } from './step.ts';
import type { GetStep } from './step.ts';
import { versionHash } from './version.ts';
import type { StoredVersion } from './version-store.ts';

/** The inputs a build of this job would get now, or why it cannot start. */
export type Resolution =
  | { readonly ok: true; readonly inputs: readonly BuildInput[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Chooses a version for every `get` of a job (atc/scheduler/algorithm). */
export function resolveInputs(job: Job, view: SchedulerView): Resolution {
  const gets = jobGets(job);
  const alone = gets.filter(({ passed }) => passed.length === 0);
  const candidates = new Map<string, Candidate>();
  const problems: string[] = [];
  for (const get of alone) {
    const found = resolveAlone(job, get, view);
    if (typeof found === 'string') problems.push(`${get.name}: ${found}`);
    else candidates.set(get.name, { version: found.version, vouchedBy: new Set(), sourceBuilds: [] });
  }
  for (const group of groupByPassed(gets.filter(({ passed }) => passed.length > 0))) {
    const found = resolveGroup(job, group, view);
    if (typeof found === 'string') problems.push(...group.map(({ name }) => `${name}: ${found}`));
    else found.forEach((candidate, name) => candidates.set(name, candidate));
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, inputs: gets.flatMap((get) => toInput(job, get, candidates.get(get.name), view)) };
}

/** The `get` steps of a job, in plan order. */
export function jobGets(job: Job): GetStep[] {
  return flattenSteps(job.plan).filter((step) => step.kind === 'get');
}

function toInput(
  job: Job,
  get: GetStep,
  candidate: Candidate | undefined,
  view: SchedulerView,
): BuildInput[] {
  if (!candidate) return [];
  const { version, sourceBuilds } = candidate;
  const hash = versionHash(version);
  const used = view.builds
    .filter((build) => build.job === job)
    .some(({ inputs }) =>
      inputs.some((input) => input.name === get.name && versionHash(input.version) === hash),
    );
  return [
    { name: get.name, resource: get.resource, version, firstOccurrence: !used, passedBuilds: sourceBuilds },
  ];
}

function resolveAlone(job: Job, get: GetStep, view: SchedulerView): StoredVersion | string {
  const resource = view.resource(get.resource);
  const pin = pinOf(get, view);
  if (typeof pin === 'object') {
    return resource.history.findPinned(pin) ?? `pinned version ${JSON.stringify(pin)} not found`;
  }
  const enabled = resource.enabled();
  const latest = enabled.at(-1);
  if (!latest) return 'latest version of resource not found';
  return get.version === 'every' ? (nextEvery(job, get, view, enabled) ?? latest) : latest;
}

/** `version: every` walks on from the newest version this job has used, and stays there when there is no newer one. */
function nextEvery(
  job: Job,
  get: GetStep,
  view: SchedulerView,
  enabled: readonly StoredVersion[],
): StoredVersion | undefined {
  const { history } = view.resource(get.resource);
  const used = view.builds
    .filter((build) => build.job === job)
    .flatMap(({ inputs }) => inputs.filter(({ resource }) => resource === get.resource))
    .map(({ version }) => history.find(version)?.checkOrder ?? 0);
  if (used.length === 0) return undefined;
  const last = Math.max(...used);
  return (
    enabled.find(({ checkOrder }) => checkOrder > last) ??
    enabled.findLast(({ checkOrder }) => checkOrder <= last)
  );
}

/** Inputs that share an upstream job, directly or through others, are resolved together. */
function groupByPassed(gets: readonly GetStep[]): GetStep[][] {
  const groups: GetStep[][] = [];
  for (const get of gets) {
    const related = groups.filter((group) =>
      group.some(({ passed }) => passed.some((job) => get.passed.includes(job))),
    );
    const merged = [...related.flat(), get];
    related.forEach((group) => groups.splice(groups.indexOf(group), 1));
    groups.push(merged);
  }
  return groups;
}
