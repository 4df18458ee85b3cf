import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Concourse } from './concourse.ts';
import { createConcourse } from './create-concourse.ts';
import type { ConcourseOptions } from './create-concourse.ts';
import { isRecord } from './is-record.ts';

/** What a process of the mock resource saw of itself. */
export interface MockRun {
  readonly script: string;
  readonly argv: readonly string[];
  /** The request, parsed and as written. */
  readonly stdin: Record<string, unknown>;
  readonly text: string;
  readonly env: Record<string, unknown>;
  readonly cwd: string;
  /** Files under `$1` of a put. */
  readonly listing: readonly unknown[];
}

export interface MockConcourse extends Concourse {
  /** Runs of the mock resource so far, in order; of one script when given. */
  runs(script?: 'check' | 'in' | 'out'): MockRun[];
  readonly workDir: string;
}

type MockOptions = Partial<Omit<ConcourseOptions, 'pipeline' | 'workDir'>>;

/**
 * A Concourse with a pipeline of YAML text in a temporary folder that goes with the test. Its `resource_types` has
 * `mock` unless it brings its own, and `((record))` is the file where the mock resource notes its runs.
 */
export function mockConcourse(pipeline: string, options: MockOptions = {}): MockConcourse {
  const workDir = mkdtempSync(join(tmpdir(), 'concourse-'));
  onTestFinished(() => rmSync(workDir, { recursive: true, force: true }));
  const record = join(workDir, 'runs.jsonl');
  const concourse = createConcourse({
    pipeline: pipeline.includes('resource_types:') ? pipeline : `${pipeline}\n${MOCK_TYPE}`,
    workDir,
    ...options,
    resourceTypes: { 'example/mock': join(import.meta.dirname, 'mock-resource'), ...options.resourceTypes },
    flyVars: { record, ...options.flyVars },
  });
  onTestFinished(() => concourse.close()); // these hooks run in reverse order
  return Object.assign(concourse, {
    workDir,
    runs: (script?: string) =>
      readRuns(record).filter((run) => script === undefined || run.script === script),
  });
}

const MOCK_TYPE = `
resource_types:
- name: mock
  type: registry-image
  source: { repository: example/mock }
`;

function readRuns(file: string): MockRun[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => toRun(JSON.parse(line)));
}

function toRun(value: unknown): MockRun {
  if (!isRecord(value)) throw new Error('not a run');
  const { script, argv, stdin, text, env, cwd, listing } = value;
  return {
    script: String(script),
    argv: Array.isArray(argv) ? argv.map(String) : [],
    stdin: isRecord(stdin) ? stdin : {},
    text: String(text),
    env: isRecord(env) ? env : {},
    cwd: String(cwd),
    listing: Array.isArray(listing) ? listing : [],
  };
}
