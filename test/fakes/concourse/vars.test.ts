import { describe, expect, test } from 'vitest';
import { BuildVars } from './build-vars.ts';
import { interpolate } from './interpolate.ts';
import { mockConcourse } from './mock-concourse.ts';
import { parseReference } from './var-reference.ts';

const evaluate = (document: unknown, vars: Record<string, unknown>): unknown =>
  new BuildVars({ vars, varSources: {} }).evaluate(document);

describe('((vars)) (vars/template.go)', () => {
  test('a field that is one variable takes the value with its type', () => {
    const vars = { list: [1, 2], flag: true, nothing: null };
    expect(evaluate({ a: '((list))', b: '((flag))', c: '((nothing))' }, vars)).toEqual({
      a: [1, 2],
      b: true,
      c: null,
    });
  });

  test('inside a longer string, and in a key, strings and numbers are put in', () => {
    expect(evaluate({ 'to-((name))': '((name)): ((n)) of ((n))' }, { name: 'x', n: 2 })).toEqual({
      'to-x': 'x: 2 of 2',
    });
  });

  test('a boolean or a map inside a longer string is an error', () => {
    expect(() => evaluate('is ((flag))', { flag: true })).toThrow('cannot interpolate non-primitive value');
  });

  test('fields reach into nested secrets, and quotes protect dots', () => {
    expect(evaluate('((slack.token)) (("a.b"))', { slack: { token: 't' }, 'a.b': 'q' })).toBe('t q');
  });

  test('a missing var is an error that names all of them', () => {
    expect(() => evaluate({ a: '((one))', b: ['((two))'] }, {})).toThrow('undefined vars: one, two');
  });

  test('a missing field, or a field of a string, is an error', () => {
    expect(() => evaluate('((slack.x))', { slack: {} })).toThrow("missing field 'x' in var: slack.x");
    expect(() => evaluate('((slack.x))', { slack: 's' })).toThrow("cannot access field 'x' of non-map value");
  });

  test('a value is not interpolated again', () => {
    expect(evaluate('((a))', { a: '((b))' })).toBe('((b))');
  });

  test('names missing while the pipeline is set are left in place', () => {
    expect(interpolate('((a)) ((b))', ({ path }) => (path === 'a' ? { value: 'x' } : undefined), true)).toBe(
      'x ((b))',
    );
  });

  test('a reference has a source, a path and fields', () => {
    expect(parseReference('.:step.key')).toMatchObject({ source: '.', path: 'step', fields: ['key'] });
    expect(parseReference('id:aws')).toMatchObject({ source: 'id', path: 'aws', fields: [] });
  });
});

const pipeline = (plan: string, source = '{ record: ((record)) }'): string => `
resources: [{ name: thing, type: mock, source: ${source} }]
jobs: [{ name: work, plan: [${plan}] }]`;

describe('vars in a pipeline', () => {
  test('a missing var errors the step that needs it, and no process runs', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, params: { a: ((nope)) } }'));
    const build = await concourse.trigger('work');
    expect(build.status).toBe('errored');
    expect(build.log).toContain('undefined vars: nope');
    expect(concourse.runs()).toEqual([]);
  });

  test('a missing local var is an error too (8.1)', async () => {
    const concourse = mockConcourse(
      pipeline('{ get: thing }, { put: thing, params: { a: ((.:thing.key)) } }'),
    );
    expect((await concourse.trigger('work')).log).toContain("missing field 'key' in var: .:thing.key");
  });

  test('a var source gives a fresh identity token for each evaluation (1.10)', async () => {
    let tokens = 0;
    const concourse = mockConcourse(
      `var_sources: [{ name: id, type: idtoken, config: { audience: [sts] } }]
${pipeline('{ put: thing, no_get: true, params: { token: ((id:aws)) } }, { put: again, resource: thing, no_get: true, params: { token: ((id:aws)) } }')}`,
      { varSources: { id: (path) => `jwt-${path}-${(tokens += 1)}` } },
    );
    const build = await concourse.trigger('work');
    expect(build.status).toBe('succeeded');
    const seen = concourse.runs('out').map(({ stdin }) => stdin['params']);
    expect(seen[0]).not.toEqual(seen[1]);
  });

  test('a dummy var source brings its own values, and one without values is refused', () => {
    const dummy = `var_sources: [{ name: d, type: dummy, config: { vars: { a: b } } }]\n`;
    expect(() => mockConcourse(dummy + pipeline('{ put: thing }'))).not.toThrow();
    const unknown = `var_sources: [{ name: v, type: vault, config: {} }]\n`;
    expect(() => mockConcourse(unknown + pipeline('{ put: thing }'))).toThrow(
      "no values were given for var source 'v'",
    );
  });

  test('defaults of the resource type are merged shallowly under source (1.5)', async () => {
    const concourse = mockConcourse(
      `
resources: [{ name: thing, type: mocked, source: { record: ((record)), slack: { token: ((token)) } } }]
jobs: [{ name: work, plan: [{ put: thing, no_get: true }] }]
resource_types:
- { name: mocked, type: registry-image, source: { repository: example/mock }, defaults: { channel: "#a", slack: { token: x, api_url: y } } }`,
      { vars: { token: 't' } },
    );
    await concourse.trigger('work');
    expect(concourse.runs('out')[0]?.stdin['source']).toMatchObject({
      channel: '#a',
      slack: { token: 't' },
    });
    expect(concourse.runs('out')[0]?.text).not.toContain('api_url');
  });
});

describe('redaction (concourse.md 1.9)', () => {
  test('secrets of the build become ((redacted)) in its log, and the raw stderr keeps them', async () => {
    const concourse = mockConcourse(
      pipeline('{ put: thing, params: { token: ((token)), stderr: "using ((token)) now\\n" } }'),
      { vars: { token: 'xoxb-1' } },
    );
    const build = await concourse.trigger('work');
    expect(build.log).toContain('using ((redacted)) now\n');
    expect(build.steps[0]).toMatchObject({
      stderr: 'using ((redacted)) now\n',
      stderrRaw: 'using xoxb-1 now\n',
    });
  });

  test('knows each line of a multi-line secret, no single characters, and no encoded form', async () => {
    const secret = 'first-line\nsecond-line\nx';
    const encoded = Buffer.from(secret).toString('base64');
    const concourse = mockConcourse(pipeline('{ put: thing, params: { key: ((key)), stderr: ((text)) } }'), {
      vars: { key: secret },
      varSources: {},
      flyVars: { text: `second-line x ${encoded}\n` },
    });
    const build = await concourse.trigger('work');
    expect(build.log).toContain(`((redacted)) x ${encoded}`);
  });

  test('does not know a secret that this build never used', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, params: { stderr: "hunter2\\n" } }'), {
      vars: { password: 'hunter2' },
    });
    expect((await concourse.trigger('work')).log).toContain('hunter2');
  });

  test('leaves version and metadata as they are (C9)', async () => {
    const concourse = mockConcourse(
      pipeline(
        '{ put: thing, params: { version: { ref: ((token)) }, metadata: [{ name: t, value: ((token)) }] } }',
      ),
      { vars: { token: 'xoxb-1' } },
    );
    const build = await concourse.trigger('work');
    expect(build.steps[0]).toMatchObject({
      version: { ref: 'xoxb-1' },
      metadata: [{ name: 't', value: 'xoxb-1' }],
    });
  });

  test('covers the log of a check', async () => {
    const source = '{ record: ((record)), token: ((token)), stderr: "checking ((token))\\n" }';
    const concourse = mockConcourse(pipeline('{ get: thing }', source), { vars: { token: 'xoxb-1' } });
    const run = await concourse.check('thing');
    expect(run).toMatchObject({ stderr: 'checking ((redacted))\n', stderrRaw: 'checking xoxb-1\n' });
  });
});
