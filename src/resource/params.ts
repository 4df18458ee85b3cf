import { parseDuration } from '../kit/duration.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { checkMessage } from './check-message.ts';
import type { MessageContext } from './check-message.ts';
import { withoutNulls } from './nulls.ts';
import { joinProblems, schemaProblems } from './problems.ts';
import type { Problem, Shape, Validator } from './problems.ts';
import type { ApprovalParams, CallParams, ClaimParams, GetParams, MessageParams } from './schema.ts';
import { parseSource } from './source.ts';
import type { Source } from './source.ts';

const SHAPES = ['approval', 'claim', 'call'] as const;
type PutShape = Exclude<Shape, 'source' | 'get'>;

/** A put that has passed every check, by its shape. */
export type PutRequest = MessagePut | ApprovalPut | ClaimPut | CallPut;
export type MessagePut = Put<'message', MessageParams>;
export type ApprovalPut = Put<'approval', ApprovalParams>;
export type ClaimPut = Put<'claim', ClaimParams>;
export type CallPut = Put<'call', CallParams>;

interface Put<S extends PutShape, P> {
  readonly shape: S;
  readonly source: Source;
  readonly params: P;
}

/**
 * Reads the source and params of a put, choosing the shape by its key. Faults: SOURCE_INVALID or PARAMS_INVALID with all
 * problems of both at once.
 */
export async function parsePut(source: unknown, params: unknown, hasStatus: boolean): Promise<PutRequest> {
  const value = withoutNulls(params ?? {});
  const shape = shapeOf(value);
  const [parsed, problems] = await Promise.all([parseSource(source), shapeProblems(shape, value)]);
  const sourceProblems = 'problems' in parsed ? parsed.problems : [];
  if (Array.isArray(value) || !isRecord(value)) refuse(sourceProblems, problems);
  const context = { source: 'source' in parsed ? parsed.source : undefined, rawSource: source, hasStatus };
  problems.push(...(await crossProblems(shape, value, context, problems)));
  refuse(sourceProblems, problems);
  if (!('source' in parsed)) throw new Error('unreachable: refused above');
  const { source: checked } = parsed;
  if (shape === 'message' && isMessage(value)) return { shape, source: checked, params: value };
  if (shape === 'approval' && isApproval(value)) return { shape, source: checked, params: value };
  if (shape === 'claim' && isClaim(value)) return { shape, source: checked, params: value };
  if (shape === 'call' && isCall(value)) return { shape, source: checked, params: value };
  throw new Error('unreachable: a put has one of four shapes');
}

/** Reads the source and params of a get. */
export async function parseGet(
  source: unknown,
  params: unknown,
): Promise<{ source: Source; params: GetParams }> {
  const value = withoutNulls(params ?? {});
  const { validate } = await import('../../generated/get.js');
  const [parsed, problems] = await Promise.all([
    parseSource(source),
    schemaProblems('params', 'get', validate, value),
  ]);
  problems.push(...durationProblems(value, 'params'));
  if (isRecord(value) && value['call'] !== undefined && isGet(value)) {
    const { checkGetCall } = await import('./check-call.ts');
    const context = { source: 'source' in parsed ? parsed.source : undefined, rawSource: source };
    problems.push(...checkGetCall(value, { ...context, hasStatus: false }, problems));
  }
  refuse('problems' in parsed ? parsed.problems : [], problems);
  if (!('source' in parsed) || !isGet(value)) throw new Error('unreachable: refused above');
  return { source: parsed.source, params: value };
}

/** Throws the one Fault that tells every problem of source and params. */
export function refuse(source: readonly Problem[], params: readonly Problem[]): void {
  const all = [...source, ...params];
  if (all.length === 0) return;
  throw new Fault(source.length > 0 ? 'SOURCE_INVALID' : 'PARAMS_INVALID', joinProblems(all), {
    hint: 'see the tables of source and params in the README',
  });
}

function shapeOf(value: unknown): PutShape {
  return SHAPES.find((key) => isRecord(value) && key in value) ?? 'message';
}

async function shapeProblems(shape: PutShape, value: unknown): Promise<Problem[]> {
  const problems = await schemaProblems('params', shape, await validatorOf(shape), value);
  const named = SHAPES.filter((key) => isRecord(value) && key in value);
  if (named.length > 1) {
    return [{ path: 'params', message: `one put does one thing: choose among ${named.join(' and ')}` }];
  }
  return [...problems, ...durationProblems(value, 'params')];
}

// What a schema cannot say. Each shape loads only its own part.
async function crossProblems(
  shape: PutShape,
  value: unknown,
  context: MessageContext,
  told: readonly Problem[],
): Promise<Problem[]> {
  if (shape === 'message') return isMessage(value) ? checkMessage(value, context, told) : [];
  if (shape === 'call') {
    const { checkCall } = await import('./check-call.ts');
    return isCall(value) ? checkCall(value, context, told) : [];
  }
  const { checkApproval, checkClaim } = await import('./check-approval.ts');
  if (shape === 'approval') return isApproval(value) ? checkApproval(value, context, told) : [];
  if (shape === 'claim') return isClaim(value) ? checkClaim(value, context, told) : [];
  return [];
}

async function validatorOf(shape: PutShape): Promise<Validator> {
  switch (shape) {
    case 'approval':
      return (await import('../../generated/approval.js')).validate;
    case 'claim':
      return (await import('../../generated/claim.js')).validate;
    case 'call':
      return (await import('../../generated/call.js')).validate;
    case 'message':
      return (await import('../../generated/message.js')).validate;
    default:
      return shape satisfies never;
  }
}

const DURATIONS = new Set(['expires_in', 'range', 'timeout', 'remind_every', 'abandon_after', 'every']);

function durationProblems(value: unknown, path: string): Problem[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => durationProblems(item, `${path}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (key === 'vars' || key === 'blocks' || key === 'body' || key === 'value' || key === 'context')
      return [];
    const at = `${path}.${key}`;
    if (!DURATIONS.has(key) || typeof child !== 'string') return durationProblems(child, at);
    return parseDuration(child) === undefined
      ? [{ path: at, message: 'must be a duration such as 90s, 15m, 2h, 1d or PT2H' }]
      : [];
  });
}

// The validators have checked the shape before these are asked.
function isMessage(value: unknown): value is MessageParams {
  return isRecord(value);
}

function isApproval(value: unknown): value is ApprovalParams {
  return isRecord(value);
}

function isClaim(value: unknown): value is ClaimParams {
  return isRecord(value);
}

function isCall(value: unknown): value is CallParams {
  return isRecord(value);
}

function isGet(value: unknown): value is GetParams {
  return isRecord(value);
}
