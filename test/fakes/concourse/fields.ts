import { isRecord } from './is-record.ts';
import type { Version } from './version.ts';

/**
 * Reads the keys of one object of a pipeline, notes a problem for each wrong type, and knows which keys nobody asked
 * for. As in Go's decoder a null value equals an absent key.
 */
export class Fields {
  readonly at: string;
  readonly problems: string[];
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  constructor(value: unknown, at: string, problems: string[]) {
    this.at = at;
    this.problems = problems;
    this.#values = isRecord(value) ? value : {};
    if (!isRecord(value)) this.problem('must be a map');
  }

  problem(message: string): void {
    this.problems.push(`${this.at}: ${message}`);
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  raw(key: string): unknown {
    this.#asked.add(key);
    return this.#values[key] ?? undefined;
  }

  /** Accepts keys that Concourse knows and this fake has no use for. */
  ignore(...keys: readonly string[]): void {
    keys.forEach((key) => this.#asked.add(key));
  }

  string(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    this.problem(`${key} must be a string`);
    return undefined;
  }

  boolean(key: string): boolean {
    const value = this.raw(key) ?? false;
    if (typeof value === 'boolean') return value;
    this.problem(`${key} must be true or false`);
    return false;
  }

  integer(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value;
    this.problem(`${key} must be an integer`);
    return undefined;
  }

  record(key: string): Record<string, unknown> | undefined {
    const value = this.raw(key);
    if (value === undefined || isRecord(value)) return value;
    this.problem(`${key} must be a map`);
    return undefined;
  }

  list(key: string): readonly unknown[] {
    const value: unknown = this.raw(key) ?? [];
    if (Array.isArray(value)) return value;
    this.problem(`${key} must be a list`);
    return [];
  }

  strings(key: string): readonly string[] {
    const strings = this.list(key).filter((each) => typeof each === 'string');
    if (strings.length < this.list(key).length) this.problem(`${key} must be a list of strings`);
    return strings;
  }

  stringMap(key: string): Version | undefined {
    const entries = Object.entries(this.record(key) ?? {});
    for (const [name, value] of entries) {
      if (typeof value !== 'string') this.problem(`the value ${String(value)} of ${name} is not a string`);
    }
    return this.has(key)
      ? Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
      : undefined;
  }

  /** Reports every key that was not asked for, in the words of `fly validate-pipeline`. */
  refuseUnknown(): void {
    const unknown = Object.keys(this.#values).filter((key) => !this.#asked.has(key));
    if (unknown.length > 0) this.problem(`unknown fields [${unknown.map((key) => `"${key}"`).join(' ')}]`);
  }
}
