import type { BuildRecord } from './build-record.ts';
import { encodeJson } from './go-json.ts';
import { isRecord } from './is-record.ts';
import type { PipelineIdentity, Platform, StepContext } from './platform.ts';

type Env = Record<string, string>;

/** The environment of a get or put: exactly the variables of concourse.md 1.4, over the worker's and image's own. */
export function stepEnv({ state, buildStatus }: StepContext, createdBy?: string): Env {
  const { platform, build } = state;
  const { identity } = platform;
  const jobId = platform.pipeline.jobs.indexOf(build.job) + 1;
  return {
    ...platform.env,
    BUILD_ID: String(build.id),
    BUILD_NAME: build.name,
    BUILD_TEAM_ID: String(identity.teamId),
    BUILD_TEAM_NAME: identity.team,
    BUILD_JOB_ID: String(jobId),
    BUILD_JOB_NAME: build.jobName,
    BUILD_PIPELINE_ID: String(identity.pipelineId),
    BUILD_PIPELINE_NAME: identity.pipeline,
    ...(identity.instanceVars ? { BUILD_PIPELINE_INSTANCE_VARS: encodeJson(identity.instanceVars) } : {}),
    ATC_EXTERNAL_URL: identity.externalUrl,
    BUILD_URL: buildUrl(identity, build),
    BUILD_URL_SHORT: `${identity.externalUrl}/builds/${build.id}`,
    ...(buildStatus === undefined ? {} : { BUILD_STATUS: buildStatus }),
    ...(createdBy === undefined ? {} : { BUILD_CREATED_BY: createdBy }),
  };
}

/** A check must not rely on any BUILD_* (C8), so it gets none; nor ATC_EXTERNAL_URL, which only leaks in. */
export function checkEnv(platform: Platform): Env {
  return { ...platform.env };
}

/** A task sees its own params and ATC_EXTERNAL_URL, no BUILD_* (atc/exec/step_metadata.go, TaskEnv). */
export function taskEnv(platform: Platform, params: Readonly<Env>): Env {
  return { ...platform.env, ATC_EXTERNAL_URL: platform.identity.externalUrl, ...params };
}

function buildUrl(identity: PipelineIdentity, build: BuildRecord): string {
  const { externalUrl, team, pipeline, instanceVars } = identity;
  const url = `${externalUrl}/teams/${team}/pipelines/${pipeline}/jobs/${build.jobName}/builds/${build.name}`;
  const query = new URLSearchParams(instanceVarsQuery(instanceVars ?? {}, 'vars'));
  query.sort();
  return query.size > 0 ? `${url}?${query.toString()}` : url;
}

/** `vars.branch="main"`: the value is JSON, so a string keeps its quotes (C14). */
export function instanceVarsQuery(value: unknown, path: string): [string, string][] {
  if (!isRecord(value)) return [[path, encodeJson(value)]];
  return Object.entries(value).flatMap(([key, each]) => instanceVarsQuery(each, `${path}.${key}`));
}
