import type { AuditChain } from '../../durable/audit.ts';
import type { Engine } from '../../durable/engine.ts';
import { messageOf } from '../../kit/fault.ts';
import { createHttp } from '../../kit/http.ts';
import { freshCredentials } from '../../aws/fresh-credentials.ts';
import { openBucket } from '../../s3/objects.ts';
import { awsIdentity } from '../aws-identity.ts';
import type { AwsParts } from '../aws-identity.ts';
import type { Config } from '../config/config.ts';
import type { Parts } from '../parts.ts';
import { openManifests } from './manifest-place.ts';
import type { Manifests } from './manifest-place.ts';
import { walkMachine, WALK_ID } from './walk.ts';

const EVERY_MS = 3_600_000;

/** Has the engine verify the audit hourly and write manifests of it, where there is a place for them. */
export function watchAudit(
  engine: Engine,
  { key, chain, epoch }: { readonly key: Buffer; readonly chain: AuditChain; readonly epoch: number },
  parts: Parts,
): { start(): Promise<void> } {
  const { config, log, metrics } = parts;
  const walks = engine.keep(
    walkMachine({
      ...parts,
      key,
      chain,
      epoch,
      everyMs: config.manifest?.everyMs ?? EVERY_MS,
      manifests: manifestsOf(config, parts),
      failed: (count) => metrics.count('listener_audit_failures_total', {}, count),
    }),
  );
  return {
    async start() {
      if (config.role === 'intake') return;
      // The listener is worth more than its watch: the next start asks again.
      await walks
        .send(WALK_ID, { type: 'begin' })
        .catch((error: unknown) => log.warn(`the audit is not watched: ${messageOf(error)}`));
    },
  };
}

/** The place of the configuration, if there is one. */
export function manifestsOf({ manifest }: Pick<Config, 'manifest'>, parts: AwsParts): Manifests | undefined {
  return manifest && openManifests(manifest.to, bucketsOf(parts));
}

/** Opens buckets as the configured identity, which is looked for at the first need. */
export function bucketsOf(parts: AwsParts) {
  const { config, clock, env } = parts;
  const region = config.aws.region ?? 'us-east-1';
  const credentials = freshCredentials(awsIdentity(region, parts), clock);
  const http = createHttp(env);
  return async (bucket: string, signal?: AbortSignal) =>
    openBucket(
      { bucket, region, endpoint: config.aws.endpoint },
      { http, clock, credentials: await credentials(), signal },
    );
}
