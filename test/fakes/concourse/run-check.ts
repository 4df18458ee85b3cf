import { join } from 'node:path';
import { decodeCheck } from './answers.ts';
import { checkEnv } from './build-env.ts';
import { BuildVars } from './build-vars.ts';
import { messageOf } from './cancellation.ts';
import type { Platform } from './platform.ts';
import { RedactingWriter } from './redact.ts';
import { evaluateConfig, historyOf } from './resource-config.ts';
import { encodeRequest } from './run-get.ts';
import { runProcess } from './run-process.ts';
import { withStepTimeout } from './step-recorder.ts';
import type { Version } from './version.ts';

/** One check of one resource. */
export interface CheckRun {
  readonly resource: string;
  readonly status: 'succeeded' | 'failed' | 'errored';
  /** What `check` returned, oldest first. */
  readonly versions: readonly Version[];
  readonly stderr: string;
  readonly stderrRaw: string;
  readonly stdoutRaw: string;
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly exitCode: number | undefined;
  readonly error: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Checks from `from`, else from the latest version of the resource's history, and saves what comes back. Any version
 * may be given as `from`, also one that never existed: `fly check-resource --from` does not ask (C24).
 */
export async function runCheck(platform: Platform, name: string, from?: Version): Promise<CheckRun> {
  const run: Mutable<CheckRun> = {
    resource: name,
    status: 'succeeded',
    versions: [],
    stderr: '',
    stderrRaw: '',
    stdoutRaw: '',
    stdin: '',
    env: checkEnv(platform),
    exitCode: undefined,
    error: undefined,
  };
  try {
    await check(platform, name, from, run);
    if (run.exitCode !== 0) run.status = 'failed';
  } catch (error) {
    run.status = 'errored';
    run.error = messageOf(error);
  }
  return run;
}

async function check(
  platform: Platform,
  name: string,
  from: Version | undefined,
  run: Mutable<CheckRun>,
): Promise<void> {
  const resource = platform.resource(name);
  const vars = new BuildVars(platform.credentials);
  const config = evaluateConfig(platform, resource.config, vars);
  const history = historyOf(platform, resource.config, config);
  run.stdin = encodeRequest({ source: config.source, version: from ?? history.all().at(-1)?.version });
  const stderr = new RedactingWriter(
    () => vars.secrets(),
    (text) => (run.stderr += text),
  );
  const spec = { path: join(config.folder, 'check'), args: [], env: run.env, cwd: '/', stdin: run.stdin };
  run.exitCode = await withStepTimeout(
    new AbortController().signal,
    resource.config.checkTimeoutMs,
    (signal) =>
      runProcess({
        ...spec,
        signal,
        graceMs: platform.graceMs,
        onStdout: (chunk) => (run.stdoutRaw += chunk),
        onStderr: (chunk) => {
          run.stderrRaw += chunk;
          stderr.write(chunk);
        },
      }),
  ).finally(() => stderr.close());
  if (run.exitCode !== 0) return;
  run.versions = decodeCheck(run.stdoutRaw);
  history.saveChecked(run.versions);
  resource.pointTo(history);
}
