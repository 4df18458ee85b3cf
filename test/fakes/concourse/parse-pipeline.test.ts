import { describe, expect, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';
import { parsePipeline, parseYaml } from './parse-pipeline.ts';

/** A pipeline with one job of these steps and one resource with these extra keys. */
const pipeline = (plan: string, keys: { resource?: string; job?: string } = {}): string => `
resources: [{ name: thing, type: mock, source: {} ${keys.resource ?? ''} }]
jobs: [{ name: work, plan: [${plan}] ${keys.job ?? ''} }]`;

describe('what fly validate-pipeline refuses', () => {
  test.each([
    [
      'a typo in a step',
      pipeline('{ put: thing, parms: {} }'),
      'jobs.work.plan.do[0]: unknown fields ["parms"]',
    ],
    [
      'a typo in a hook',
      pipeline('{ put: thing, on_success: { put: thing, x: 1 } }'),
      '.on_success: unknown fields ["x"]',
    ],
    [
      'a hook of another name',
      pipeline('{ put: thing, on_succes: { put: thing } }'),
      'unknown fields ["on_succes"]',
    ],
    ['two step types in one', pipeline('{ get: thing, put: thing }'), 'unknown fields ["get"]'],
    ['a key of put on get', pipeline('{ get: thing, no_get: true }'), 'unknown fields ["no_get"]'],
    ['no step type', pipeline('{ timeout: 1h }'), 'no core step type declared'],
    [
      'a typo in a resource',
      pipeline('{ put: thing }', { resource: ', sorce: {}' }),
      'resources.thing: unknown fields ["sorce"]',
    ],
    [
      'a typo in a job',
      pipeline('{ put: thing }', { job: ', serail: true' }),
      'jobs.work: unknown fields ["serail"]',
    ],
    [
      'an unknown resource',
      pipeline('{ put: thing }, { put: ghost }'),
      "jobs.work.plan.put(ghost): unknown resource 'ghost'",
    ],
    ['a resource nobody uses', `${pipeline('{ put: ghost }')}`, "resource 'thing' is not used"],
    ['an unknown upstream job', pipeline('{ get: thing, passed: [ghost] }'), "unknown job 'ghost'"],
    ['a get of the same name', pipeline('{ get: thing }, { get: thing }'), 'repeated name'],
    ['a wrong duration', pipeline('{ put: thing, timeout: 1d }'), "invalid duration '1d'"],
    ['no attempts', pipeline('{ put: thing, attempts: 0 }'), 'attempts must be greater than 0'],
    ['a wrong type', pipeline('{ get: thing, trigger: "yes" }'), 'trigger must be true or false'],
    [
      'a pin that is no string',
      pipeline('{ get: thing, version: { ref: 1 } }'),
      'the value 1 of ref is not a string',
    ],
    [
      'a task without config',
      pipeline('{ put: thing }, { task: t }'),
      'must specify either `file:` or `config:`',
    ],
    ['another word for inputs', pipeline('{ put: thing, inputs: some }'), 'inputs must be a list'],
    [
      'a step this fake cannot run',
      pipeline('{ put: thing }, { set_pipeline: self, file: x }'),
      'does not run set_pipeline',
    ],
    ['no job at all', 'resources: []', 'pipeline must contain at least one job'],
  ])('%s', (_, text, problem) => {
    expect(() => parsePipeline(text)).toThrow(problem);
  });

  test('an upstream job that has nothing to do with the resource', () => {
    const text = `
resources: [{ name: a, type: mock }, { name: b, type: mock }]
jobs: [{ name: first, plan: [{ get: a }] }, { name: second, plan: [{ get: b, passed: [first] }] }]`;
    expect(() => parsePipeline(text)).toThrow("job 'first' does not interact with resource 'b'");
  });

  test('everything at once', () => {
    const text = pipeline('{ put: thing, parms: {} }, { put: ghost }');
    expect(() => parsePipeline(text)).toThrow(/unknown fields \["parms"\][^]*unknown resource 'ghost'/);
  });

  test('a resource type without a folder', () => {
    expect(() =>
      mockConcourse('resources: [{ name: a, type: git }]\njobs: [{ name: w, plan: [{ put: a }] }]'),
    ).toThrow("resources.a: no folder was given for resource type 'git'");
  });
});

describe('what it accepts', () => {
  test('every documented key', () => {
    const text = `
groups: [{ name: all, jobs: [work] }]
display: { background_image: x }
resources:
- { name: thing, type: mock, source: {}, old_name: o, public: true, tags: [t], icon: slack, version: { a: b },
    check_every: 1m, check_timeout: 5m, webhook_token: ((token)), expose_build_created_by: true }
resource_types:
- { name: mock, type: registry-image, source: {}, defaults: {}, privileged: true, check_every: 1h, tags: [t], params: {} }
jobs:
- name: work
  old_name: o
  public: true
  serial: true
  serial_groups: [g]
  max_in_flight: 2
  interruptible: true
  build_logs_to_retain: 3
  disable_manual_trigger: true
  disable_reruns: true
  tags: [t]
  plan:
  - { get: thing, resource: thing, version: every, params: {}, passed: [], trigger: true, tags: [t], timeout: 1h30m, attempts: 2 }
  - { put: thing, resource: thing, params: {}, inputs: all, tags: [t], get_params: {}, no_get: true, timeout: 1h }
  - { task: t, file: thing/task.yml, vars: {}, params: {}, image: thing, privileged: true, input_mapping: {},
      output_mapping: {}, container_limits: {}, tags: [t], timeout: 1h }
  - { load_var: v, file: thing/v, format: raw, reveal: true }
  - { in_parallel: { steps: [], limit: 1, fail_fast: true }, ensure: { do: [] }, on_error: { try: { do: [] } } }`;
    expect(parsePipeline(text).jobs[0]).toMatchObject({
      maxInFlight: 1,
      serialGroups: ['g'],
      disableReruns: true,
    });
  });

  test('extra top-level keys as homes of anchors, and merge keys', () => {
    const text = `
anchors: { common: &common { source: { a: 1 } } }
${pipeline('{ put: thing }').replace('source: {}', '<<: *common')}`;
    expect(parsePipeline(text).resources[0]?.source).toEqual({ a: 1 });
  });

  test('a null value as if the key were absent', () => {
    const text = pipeline('{ put: thing, params: null, get_params: ~ }').replace('source: {}', 'source:');
    expect(parsePipeline(text).resources[0]?.source).toBeUndefined();
  });

  test('fly vars are filled in before anything else, other vars stay', () => {
    const parsed = parsePipeline(pipeline('{ put: thing, params: { a: ((fly)), b: ((secret)) } }'), {
      fly: 1,
    });
    expect(JSON.stringify(parsed.jobs[0]?.plan)).toContain('"params":{"a":1,"b":"((secret))"}');
  });

  test('the same as an object', () => {
    const object = { resources: [{ name: 'a', type: 'mock' }], jobs: [{ name: 'w', plan: [{ put: 'a' }] }] };
    expect(parsePipeline(object).jobs).toHaveLength(1);
  });
});

test('yes, no, on and off are booleans, quoted they are strings', () => {
  expect(parseYaml('[yes, No, on, OFF, "yes", y, true]')).toEqual([
    true,
    false,
    true,
    false,
    'yes',
    'y',
    true,
  ]);
});
