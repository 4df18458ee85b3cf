import type { Concourse } from './concourse.ts';
import type { ConcourseOptions } from './create-concourse.ts';
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
export declare function mockConcourse(pipeline: string, options?: MockOptions): MockConcourse;
export {};
