import type { Fields } from './fields.ts';
import type { GetStep, LoadVarStep, PutStep, TaskStep } from './step.ts';
type Timeout = number | undefined;
export declare function parseGet(fields: Fields, timeoutMs: Timeout): GetStep;
export declare function parsePut(fields: Fields, timeoutMs: Timeout): PutStep;
export declare function parseTask(fields: Fields, timeoutMs: Timeout): TaskStep;
export declare function parseLoadVar(fields: Fields): LoadVarStep;
export {};
