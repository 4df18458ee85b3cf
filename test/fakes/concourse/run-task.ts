import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mount, readArtifactFile } from './artifacts.ts';
import { taskEnv } from './build-env.ts';
import { interpolate } from './interpolate.ts';
import { parseYaml } from './parse-pipeline.ts';
import type { StepContext } from './platform.ts';
import type { TaskStep } from './step.ts';
import { recordStep, withStepTimeout } from './step-recorder.ts';
import { overrideParams, parseTaskConfig } from './task-config.ts';
import type { TaskConfig } from './task-config.ts';

/**
 * Runs a task on this machine, its image ignored: inputs are copied into a working directory, outputs registered from
 * it, also when the task fails. A cache is an empty folder each time, which a task has to expect.
 */
export function runTask(context: StepContext, step: TaskStep): Promise<boolean> {
  return recordStep(context, { kind: 'task', name: step.name, implicit: false }, async (recorder) => {
    const { platform, artifacts } = context.state;
    const config = await loadConfig(context, step);
    if (step.image !== undefined && !artifacts.has(step.image)) {
      throw new Error(`missing image artifact source: ${step.image}`);
    }
    const dir = join(await context.state.newContainer(`task-${step.name}`), 'build');
    await mkdir(dir);
    recorder.run.dir = dir;
    await mountInputs(context, step, config, dir);
    for (const output of config.outputs) await mkdir(join(dir, output.path), { recursive: true });
    const { path, args } = config.run;
    const command = { path, args, cwd: join(dir, config.run.dir), env: taskEnv(platform, config.params) };
    try {
      const exitCode = await withStepTimeout(context.signal, step.timeoutMs, (signal) =>
        recorder.process(command, signal),
      );
      return exitCode === 0;
    } finally {
      for (const { name, path: output } of config.outputs) {
        artifacts.set(step.outputMapping[name] ?? name, join(dir, output));
      }
    }
  });
}

/** `vars` of the step fill a config file first, then its params are overridden, then credentials are filled in. */
async function loadConfig({ state }: StepContext, step: TaskStep): Promise<TaskConfig> {
  let config: unknown = step.config;
  if (step.file !== undefined) {
    const file = String(state.vars.evaluate(step.file));
    const vars = step.vars;
    config = interpolate(
      parseYaml(await readArtifactFile(state.artifacts, file)),
      ({ path }) => (Object.hasOwn(vars, path) ? { value: vars[path] } : undefined),
      true,
    );
  }
  return parseTaskConfig(state.vars.evaluate(overrideParams(config, step.params)));
}

async function mountInputs(
  { state }: StepContext,
  step: TaskStep,
  config: TaskConfig,
  dir: string,
): Promise<void> {
  const sources = config.inputs.map((input) => ({
    ...input,
    source: step.inputMapping[input.name] ?? input.name,
  }));
  const missing = sources.filter(({ source, optional }) => !optional && !state.artifacts.has(source));
  if (missing.length > 0)
    throw new Error(`missing inputs: ${missing.map(({ source }) => source).join(', ')}`);
  for (const { source, path } of sources) {
    const artifact = state.artifacts.get(source);
    if (artifact !== undefined) await mount(artifact, join(dir, path));
  }
}
