import { Fault, messageOf } from '../kit/fault.ts';
import { isRecord, kindOf } from '../kit/json.ts';

/** The JSON a step reads from stdin. Concourse leaves out `params` and `version` when they are empty (C4). */
export interface StepRequest {
  readonly source: unknown;
  readonly params: unknown;
  readonly version: unknown;
}

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
  return { source: value['source'], params: value['params'], version: value['version'] };
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
    const at = /position (\d+)/.exec(messageOf(cause))?.[1];
    const where = at === undefined ? 'it ends too early' : `at character ${at} of ${text.length}`;
    throw new Fault('REQUEST_INVALID', `stdin is not JSON: ${where}`, { hint: HINT });
  }
}
