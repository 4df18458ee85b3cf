import type { Resource } from './pipeline.ts';
import { versionHash } from './version.ts';
import type { Version } from './version.ts';
import { VersionHistory } from './version-store.ts';
import type { StoredVersion } from './version-store.ts';

/** What Concourse remembers of one resource of a pipeline: its current history, pin and disabled versions. */
export class ResourceState {
  readonly config: Resource;
  #history = new VersionHistory();
  #apiPin: Version | undefined;
  readonly #disabled = new Set<string>();

  constructor(config: Resource) {
    this.config = config;
  }

  get history(): VersionHistory {
    return this.#history;
  }

  /** Points the resource to the history of its latest evaluated source; a changed source shows an empty one (C10). */
  pointTo(history: VersionHistory): void {
    this.#history = history;
  }

  /** The pin of the pipeline file wins over the one set by API or fly. */
  get pin(): Version | undefined {
    return this.config.version ?? this.#apiPin;
  }

  pinTo(version: Version | undefined): void {
    this.#apiPin = version;
  }

  disable(version: Version): void {
    this.#disabled.add(versionHash(version));
  }

  enable(version: Version): void {
    this.#disabled.delete(versionHash(version));
  }

  isDisabled(version: Version): boolean {
    return this.#disabled.has(versionHash(version));
  }

  /** Versions that a job may use, oldest first. */
  enabled(): StoredVersion[] {
    return this.#history.all().filter(({ version }) => !this.isDisabled(version));
  }
}
