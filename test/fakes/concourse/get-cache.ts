import { createHash } from 'node:crypto';
import type { VersionResult } from './answers.ts';
import { encodeJson } from './go-json.ts';
import type { Version } from './version.ts';

export interface CachedGet {
  readonly dir: string;
  readonly result: VersionResult;
}

/** Key of a get: resource config, requested version, get params. BUILD_* is not part of it (concourse.md 1.3). */
export function getCacheKey(configKey: string, version: Version, params: unknown): string {
  return createHash('sha256')
    .update(encodeJson([configKey, version, params ?? {}]))
    .digest('hex');
}

/** The resource caches of a worker. Equal gets run one after the other, so that the second finds the first's cache. */
export class GetCache {
  readonly #entries = new Map<string, CachedGet>();
  readonly #running = new Map<string, Promise<unknown>>();

  /** The cached get, else what `run` fetches; an undefined answer (a failed `in`) is not cached. */
  async fetch(
    key: string,
    run: () => Promise<CachedGet | undefined>,
  ): Promise<{ entry: CachedGet | undefined; hit: boolean }> {
    const before = this.#running.get(key);
    const turn = Promise.withResolvers<undefined>();
    this.#running.set(key, turn.promise);
    await before;
    try {
      const cached = this.#entries.get(key);
      if (cached) return { entry: cached, hit: true };
      const entry = await run();
      if (entry) this.#entries.set(key, entry);
      return { entry, hit: false };
    } finally {
      turn.resolve(undefined);
    }
  }
}
