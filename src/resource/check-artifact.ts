import { LONGEST_PRESIGN_SECONDS } from '../aws/limits.ts';
import { parseDuration } from '../kit/duration.ts';
import { isRecord } from '../kit/json.ts';
import type { Problem } from './problems.ts';
import type { Artifact } from './schema.ts';
import type { Source } from './source.ts';

/** What a schema cannot say of an artifact. */
export function checkArtifact(artifact: Artifact, path: string): Problem[] {
  if (!isRecord(artifact)) return [];
  const problems: Problem[] = [];
  const origins = (['key', 'key_file', 'file', 'graph'] as const).filter(
    (key) => artifact[key] !== undefined,
  );
  const stored = origins.length === 2 && origins.includes('key') && origins.includes('file');
  if (origins.length !== 1 && !stored) {
    problems.push({
      path,
      message:
        origins.length === 0
          ? 'needs a key, key_file or file'
          : `has both ${origins.join(' and ')}: choose one`,
    });
  }
  if (artifact.graph !== undefined || artifact.via !== undefined || artifact.range !== undefined) {
    const key = artifact.graph !== undefined ? 'graph' : artifact.via !== undefined ? 'via' : 'range';
    problems.push({
      path: `${path}.${key}`,
      message: 'is for a later release: graphs and short links do not exist yet',
    });
  }
  if (artifact.version_id !== undefined && artifact.file !== undefined) {
    problems.push({ path: `${path}.version_id`, message: 'a file of the build has no version' });
  }
  if (
    artifact.expires_in !== undefined &&
    (parseDuration(String(artifact.expires_in)) ?? 0) > LONGEST_PRESIGN_SECONDS
  ) {
    problems.push({
      path: `${path}.expires_in`,
      message: 'must be at most 7d, the longest life of a presigned link',
    });
  }
  return problems;
}

/** A block of the source that a feature asks for. */
export function needed(
  rawSource: Readonly<Record<string, unknown>>,
  block: string,
  reason: string,
): Problem[] {
  const value = rawSource[block];
  return value === undefined || value === null
    ? [{ path: `source.${block}`, message: `required ${reason}` }]
    : [];
}

/** What artifacts in S3 ask of a source. One that is wrong has told its own problems already. */
export function checkBucket(
  rawSource: Readonly<Record<string, unknown>>,
  source: Source | undefined,
): Problem[] {
  const problems = needed(rawSource, 's3', 'for artifacts in S3');
  if (source?.s3 && !source.aws.region && !source.aws.endpoint)
    problems.push({ path: 'source.aws.region', message: 'required for artifacts in S3' });
  return problems;
}

/** What `params.aws` asks of a source. */
export function checkIdentity(aws: unknown, source: Source | undefined): Problem[] {
  if (!isRecord(aws) || aws['web_identity_token'] === undefined || !source) return [];
  const problems: Problem[] = [];
  if (!source.aws.role)
    problems.push({ path: 'source.aws.role_arn', message: 'required with params.aws.web_identity_token' });
  if (source.aws.keys)
    problems.push({
      path: 'params.aws.web_identity_token',
      message: 'cannot stand beside source.aws.access_key_id: choose one identity',
    });
  return problems;
}
