import type { Platform, StepContext } from './platform.ts';
type Env = Record<string, string>;
/** The environment of a get or put: exactly the variables of concourse.md 1.4, over the worker's and image's own. */
export declare function stepEnv({ state, buildStatus }: StepContext, createdBy?: string): Env;
/** A check must not rely on any BUILD_* (C8), so it gets none; nor ATC_EXTERNAL_URL, which only leaks in. */
export declare function checkEnv(platform: Platform): Env;
/** A task sees its own params and ATC_EXTERNAL_URL, no BUILD_* (atc/exec/step_metadata.go, TaskEnv). */
export declare function taskEnv(platform: Platform, params: Readonly<Env>): Env;
/** `vars.branch="main"`: the value is JSON, so a string keeps its quotes (C14). */
export declare function instanceVarsQuery(value: unknown, path: string): [string, string][];
export {};
