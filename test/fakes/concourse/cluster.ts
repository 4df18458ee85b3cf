import { GetCache } from './get-cache.ts';
import { VersionStore } from './version-store.ts';

/** A Concourse server that several pipelines and teams share: ids, version histories, get caches. */
export class Cluster {
  readonly versions = new VersionStore();
  readonly cache = new GetCache();
  readonly globalResources: boolean;
  readonly #teams: string[] = [];
  #pipelines = 0;
  #builds = 0;

  /** With `globalResources` (off by default) equal type and source share history across teams (C25). */
  constructor(options: { readonly globalResources?: boolean } = {}) {
    this.globalResources = options.globalResources ?? false;
  }

  teamId(name: string): number {
    if (!this.#teams.includes(name)) this.#teams.push(name);
    return this.#teams.indexOf(name) + 1;
  }

  nextPipelineId(): number {
    this.#pipelines += 1;
    return this.#pipelines;
  }

  nextBuildId(): number {
    this.#builds += 1;
    return this.#builds;
  }
}
