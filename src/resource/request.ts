import { Fault, messageOf } from '../kit/fault.ts';
import { isRecord, kindOf } from '../kit/json.ts';

/** The JSON a step reads from stdin. Concourse leaves out `params` and `version` when they are empty (C4). */
export interface StepRequest {
  readonly source: unknown;
  readonly params: unknown;
  readonly version: unknown;
}

/** Block Kit and everything of ours stay far below. */
const DEEPEST = 100;

const HINT =
  'Concourse writes this JSON; when you run the step by hand, pipe {"source": {…}, "params": {…}} into it';

/** Parses stdin. Faults: REQUEST_INVALID. What was read is never quoted: it holds secrets. */
export function parseRequest(bytes: Buffer): StepRequest {
  if (bytes.length === 0)
    throw new Fault('REQUEST_INVALID', 'stdin is empty, expected one JSON object', { hint: HINT });
  const value = parseJson(decode(bytes));
  if (!isRecord(value)) {
    throw new Fault('REQUEST_INVALID', `stdin holds ${kindOf(value)}, expected one JSON object`, {
      hint: HINT,
    });
  }
  if (isDeeper(value, DEEPEST)) {
    throw new Fault('REQUEST_INVALID', `stdin holds values nested more than ${DEEPEST} deep`, {
      hint: 'look for a list or map in source or params that contains itself over and over',
    });
  }
  return { source: value['source'], params: value['params'], version: value['version'] };
}

// What walks over a request later may then recurse.
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', 'stdin is not UTF-8 text', { hint: HINT, cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `stdin is not JSON${whereOf(messageOf(cause), text)}`, { hint: HINT });
  }
}

// Node's own message quotes what stands there, and tells the place only of some mistakes.
function whereOf(message: string, text: string): string {
  const at = /position (\d+)/.exec(message)?.[1];
  if (message.startsWith('Unexpected end') || Number(at) === text.length) return ': it ends too early';
  return at === undefined ? '' : `: at character ${at} of ${text.length}`;
}
