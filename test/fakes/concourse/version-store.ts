import { matchesPin, versionHash } from './version.ts';
import type { MetadataField, Version } from './version.ts';

/** One row of `resource_config_versions`. */
export interface StoredVersion {
  readonly hash: string;
  readonly version: Version;
  readonly metadata: readonly MetadataField[] | undefined;
  readonly checkOrder: number;
}

/** The version history of one scope: a resource type's image plus evaluated source (concourse.md 1.2). */
export class VersionHistory {
  readonly #rows = new Map<string, StoredVersion>();

  /**
   * Saves what a check returned, oldest first. The check order of all returned versions is bumped only when at least
   * one is new, so re-returning known ones beside a new one reorders them (atc/db/resource_config_scope.go). True
   * when there was a new one.
   */
  saveChecked(versions: readonly Version[]): boolean {
    versions.forEach(refuseEmpty); // one transaction: a bad version saves none
    const isNew = versions.map((version) => this.#insert(version, undefined)).includes(true);
    if (isNew) versions.forEach((version) => this.#bump(version));
    return isNew;
  }

  /** Saves a put's version with the next check order; a known one keeps its order (inferred from SaveOutput). */
  saveOutput(version: Version, metadata: readonly MetadataField[]): boolean {
    refuseEmpty(version);
    const isNew = this.#insert(version, metadata);
    if (isNew) this.#bump(version);
    return isNew;
  }

  /** Stores what a get answered under the version it answered; for an unknown version it is lost (concourse.md 1.1). */
  updateMetadata(version: Version, metadata: readonly MetadataField[]): void {
    const row = this.find(version);
    if (row) this.#rows.set(row.hash, { ...row, metadata });
  }

  /** Oldest first, by check order. */
  all(): StoredVersion[] {
    return [...this.#rows.values()].toSorted((a, b) => a.checkOrder - b.checkOrder);
  }

  find(version: Version): StoredVersion | undefined {
    return this.#rows.get(versionHash(version));
  }

  findPinned(pin: Version): StoredVersion | undefined {
    return this.all().findLast(({ version }) => matchesPin(version, pin));
  }

  clear(): void {
    this.#rows.clear();
  }

  #insert(version: Version, metadata: readonly MetadataField[] | undefined): boolean {
    const hash = versionHash(version);
    const known = this.#rows.get(hash);
    const row = { hash, version, checkOrder: known?.checkOrder ?? 0 };
    this.#rows.set(hash, { ...row, metadata: metadata ?? known?.metadata });
    return known === undefined;
  }

  #bump(version: Version): void {
    const row = this.find(version);
    const last = Math.max(...[...this.#rows.values()].map(({ checkOrder }) => checkOrder));
    if (row) this.#rows.set(row.hash, { ...row, checkOrder: last + 1 });
  }
}

/** Every history of a Concourse, by scope. */
export class VersionStore {
  readonly #histories = new Map<string, VersionHistory>();

  history(scope: string): VersionHistory {
    const history = this.#histories.get(scope) ?? new VersionHistory();
    this.#histories.set(scope, history);
    return history;
  }
}

/** Rejected since 8.0, and since 8.3 also for a put (concourse.md 1.1, `version: {}`). */
function refuseEmpty(version: Version): void {
  if (Object.keys(version).length === 0) {
    throw new Error('version is empty: a version must contain at least one key-value pair');
  }
}
