import { createHash } from 'node:crypto';
import type { BuildVars } from './build-vars.ts';
import { encodeJson } from './go-json.ts';
import { isRecord } from './is-record.ts';
import type { Pipeline, Resource, Source } from './pipeline.ts';
import type { Platform } from './platform.ts';
import type { VersionHistory } from './version-store.ts';

/** A resource with its credentials filled in. */
export interface ResourceConfig {
  /** Folder of `check`, `in` and `out`. */
  readonly folder: string;
  /** What stdin carries; `null` when the pipeline and the type's defaults give none (inferred, concourse.md 1.1). */
  readonly source: Source | null;
  /** Hash of (type image, evaluated source): the identity of version history and get cache (concourse.md 1.2). */
  readonly key: string;
}

/** Evaluates type and source of a resource: the type's `defaults` are merged shallowly under the source (1.5). */
export function evaluateConfig(platform: Platform, resource: Resource, vars: BuildVars): ResourceConfig {
  const type = platform.pipeline.resourceTypes.find(({ name }) => name === resource.type);
  const image = asSource(vars.evaluate(type?.source ?? {}));
  const folder = findFolder(platform.resourceTypes, resource.type, image);
  const source = mergeDefaults(type?.defaults, resource.source);
  const evaluated = source === null ? null : asSource(vars.evaluate(source));
  const key = createHash('sha256')
    .update(encodeJson([folder, image, evaluated]))
    .digest('hex');
  return { folder, source: evaluated, key };
}

/** The history of a resource with this config; one of its own unless global resources are enabled (1.2). */
export function historyOf(platform: Platform, resource: Resource, config: ResourceConfig): VersionHistory {
  const { pipelineId } = platform.identity;
  const owner = platform.globalResources ? '' : `${pipelineId}/${resource.name}/`;
  return platform.versions.history(owner + config.key);
}

/** Problems of types this fake was given no folder for; an image repository is known only with its evaluated vars. */
export function missingTypes(
  pipeline: Pipeline,
  vars: BuildVars,
  folders: Readonly<Record<string, string>>,
): string[] {
  return pipeline.resources.flatMap((resource) => {
    const type = pipeline.resourceTypes.find(({ name }) => name === resource.type);
    try {
      findFolder(folders, resource.type, asSource(vars.evaluate(type?.source ?? {})));
      return [];
    } catch (error) {
      return [`resources.${resource.name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

function findFolder(folders: Readonly<Record<string, string>>, type: string, image: Source): string {
  const repository = image['repository'];
  const name = typeof repository === 'string' ? repository : type;
  const folder = Object.hasOwn(folders, name) ? folders[name] : undefined;
  if (folder === undefined) throw new Error(`no folder was given for resource type '${name}'`);
  return folder;
}

/** Source.Merge of atc/resource_types.go. */
function mergeDefaults(defaults: Source | undefined, source: Source | undefined): Source | null {
  if (Object.keys(defaults ?? {}).length === 0 && source === undefined) return null;
  return { ...defaults, ...source };
}

function asSource(value: unknown): Source {
  if (!isRecord(value)) throw new Error('source must be a map');
  return value;
}
