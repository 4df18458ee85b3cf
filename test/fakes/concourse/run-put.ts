import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mount } from './artifacts.ts';
import { decodeResult } from './answers.ts';
import { stepEnv } from './build-env.ts';
import type { StepContext } from './platform.ts';
import { choosePutInputs } from './put-inputs.ts';
import { evaluateConfig, historyOf } from './resource-config.ts';
import { encodeRequest, runGet } from './run-get.ts';
import type { PutStep } from './step.ts';
import { recordStep, withStepTimeout } from './step-recorder.ts';
import type { StepRecorder } from './step-recorder.ts';
import type { Version } from './version.ts';

/** A put and, unless `no_get`, the get of the version it made; that one runs as if under `on_success` (1.3, 1.4). */
export async function runPut(context: StepContext, step: PutStep): Promise<boolean> {
  let version: Version = {};
  const label = { kind: 'put', name: step.name, implicit: false } as const;
  const succeeded = await recordStep(context, label, async (recorder) => {
    const made = await runOut(context, step, recorder);
    if (made) version = made;
    return made !== undefined;
  });
  if (!succeeded || step.noGet) return succeeded;
  return await runGet(
    { ...context, buildStatus: 'succeeded' },
    {
      name: step.name,
      resource: step.resource,
      params: step.getParams,
      version,
      timeoutMs: step.timeoutMs,
      implicit: true,
    },
  );
}

async function runOut(
  context: StepContext,
  step: PutStep,
  recorder: StepRecorder,
): Promise<Version | undefined> {
  const { platform, build, vars, artifacts } = context.state;
  const resource = platform.resource(step.resource);
  const config = evaluateConfig(platform, resource.config, vars);
  const params = vars.evaluate(step.params ?? {});
  const inputs = choosePutInputs(step, artifacts);
  const dir = join(await context.state.newContainer(`put-${step.name}`), 'put');
  await mkdir(dir);
  for (const name of inputs) await mount(artifacts.get(name) ?? '', join(dir, name));
  recorder.run.dir = dir;
  const path = join(config.folder, 'out');
  const env = stepEnv(context, resource.config.exposeBuildCreatedBy ? build.createdBy : undefined);
  const stdin = encodeRequest({ source: config.source, params });
  const exitCode = await withStepTimeout(context.signal, step.timeoutMs, (signal) =>
    recorder.process({ path, args: [dir], env, cwd: '/', stdin }, signal),
  );
  if (exitCode !== 0) return undefined;
  const result = decodeResult(recorder.run.stdoutRaw, `${path} ${dir}`);
  // saved at once: jobs with a `get` without `passed` can be scheduled while this build still runs (C7)
  const history = historyOf(platform, resource.config, config);
  history.saveOutput(result.version, result.metadata);
  resource.pointTo(history);
  build.outputs.push({ resource: step.resource, version: result.version });
  Object.assign(recorder.run, result);
  return result.version;
}
