import type { Fields } from './fields.ts';
import type { GetStep, LoadVarStep, PutStep, TaskStep } from './step.ts';

type Timeout = number | undefined;

export function parseGet(fields: Fields, timeoutMs: Timeout): GetStep {
  fields.ignore('tags');
  const name = fields.string('get') ?? '';
  return {
    kind: 'get',
    name,
    resource: fields.string('resource') ?? name,
    params: fields.record('params'),
    passed: fields.strings('passed'),
    trigger: fields.boolean('trigger'),
    version: parseVersion(fields),
    timeoutMs,
  };
}

export function parsePut(fields: Fields, timeoutMs: Timeout): PutStep {
  fields.ignore('tags');
  const name = fields.string('put') ?? '';
  return {
    kind: 'put',
    name,
    resource: fields.string('resource') ?? name,
    params: fields.record('params'),
    getParams: fields.record('get_params'),
    inputs: parseInputs(fields),
    noGet: fields.boolean('no_get'),
    timeoutMs,
  };
}

export function parseTask(fields: Fields, timeoutMs: Timeout): TaskStep {
  fields.ignore('tags', 'privileged', 'hermetic', 'container_limits');
  const step: TaskStep = {
    kind: 'task',
    name: fields.string('task') ?? '',
    file: fields.string('file'),
    config: fields.record('config'),
    params: fields.record('params') ?? {},
    vars: fields.record('vars') ?? {},
    image: fields.string('image'),
    inputMapping: fields.stringMap('input_mapping') ?? {},
    outputMapping: fields.stringMap('output_mapping') ?? {},
    timeoutMs,
  };
  if (!step.file && !step.config) fields.problem('must specify either `file:` or `config:`');
  if (step.file && step.config) fields.problem('must specify one of `file:` or `config:`, not both');
  return step;
}

export function parseLoadVar(fields: Fields): LoadVarStep {
  const file = fields.string('file');
  if (!file) fields.problem('no file specified');
  return {
    kind: 'load_var',
    name: fields.string('load_var') ?? '',
    file: file ?? '',
    format: fields.string('format'),
    reveal: fields.boolean('reveal'),
  };
}

function parseVersion(fields: Fields): GetStep['version'] {
  const value = fields.raw('version');
  if (value === undefined || value === 'latest') return 'latest';
  if (value === 'every') return 'every';
  return fields.stringMap('version') ?? 'latest';
}

/** Default is `detect` since 8.0 (concourse.md 1.3). Concourse takes another word for an empty list; we refuse it. */
function parseInputs(fields: Fields): PutStep['inputs'] {
  const value = fields.raw('inputs') ?? 'detect';
  if (value === 'detect' || value === 'all') return value;
  return fields.strings('inputs').map((each) => each.trim());
}
