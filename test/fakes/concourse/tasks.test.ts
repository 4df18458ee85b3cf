import { describe, expect, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';

const pipeline = (plan: string): string => `
resources: [{ name: thing, type: mock, source: { record: ((record)) } }]
jobs: [{ name: work, plan: [{ put: thing, inputs: [] }, ${plan}] }]`;

/** A task that runs a shell script. */
const sh = (name: string, script: string, more = ''): string =>
  `{ task: ${name}, config: { platform: linux, run: { path: sh, args: [-euc, ${JSON.stringify(script)}] } ${more} } }`;

describe('tasks', () => {
  test('inputs are copied in, outputs reach later steps', async () => {
    const concourse = mockConcourse(
      pipeline(`
        ${sh('make', 'cat thing/version.json > out/copy', ', inputs: [{ name: thing }], outputs: [{ name: out }]')},
        { put: later, resource: thing, no_get: true, params: { file: out/copy } }`),
    );
    const build = await concourse.trigger('work');
    expect(build.log).toBe('');
    expect(concourse.runs('out')[1]?.listing).toEqual(['out', 'out/copy']);
  });

  test('output of stdout and stderr is in the log, redacted', async () => {
    const concourse = mockConcourse(
      pipeline(
        '{ task: talk, params: { T: ((token)) }, config: { platform: linux, run: { path: sh, args: [-c, "echo $T; echo $T >&2"] } } }',
      ),
      { vars: { token: 'xoxb-1' } },
    );
    const build = await concourse.trigger('work');
    expect(build.log).toBe('((redacted))\n((redacted))\n');
  });

  test('see PATH, ATC_EXTERNAL_URL and their params, coerced to strings; no BUILD_*', async () => {
    const concourse = mockConcourse(
      pipeline(
        '{ task: env, params: { B: 2, M: { a: 1 } }, config: { platform: linux, params: { A: one, B: x, N: }, run: { path: env } } }',
      ),
    );
    const build = await concourse.trigger('work');
    const lines = build.steps[2]?.stdoutRaw
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('PATH='));
    expect(lines?.toSorted()).toEqual([
      'A=one',
      'ATC_EXTERNAL_URL=https://ci.example.com',
      'B=2',
      'M={"a":1}',
      'N=',
    ]);
  });

  test('a config comes from a file of an artifact, with vars, mappings and params of the step', async () => {
    const config = [
      'platform: linux',
      'image_resource: { type: registry-image, source: { repository: (%s) } }',
      'inputs: [{ name: in, path: deep/in }]',
      'outputs: [{ name: out }]',
      'run: { path: sh, args: [-c, "cat ../deep/in/version.json > said"], dir: out }',
    ].join('\\n');
    const concourse = mockConcourse(
      pipeline(`
        ${sh('write', `printf '${config}' '(image)' > tasks/build.yml`, ', outputs: [{ name: tasks }]')},
        { task: build, file: tasks/build.yml, vars: { image: alpine }, input_mapping: { in: thing }, output_mapping: { out: result } },
        { load_var: said, file: result/said, format: json },
        { put: thing, no_get: true, params: { said: ((.:said.ref)) } }`),
    );
    const build = await concourse.trigger('work');
    expect(build.status).toBe('succeeded');
    expect(concourse.runs('out')[1]?.stdin).toMatchObject({ params: { said: 'made' } });
  });

  test.each([
    ['a missing input', sh('t', 'true', ', inputs: [{ name: ghost }]'), 'missing inputs: ghost'],
    ['an unknown key', sh('t', 'true', ', ouputs: []'), 'unknown fields ["ouputs"]'],
    [
      'a file nobody made',
      '{ task: t, file: thing/none.yml }',
      "file 'none.yml' not found within artifact 'thing'",
    ],
    [
      'an unknown image',
      sh('t', 'true').replace('task: t', 'task: t, image: ghost'),
      'missing image artifact source',
    ],
  ])('%s is an error', async (_, step, problem) => {
    const build = await mockConcourse(pipeline(step)).trigger('work');
    expect(build.status).toBe('errored');
    expect(build.log).toContain(problem);
  });

  test('an optional input may be missing, and a failing task fails the build', async () => {
    const concourse = mockConcourse(
      pipeline(sh('t', 'exit 3', ', inputs: [{ name: ghost, optional: true }]')),
    );
    const build = await concourse.trigger('work');
    expect(build.status).toBe('failed');
    expect(build.steps.at(-1)).toMatchObject({ kind: 'task', exitCode: 3 });
  });
});

describe('load_var', () => {
  const load = (text: string, step: string): string =>
    pipeline(`
      ${sh('write', `printf '${text}' > files/v.json; printf ' ${text} ' > files/v`, ', outputs: [{ name: files }]')},
      ${step},
      { put: thing, no_get: true, params: { got: ((.:v)), stderr: "got it: plain\\n" } }`);

  test.each([
    ['by its extension', '{ load_var: v, file: files/v.json }', 'plain'],
    ['trimmed without one', '{ load_var: v, file: files/v }', '"plain"'],
    ['raw when asked', '{ load_var: v, file: files/v, format: raw }', ' "plain" '],
  ])('reads a file %s', async (_, step, got) => {
    const concourse = mockConcourse(load('"plain"', step));
    await concourse.trigger('work');
    expect(concourse.runs('out').at(-1)?.stdin).toMatchObject({ params: { got } });
  });

  test('redacts what it read unless reveal', async () => {
    const hidden = await mockConcourse(load('"plain"', '{ load_var: v, file: files/v.json }')).trigger(
      'work',
    );
    expect(hidden.log).toContain('got it: ((redacted))');
    const shown = await mockConcourse(
      load('"plain"', '{ load_var: v, file: files/v.json, reveal: true }'),
    ).trigger('work');
    expect(shown.log).toContain('got it: plain');
  });

  test('errors on a file it cannot parse, and on a missing one', async () => {
    const broken = await mockConcourse(load('{', '{ load_var: v, file: files/v.json }')).trigger('work');
    expect(broken.log).toContain('failed to parse files/v.json in format json');
    const missing = await mockConcourse(load('{', '{ load_var: v, file: nobody/v.json }')).trigger('work');
    expect(missing).toMatchObject({
      status: 'errored',
      log: expect.stringContaining("unknown artifact source: 'nobody'"),
    });
  });
});
