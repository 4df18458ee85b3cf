import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeResult } from './answers.ts';
import { stepEnv } from './build-env.ts';
import { getCacheKey } from './get-cache.ts';
import type { CachedGet } from './get-cache.ts';
import { encodeJson } from './go-json.ts';
import { isRecord } from './is-record.ts';
import type { StepContext } from './platform.ts';
import { evaluateConfig, historyOf } from './resource-config.ts';
import type { ResourceConfig } from './resource-config.ts';
import { recordStep, withStepTimeout } from './step-recorder.ts';
import type { StepRecorder } from './step-recorder.ts';
import type { Version } from './version.ts';

export interface GetRequest {
  readonly name: string;
  readonly resource: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly version: Version;
  readonly timeoutMs: number | undefined;
  /** The get that follows a put. */
  readonly implicit: boolean;
}

/** A get, explicit or after a put: from the cache, else by `in`; its metadata become `((.:name.key))`. */
export function runGet(context: StepContext, request: GetRequest): Promise<boolean> {
  const { name, implicit } = request;
  return recordStep(context, { kind: 'get', name, implicit }, async (recorder) => {
    const { platform, vars, artifacts } = context.state;
    const resource = platform.resource(request.resource);
    const config = evaluateConfig(platform, resource.config, vars);
    const params = vars.evaluate(request.params ?? {});
    const key = getCacheKey(config.key, request.version, params);
    const { entry, hit } = await platform.cache.fetch(key, () =>
      runIn(context, recorder, { ...request, params }, config),
    );
    if (!entry) return false;
    if (hit) recorder.writeStderr('\u001b[1;36mINFO: found existing resource cache\u001b[0m\n\n');
    const { version, metadata } = entry.result;
    Object.assign(recorder.run, { cached: hit, dir: entry.dir, version, metadata });
    historyOf(platform, resource.config, config).updateMetadata(version, metadata);
    artifacts.set(name, entry.dir);
    // a map: the last of two equal names wins (concourse.md 1.1); never redacted (1.3)
    vars.setLocal(name, Object.fromEntries(metadata.map((field) => [field.name, field.value])), false);
    return true;
  });
}

async function runIn(
  context: StepContext,
  recorder: StepRecorder,
  request: Omit<GetRequest, 'params'> & { readonly params: unknown },
  config: ResourceConfig,
): Promise<CachedGet | undefined> {
  const dir = join(await context.state.newContainer(`get-${request.name}`), 'get');
  await mkdir(dir);
  recorder.run.dir = dir;
  const stdin = encodeRequest({ source: config.source, params: request.params, version: request.version });
  const path = join(config.folder, 'in');
  const exitCode = await withStepTimeout(context.signal, request.timeoutMs, (signal) =>
    recorder.process({ path, args: [dir], env: stepEnv(context), cwd: '/', stdin }, signal),
  );
  if (exitCode !== 0) return undefined;
  return { dir, result: decodeResult(recorder.run.stdoutRaw, `${path} ${dir}`) };
}

/** The request of any script: `source` always, empty `params` and `version` left out (`omitempty`, concourse.md 1.1). */
export function encodeRequest(request: {
  readonly source: unknown;
  readonly params?: unknown;
  readonly version?: Version | undefined;
}): string {
  const optional = (['params', 'version'] as const).flatMap((key) => {
    const value = request[key];
    const empty = !isRecord(value) || Object.keys(value).length === 0;
    return empty ? [] : [`,"${key}":${encodeJson(value)}`];
  });
  return `{"source":${encodeJson(request.source)}${optional.join('')}}`;
}
