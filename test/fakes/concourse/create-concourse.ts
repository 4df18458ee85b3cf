import { dirname } from 'node:path';
import { BuildVars } from './build-vars.ts';
import type { Credentials, VarSource } from './build-vars.ts';
import { Cluster } from './cluster.ts';
import { Concourse } from './concourse.ts';
import { isRecord } from './is-record.ts';
import { parsePipeline } from './parse-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { missingTypes } from './resource-config.ts';
import { ResourceState } from './resource-state.ts';

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

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Sets a pipeline on a Concourse; throws everything `fly validate-pipeline` would refuse, at once. */
export function createConcourse(options: ConcourseOptions): Concourse {
  const pipeline = parsePipeline(options.pipeline, { ...options.flyVars, ...options.instanceVars });
  const credentials = credentialsOf(pipeline, options);
  const problems = missingTypes(pipeline, new BuildVars(credentials), options.resourceTypes);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const cluster = options.cluster ?? new Cluster();
  const team = options.team ?? 'main';
  const identity = {
    team,
    teamId: cluster.teamId(team),
    pipeline: options.pipelineName ?? 'app',
    pipelineId: cluster.nextPipelineId(),
    instanceVars: options.instanceVars,
    externalUrl: options.externalUrl ?? 'https://ci.example.com',
  };
  const platform = {
    identity,
    pipeline,
    credentials,
    resourceTypes: options.resourceTypes,
    resource: resourceLookup(pipeline),
    versions: cluster.versions,
    cache: cluster.cache,
    globalResources: cluster.globalResources,
    workDir: options.workDir,
    // PATH of the image; the node that runs the tests comes first
    env: { PATH: `${dirname(process.execPath)}:${DEFAULT_PATH}`, ...options.env },
    graceMs: options.graceMs ?? 10_000,
  };
  return new Concourse(platform, cluster, options.buildCreatedBy);
}

function resourceLookup(pipeline: Pipeline): (name: string) => ResourceState {
  const states = new Map(pipeline.resources.map((resource) => [resource.name, new ResourceState(resource)]));
  return (name) => {
    const state = states.get(name);
    if (!state) throw new Error(`unknown resource '${name}'`);
    return state;
  };
}

function credentialsOf(pipeline: Pipeline, options: ConcourseOptions): Credentials {
  const varSources: Record<string, VarSource> = { ...options.varSources };
  for (const { name, type, config } of pipeline.varSources) {
    if (Object.hasOwn(varSources, name)) continue;
    const values = config['vars'];
    if (type !== 'dummy' || !isRecord(values))
      throw new Error(`no values were given for var source '${name}'`);
    varSources[name] = values;
  }
  return { vars: options.vars ?? {}, varSources };
}
