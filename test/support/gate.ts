import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startFakeListener } from '../fakes/listener/server.ts';
import type { FakeListener, FakeListenerOptions } from '../fakes/listener/server.ts';
import { runStep, withTempDir, writeTree } from './step.ts';
import type { StepOptions, StepResult } from './step.ts';
import { BUILD } from './world.ts';

/** A listener, and steps that run against it as processes. */
export interface GateWorld {
  readonly listener: FakeListener;
  /** A source that reaches it; `change` replaces top-level keys, `undefined` removes one. */
  readonly source: (change?: Record<string, unknown>) => Record<string, unknown>;
  readonly put: (params: unknown, options?: GateOptions) => Promise<StepResult>;
  readonly check: (version?: unknown, options?: GateOptions) => Promise<StepResult>;
  /** A get, and the files it wrote by their paths. */
  readonly get: (
    version: unknown,
    options?: GateOptions,
  ) => Promise<{ step: StepResult; files: Record<string, string> }>;
}

export interface GateOptions extends StepOptions {
  readonly source?: Record<string, unknown>;
  /** Files of the build by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Gives a test its own listener, checks at its end that nothing was asked that the contract does not have, and closes it. */
export async function withGate(
  use: (world: GateWorld) => Promise<void>,
  options: FakeListenerOptions = {},
): Promise<void> {
  const listener = await startFakeListener(options);
  try {
    await use(worldOf(listener));
    listener.expectNoUnknown();
  } finally {
    await listener.close();
  }
}

function worldOf(listener: FakeListener): GateWorld {
  const source = (change: Record<string, unknown> = {}) => ({
    gate: 'release',
    listener: { url: listener.url, token: listener.token },
    ...change,
  });
  const run = (
    step: 'check' | 'in' | 'out',
    request: object,
    { source: given, files: _files, ...options }: GateOptions,
    dir: string,
  ) => runStep(step, { source: given ?? source(), ...request }, { dir, env: BUILD, ...options });
  return {
    listener,
    source,
    put: (params, options = {}) =>
      withTempDir(async (dir) => {
        await writeTree(dir, options.files ?? {});
        return run('out', { params }, options, dir);
      }),
    check: (version, options = {}) => run('check', version === undefined ? {} : { version }, options, ''),
    get: (version, options = {}) =>
      withTempDir(async (dir) => {
        const step = await run('in', { version }, options, dir);
        return { step, files: await readTree(dir) };
      }),
  };
}

/** All files below a folder by their paths. */
export async function readTree(dir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of await readdir(dir, { recursive: true })) {
    if ((await stat(join(dir, path))).isFile()) found[path] = await readFile(join(dir, path), 'utf8');
  }
  return found;
}

/** Waits until something holds; a test that would wait for ever fails by its own timeout. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
