import type { StepContext } from './platform.ts';
import type { PutStep } from './step.ts';
/** A put and, unless `no_get`, the get of the version it made; that one runs as if under `on_success` (1.3, 1.4). */
export declare function runPut(context: StepContext, step: PutStep): Promise<boolean>;
