import { Fields } from './fields.ts';
import { parseGoDuration } from './go-duration.ts';
import { isRecord } from './is-record.ts';
import { parseGet, parseLoadVar, parsePut, parseTask } from './parse-core-step.ts';
import type { HookKind, Step } from './step.ts';

/** Outermost first: this order decides which hook sees what (StepPrecedence in atc/steps.go). */
export const HOOKS: readonly HookKind[] = ['ensure', 'on_error', 'on_abort', 'on_failure', 'on_success'];

const NOTHING: Step = { kind: 'do', steps: [] };
const CORE = ['task', 'put', 'get', 'set_pipeline', 'load_var', 'try', 'do', 'in_parallel'];

/** Parses one step; problems, an unknown key among them, are noted under the step's place in the plan. */
export function parseStep(value: unknown, at: string, problems: string[]): Step {
  const fields = new Fields(value, at, problems);
  const step = wrapInHooks(fields, parseModified(fields));
  fields.refuseUnknown();
  return step;
}

/** Wraps a step in the hooks its object (or its job) declares. */
export function wrapInHooks(fields: Fields, inner: Step): Step {
  let step = inner;
  for (const kind of HOOKS.toReversed()) {
    if (!fields.has(kind)) continue;
    const hook = parseStep(fields.raw(kind), `${fields.at}.${kind}`, fields.problems);
    step = { kind, step, hook };
  }
  return step;
}

function parseModified(fields: Fields): Step {
  if (fields.has('across')) fields.problem('this fake does not run across');
  const core = parseTimed(fields);
  const attempts = fields.integer('attempts');
  if (attempts === undefined) return core;
  if (attempts <= 0) fields.problem('attempts must be greater than 0');
  return { kind: 'attempts', step: core, attempts };
}

function parseTimed(fields: Fields): Step {
  const duration = fields.string('timeout');
  const timeoutMs = duration === undefined ? undefined : parseGoDuration(duration);
  if (duration !== undefined && timeoutMs === undefined) fields.problem(`invalid duration '${duration}'`);
  const step = parseCore(fields, timeoutMs);
  // get, put and task carry their timeout themselves: it bounds each process, the implicit get included
  if (timeoutMs === undefined || 'timeoutMs' in step) return step;
  return { kind: 'timeout', step, timeoutMs };
}

function parseCore(fields: Fields, timeoutMs: number | undefined): Step {
  switch (CORE.find((key) => fields.has(key)) ?? '') {
    case 'get':
      return parseGet(fields, timeoutMs);
    case 'put':
      return parsePut(fields, timeoutMs);
    case 'task':
      return parseTask(fields, timeoutMs);
    case 'load_var':
      return parseLoadVar(fields);
    case 'try':
      return { kind: 'try', step: parseStep(fields.raw('try'), `${fields.at}.try`, fields.problems) };
    case 'do':
      return { kind: 'do', steps: parseSteps(fields.raw('do'), `${fields.at}.do`, fields.problems) };
    case 'in_parallel':
      return parseInParallel(fields);
    case 'set_pipeline':
      fields.problem('this fake does not run set_pipeline');
      return NOTHING;
    default:
      fields.problem('no core step type declared (e.g. get, put, task, etc.)');
      return NOTHING;
  }
}

/** Parses a list of steps: a job's plan, `do`, or the steps of `in_parallel`. */
export function parseSteps(value: unknown, at: string, problems: string[]): Step[] {
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => parseStep(each, `${at}[${index}]`, problems));
  }
  problems.push(`${at}: must be a list of steps`);
  return [];
}

function parseInParallel(fields: Fields): Step {
  const value = fields.raw('in_parallel');
  const at = `${fields.at}.in_parallel`;
  if (!isRecord(value)) {
    const steps = parseSteps(value, `${at}.steps`, fields.problems);
    return { kind: 'in_parallel', steps, limit: 0, failFast: false };
  }
  const config = new Fields(value, at, fields.problems);
  const steps = parseSteps(config.raw('steps'), `${at}.steps`, fields.problems);
  const step: Step = {
    kind: 'in_parallel',
    steps,
    limit: config.integer('limit') ?? 0,
    failFast: config.boolean('fail_fast'),
  };
  config.refuseUnknown();
  return step;
}
