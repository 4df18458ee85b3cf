import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';
import type { MockConcourse } from './mock-concourse.ts';

const pipeline = (plan: string, resource = ''): string => `
resources:
- { name: thing, type: mock, source: { record: ((record)) } ${resource} }
- { name: other, type: mock, source: { record: ((record)), id: other } }
jobs: [{ name: work, plan: [${plan}, { put: other, no_get: true, inputs: [] }] }]`;

describe('the get cache (concourse.md 1.3)', () => {
  test('runs in once for the same config, version and params, and says so in the log (C11)', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing, params: { files: { a: text } } }'));
    const first = await concourse.trigger('work');
    const second = await concourse.trigger('work');
    expect(concourse.runs('in')).toHaveLength(1);
    expect(second.steps[0]).toMatchObject({ status: 'succeeded', cached: true, dir: first.steps[0]?.dir });
    expect(second.log).toContain('INFO: found existing resource cache');
  });

  test('keeps its metadata as local vars on a hit', async () => {
    const concourse = mockConcourse(
      pipeline(`{ get: thing, params: { metadata: [{ name: n, value: v }] } },
        { put: seen, resource: other, no_get: true, params: { seen: ((.:thing.n)) } }`),
    );
    await concourse.trigger('work');
    const hit = await concourse.trigger('work');
    expect(hit.steps[0]?.cached).toBe(true);
    expect(hit.steps[1]?.stdin).toContain('"params":{"seen":"v"}');
  });

  test('runs in again for other get params (C10)', async () => {
    const vars = { stamp: 'one' };
    const concourse = mockConcourse(pipeline('{ get: thing, params: { stamp: ((stamp)) } }'), { vars });
    await concourse.trigger('work');
    vars.stamp = 'two';
    await concourse.trigger('work');
    expect(concourse.runs('in')).toHaveLength(2);
  });

  test('does not keep a failed in', async () => {
    const concourse = mockConcourse(pipeline('{ get: thing, params: { fail_first: 1 } }'));
    expect((await concourse.trigger('work')).status).toBe('failed');
    expect((await concourse.trigger('work')).status).toBe('succeeded');
    expect(concourse.runs('in')).toHaveLength(2);
  });

  test('serves the second of two equal gets that run at once', async () => {
    const concourse = mockConcourse(
      pipeline('{ in_parallel: [{ get: thing }, { get: again, resource: thing }] }'),
    );
    await concourse.trigger('work');
    expect(concourse.runs('in')).toHaveLength(1);
  });
});

describe('the implicit get after a put (concourse.md 1.3)', () => {
  test('fetches the version of the put with get_params, under the name of the put', async () => {
    const concourse = mockConcourse(
      pipeline('{ put: made, resource: thing, params: { version: { ref: new } }, get_params: { deep: 1 } }'),
    );
    const build = await concourse.trigger('work');
    expect(build.steps[1]).toMatchObject({
      kind: 'get',
      name: 'made',
      implicit: true,
      version: { ref: 'new' },
    });
    expect(concourse.runs('in')[0]?.stdin).toMatchObject({ version: { ref: 'new' }, params: { deep: 1 } });
  });

  test('offers its metadata as local vars and its files to later steps', async () => {
    const concourse = mockConcourse(
      pipeline(`{ put: thing, get_params: { metadata: [{ name: ts, value: '17.1' }], files: { ts: '17.1' } } },
        { put: later, resource: thing, no_get: true, params: { reply: ((.:thing.ts)), file: thing/ts } }`),
    );
    await concourse.trigger('work');
    const [, later] = concourse.runs('out');
    expect(later?.stdin).toMatchObject({ params: { reply: '17.1' } });
    expect(later?.listing).toContain('thing/ts');
  });

  test('is left out with no_get', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, no_get: true }'));
    const build = await concourse.trigger('work');
    expect(build.steps.map(({ kind }) => kind)).toEqual(['put', 'put']);
    expect(concourse.runs('in')).toEqual([]);
  });

  test('fails the job when it fails, although the put is done and its version saved (C11)', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, get_params: { exit: 1 } }'));
    const build = await concourse.trigger('work');
    expect(build.status).toBe('failed');
    expect(concourse.versions('thing')).toHaveLength(1);
  });
});

describe('inputs of a put (concourse.md 1.3)', () => {
  /** Two artifacts, `one` and `two`, then a put of these inputs and params; answers the files the put found. */
  async function listing(inputs: string, params: string, vars = {}): Promise<MockConcourse> {
    const concourse = mockConcourse(
      pipeline(`
        { get: one, resource: thing, params: { files: { file: '1' } } },
        { get: two, resource: thing, params: { files: { file: '2' } } },
        { put: thing, no_get: true ${inputs}, params: ${params} }`),
      { vars },
    );
    await concourse.trigger('work');
    return concourse;
  }
  const found = (concourse: MockConcourse): unknown[] =>
    concourse.runs('out')[0]?.listing.filter((file) => !String(file).endsWith('version.json')) ?? [];

  test('detect is the default: the first path segment of strings in params, also nested (8.0)', async () => {
    const concourse = await listing('', '{ artifacts: [{ file: one/file }] }');
    expect(found(concourse)).toEqual(['one', 'one/file']);
  });

  test('detect skips dot segments, and takes a string without a slash whole', async () => {
    expect(found(await listing('', '{ file: ./one/file }'))).toEqual(['one', 'one/file']);
    expect(found(await listing('', '{ folder: two }'))).toEqual(['two', 'two/file']);
  });

  test('detect sees no artifact inside text, in a glob of the first segment or behind a var (C12)', async () => {
    const params = '{ text: "see {{one/file}}", glob: "o*/file", path: ((path)) }';
    expect(found(await listing('', params, { path: 'one/file' }))).toEqual([]);
  });

  test('all mounts everything, a list what it names', async () => {
    expect(found(await listing(', inputs: all', '{}'))).toEqual(['one', 'one/file', 'two', 'two/file']);
    expect(found(await listing(', inputs: [two]', '{ file: one/file }'))).toEqual(['two', 'two/file']);
  });

  test('a listed artifact that does not exist is an error', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing, inputs: [ghost] }'));
    const build = await concourse.trigger('work');
    expect(build.status).toBe('errored');
    expect(build.log).toContain('input not found: ghost');
  });

  test('an input is a writable copy: a put that changes it changes nobody else’s', async () => {
    const concourse = await listing(', inputs: all', '{ files: { one/file: changed } }');
    const [get, , put] = concourse.builds('work')[0]?.steps ?? [];
    expect(readFileSync(join(put?.dir ?? '', 'one', 'file'), 'utf8')).toBe('changed');
    expect(readFileSync(join(get?.dir ?? '', 'file'), 'utf8')).toBe('1');
  });
});
