import { decodeFirst } from './go-json.ts';
import { isRecord } from './is-record.ts';
import type { MetadataField, Version } from './version.ts';

/** What `in` and `out` answer. */
export interface VersionResult {
  readonly version: Version;
  readonly metadata: readonly MetadataField[];
}

/** The versions `check` printed. Empty stdout and `null` mean none (8.3); anything but a list of maps is an error. */
export function decodeCheck(stdout: string): Version[] {
  if (stdout === '') return [];
  const value = decodeFirst(stdout);
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Error(`cannot unmarshal ${kindOf(value)} into []atc.Version`);
  return value.map((each: unknown) => decodeVersion(each) ?? {});
}

/** The answer of `in` or `out`; a missing, null or unprinted version is "output a null version" (concourse.md 1.1). */
export function decodeResult(stdout: string, script: string): VersionResult {
  const nullVersion = `resource script (${script}) output a null version`;
  if (stdout === '') throw new Error(nullVersion);
  const value = decodeFirst(stdout);
  if (value === null) throw new Error(nullVersion);
  if (!isRecord(value)) throw new Error(`cannot unmarshal ${kindOf(value)} into resource.VersionResult`);
  const metadata = decodeMetadata(value['metadata'] ?? []);
  const version = decodeVersion(value['version'] ?? null);
  if (!version) throw new Error(nullVersion);
  return { version, metadata };
}

/** Go's rule for `map[string]string`: a null value becomes an empty string, a number or boolean is an error. */
function decodeVersion(value: unknown): Version | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) throw new Error(`cannot unmarshal ${kindOf(value)} into atc.Version`);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, decodeString(each, `version.${key}`)]),
  );
}

function decodeMetadata(value: unknown): MetadataField[] {
  if (!Array.isArray(value)) throw new Error(`cannot unmarshal ${kindOf(value)} into metadata`);
  return value.map((field: unknown) => {
    if (!isRecord(field)) throw new Error(`cannot unmarshal ${kindOf(field)} into metadata field`);
    return {
      name: decodeString(field['name'], 'metadata.name'),
      value: decodeString(field['value'], 'metadata.value'),
    };
  });
}

function decodeString(value: unknown, at: string): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new Error(`cannot unmarshal ${kindOf(value)} into ${at} of type string`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}
