import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord } from './build-record.ts';
import { BuildVars } from './build-vars.ts';
import { isCanceled, messageOf } from './cancellation.ts';
import type { Platform, RunState } from './platform.ts';
import { runStep } from './run-step.ts';

/** Runs the plan of a build to its end: an error anywhere makes it orange, an abort brown (atc/engine). */
export async function runBuild(platform: Platform, build: BuildRecord): Promise<void> {
  const state: RunState = {
    platform,
    build,
    vars: new BuildVars(platform.credentials),
    artifacts: new Map(),
    newContainer: containers(join(platform.workDir, 'builds', String(build.id))),
  };
  try {
    const context = { state, signal: build.signal, buildStatus: undefined };
    build.finish((await runStep(context, build.job.plan)) ? 'succeeded' : 'failed');
  } catch (error) {
    if (!build.steps.some((step) => step.error !== undefined)) build.append(`${messageOf(error)}\n`);
    build.finish(isCanceled(error) ? 'aborted' : 'errored');
  }
}

function containers(dir: string): RunState['newContainer'] {
  let count = 0;
  return async (label) => {
    count += 1;
    const container = join(dir, `${String(count).padStart(2, '0')}-${label}`);
    await mkdir(container, { recursive: true });
    return container;
  };
}
