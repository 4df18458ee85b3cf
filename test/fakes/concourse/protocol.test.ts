import { describe, expect, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';
import type { MockConcourse } from './mock-concourse.ts';

/** A job that gets and puts a mock resource; `put` and `get` are the params of each, as YAML flow. */
function pipeline(steps: string, source = '{ record: ((record)) }'): string {
  return `
resources: [{ name: thing, type: mock, source: ${source} }]
jobs:
- name: work
  plan: [${steps}]
`;
}

async function put(params: string): Promise<ReturnType<MockConcourse['trigger']>> {
  return await mockConcourse(pipeline(`{ put: thing, no_get: true, params: ${params} }`)).trigger('work');
}

async function get(params: string): Promise<ReturnType<MockConcourse['trigger']>> {
  return await mockConcourse(pipeline(`{ get: thing, params: ${params} }`)).trigger('work');
}

async function check(source: string): Promise<ReturnType<MockConcourse['check']>> {
  return await mockConcourse(pipeline('{ get: thing }', source)).check('thing');
}

describe('the three executables (concourse.md 1.1)', () => {
  test('check has no arguments, in gets the get folder, out the put folder', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing }, { put: thing }'));
    const build = await concourse.trigger('work');
    expect(build.status).toBe('succeeded');
    expect(concourse.runs().map(({ script, argv }) => [script, argv.length])).toEqual([
      ['check', 0],
      ['in', 1],
      ['out', 1],
      ['in', 1],
    ]);
    expect(concourse.runs('in')[0]?.argv[0]).toMatch(/\/get$/);
    expect(concourse.runs('out')[0]?.argv[0]).toMatch(/\/put$/);
  });

  test('stdin has exactly source, version and params, in that order for each script (C4)', async () => {
    const concourse = mockConcourse(
      pipeline('{ get: thing, params: { a: 1 } }, { put: thing, no_get: true, params: { b: 2 } }'),
    );
    await concourse.check('thing');
    await concourse.check('thing');
    await concourse.trigger('work');
    const keys = concourse.runs().map(({ script, stdin }) => [script, ...Object.keys(stdin)]);
    expect(keys).toEqual([
      ['check', 'source'],
      ['check', 'source', 'version'],
      ['check', 'source', 'version'],
      ['in', 'source', 'params', 'version'],
      ['out', 'source', 'params'],
    ]);
  });

  test('params are absent when the step gives none or an empty map (C4)', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing, params: {} }, { put: thing, no_get: true }'));
    await concourse.trigger('work');
    expect(Object.keys(concourse.runs('in')[0]?.stdin ?? {})).toEqual(['source', 'version']);
    expect(Object.keys(concourse.runs('out')[0]?.stdin ?? {})).toEqual(['source']);
  });

  test('source is null when the pipeline gives none, and {} when it gives {} (inferred)', async () => {
    const none = mockConcourse(`
resources: [{ name: thing, type: mock }, { name: empty, type: mock, source: {} }]
jobs: [{ name: work, plan: [{ put: thing, no_get: true }, { put: empty, no_get: true }] }]`);
    const build = await none.trigger('work');
    expect(build.steps.map(({ stdin }) => stdin)).toEqual(['{"source":null}', '{"source":{}}']);
  });

  test('JSON is written as Go writes it: sorted keys, < > & escaped', async () => {
    const build = await put('{ z: "<a&b>", a: 1 }');
    expect(build.steps[0]?.stdin).toContain('"params":{"a":1,"z":"\\u003ca\\u0026b\\u003e"}');
  });
});

describe('answers on stdout (concourse.md 1.1)', () => {
  test('text before the JSON value is a decode error, and the step is orange (C1)', async () => {
    const build = await put(`{ stdout: 'hello {"version":{"ref":"1"}}' }`);
    expect(build.status).toBe('errored');
    expect(build.log).toContain("invalid character 'h' looking for beginning of value");
  });

  test('text after the first JSON value is ignored', async () => {
    const build = await put(`{ stdout: '{"version":{"ref":"1"}} bye' }`);
    expect(build.status).toBe('succeeded');
    expect(build.steps[0]?.version).toEqual({ ref: '1' });
  });

  test('stdout of a get or put never reaches the build log', async () => {
    const build = await put(`{ stdout: '{"version":{"ref":"quiet"}}', stderr: "loud\\n" }`);
    expect(build.log).toBe('loud\n');
    expect(build.steps[0]?.stdoutRaw).toContain('quiet');
  });

  test('a non-zero exit fails the step, red, and ignores stdout', async () => {
    const build = await put(`{ exit: 3, stdout: '{"version":{"ref":"1"}}' }`);
    expect(build.status).toBe('failed');
    expect(build.steps[0]).toMatchObject({ status: 'failed', exitCode: 3 });
    expect(build.steps[0]?.version).toBeUndefined();
  });

  test('a check with a non-zero exit is failed and saves nothing', async () => {
    const run = await check('{ record: ((record)), exit: 1, versions: [{ ref: a }] }');
    expect(run).toMatchObject({ status: 'failed', exitCode: 1, versions: [] });
  });

  test.each(['', 'null', '[]'])('check that prints %j has no versions (8.3)', async (stdout) => {
    const run = await check(`{ record: ((record)), stdout: '${stdout}' }`);
    expect(run).toMatchObject({ status: 'succeeded', versions: [] });
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a null version', '{"version":null}'],
    ['no version', '{"metadata":[]}'],
  ])('out and in that print %s are "output a null version" errors', async (_, stdout) => {
    for (const build of [await put(`{ stdout: '${stdout}' }`), await get(`{ stdout: '${stdout}' }`)]) {
      expect(build.status).toBe('errored');
      expect(build.log).toContain('output a null version');
    }
  });

  test('an empty version of a put errors the step since 8.3', async () => {
    const build = await put(`{ stdout: '{"version":{}}' }`);
    expect(build.status).toBe('errored');
    expect(build.log).toContain('version is empty');
  });

  test.each(['[{}]', '[{"ref":"a"},{}]', '[null]'])(
    'check that prints %s saves no version at all',
    async (stdout) => {
      const concourse = mockConcourse(
        pipeline('{ get: thing }', `{ record: ((record)), stdout: '${stdout}' }`),
      );
      expect(await concourse.check('thing')).toMatchObject({ status: 'errored' });
      expect(concourse.versions('thing')).toEqual([]);
    },
  );

  test.each([
    ['a number', '{"version":{"ref":1}}'],
    ['a boolean', '{"version":{"ref":true}}'],
    ['a nested value', '{"version":{"ref":{"a":"b"}}}'],
    ['a version that is no map', '{"version":"1"}'],
    ['metadata that is no list', '{"version":{"ref":"1"},"metadata":{"a":"b"}}'],
    ['a metadata value that is no string', '{"version":{"ref":"1"},"metadata":[{"name":"n","value":1}]}'],
  ])('%s is a decode error (C2)', async (_, stdout) => {
    const build = await put(`{ stdout: '${stdout}' }`);
    expect(build.status).toBe('errored');
    expect(build.log).toContain('cannot unmarshal');
  });

  test('a null value in a version becomes an empty string (Go rule)', async () => {
    const build = await put(`{ stdout: '{"version":{"ref":"1","extra":null}}' }`);
    expect(build.steps[0]?.version).toEqual({ ref: '1', extra: '' });
  });

  test('check that prints an object instead of a list is an error (C2)', async () => {
    const run = await check(`{ record: ((record)), stdout: '{"ref":"a"}' }`);
    expect(run).toMatchObject({
      status: 'errored',
      error: expect.stringContaining('cannot unmarshal object'),
    });
  });

  test('extra keys in an answer are ignored', async () => {
    const build = await put(`{ stdout: '{"version":{"ref":"1"},"more":1}' }`);
    expect(build.status).toBe('succeeded');
  });
});

describe('metadata (concourse.md 1.1)', () => {
  test('stays a list on the step, and becomes a map for local vars: the last of two equal names wins', async () => {
    const concourse = mockConcourse(
      pipeline(`
        { get: thing, params: { metadata: [{ name: who, value: a }, { name: who, value: b }] } },
        { put: thing, no_get: true, params: { seen: ((.:thing.who)) } }`),
    );
    const build = await concourse.trigger('work');
    expect(build.steps[0]?.metadata).toEqual([
      { name: 'who', value: 'a' },
      { name: 'who', value: 'b' },
    ]);
    expect(concourse.runs('out')[0]?.stdin).toMatchObject({ params: { seen: 'b' } });
  });

  test('is stored under the version in answered: another than the requested one loses it', async () => {
    const concourse = mockConcourse(
      pipeline(`{ get: thing, params: { version: { ref: other }, metadata: [{ name: n, value: v }] } }`),
    );
    await concourse.trigger('work');
    expect(concourse.versions('thing')).toEqual([
      { version: { ref: 'first' }, metadata: undefined, enabled: true },
    ]);
  });
});
