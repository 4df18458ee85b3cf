import type { PutStep } from './step.ts';
/**
 * Names of the artifacts mounted into a put (concourse.md 1.3). `detect` guesses from the params *before* their vars
 * are evaluated; a listed artifact that does not exist is an error, a guessed one is no artifact.
 */
export declare function choosePutInputs(step: PutStep, artifacts: ReadonlyMap<string, string>): string[];
