import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';
import type { MockConcourse } from './mock-concourse.ts';

const OK = '{ task: ok, config: { platform: linux, run: { path: "true" } } }';
const FAIL = '{ task: fail, config: { platform: linux, run: { path: "false" } } }';
const ERROR = '{ task: error, file: ghost/task.yml }';
/** A task that ends only by a signal. */
const HANG =
  '{ task: hang, config: { platform: linux, run: { path: sh, args: [-c, "echo hanging; exec sleep 600"] } } }';
const hook = (name: string): string => OK.replace('ok', name);
const withKeys = (step: string, keys: string): string => `${step.slice(0, -2)}, ${keys} }`;

const pipeline = (plan: string, job = ''): string => `
resources: [{ name: thing, type: mock, source: { record: ((record)) } }]
jobs:
- { name: work, plan: [${plan}] ${job} }
- { name: unused, plan: [{ put: thing }] }`;

async function run(plan: string, job = ''): Promise<{ status: string; steps: string[] }> {
  const build = await mockConcourse(pipeline(plan, job)).trigger('work');
  return { status: build.status, steps: build.steps.map(({ name }) => name) };
}

async function abort(
  plan: string,
  job = '',
): Promise<{ status: string; steps: string[]; concourse: MockConcourse }> {
  const concourse = mockConcourse(pipeline(plan, job));
  const build = concourse.start('work');
  await build.logged(/hanging/);
  concourse.abort(build);
  await build.done;
  return { status: build.status, steps: build.steps.map(({ name }) => name), concourse };
}

/** A resource type of shell scripts, which start faster than the mock. */
function scripts(texts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'resource-type-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

describe('plans', () => {
  test('stop at the first step that fails or errors', async () => {
    expect(await run(`${OK}, ${FAIL}, ${OK}`)).toEqual({ status: 'failed', steps: ['ok', 'fail'] });
    expect(await run(`{ do: [${ERROR}, ${OK}] }, ${OK}`)).toEqual({ status: 'errored', steps: ['error'] });
  });

  test('try swallows a failure and an error', async () => {
    expect(await run(`{ try: ${FAIL} }, { try: ${ERROR} }, ${OK}`)).toEqual({
      status: 'succeeded',
      steps: ['fail', 'error', 'ok'],
    });
  });

  test('in_parallel runs all to the end, then fails; an error wins over a failure', async () => {
    expect(await run(`{ in_parallel: [${FAIL}, ${OK}] }, ${OK}`)).toEqual({
      status: 'failed',
      steps: ['fail', 'ok'],
    });
    expect((await run(`{ in_parallel: [${FAIL}, ${ERROR}] }`)).status).toBe('errored');
  });

  test('in_parallel with fail_fast interrupts what runs, starts nothing more, and counts as failed', async () => {
    const flow = `{ in_parallel: { fail_fast: true, limit: 2, steps: [${HANG}, ${FAIL}, ${OK}] } }`;
    expect(await run(flow)).toEqual({ status: 'failed', steps: ['hang', 'fail'] });
  });

  test('in_parallel keeps to its limit', async () => {
    const flow = `{ in_parallel: { limit: 1, steps: [${hook('a')}, ${hook('b')}, ${hook('c')}] } }`;
    expect(await run(flow)).toEqual({ status: 'succeeded', steps: ['a', 'b', 'c'] });
  });

  test('attempts runs the whole step again, a put with its get, until it succeeds (1.8)', async () => {
    const put = '{ put: thing, attempts: 3, get_params: { fail_first: 1 } }';
    expect(await run(put)).toEqual({ status: 'succeeded', steps: ['thing', 'thing', 'thing', 'thing'] });
  });

  test('attempts gives the last outcome when none succeeds, and retries errors too', async () => {
    expect(await run(withKeys(FAIL, 'attempts: 2'))).toEqual({ status: 'failed', steps: ['fail', 'fail'] });
    expect(await run(withKeys(ERROR, 'attempts: 2'))).toEqual({
      status: 'errored',
      steps: ['error', 'error'],
    });
  });
});

describe('hooks (concourse.md 1.8)', () => {
  const all = `on_success: ${hook('s')}, on_failure: ${hook('f')}, on_error: ${hook('e')}, on_abort: ${hook('a')}, ensure: ${hook('z')}`;

  test('of a step run by its outcome, and ensure always', async () => {
    expect((await run(withKeys(OK, all))).steps).toEqual(['ok', 's', 'z']);
    expect((await run(withKeys(FAIL, all))).steps).toEqual(['fail', 'f', 'z']);
    expect((await run(withKeys(ERROR, all))).steps).toEqual(['error', 'e', 'z']);
    expect((await abort(withKeys(HANG, all))).steps).toEqual(['hang', 'a', 'z']);
  });

  test('of a job wrap its whole plan', async () => {
    expect((await run(`${OK}, ${OK}`, `, ${all}`)).steps).toEqual(['ok', 'ok', 's', 'z']);
    expect((await run(`${OK}, ${FAIL}`, `, ${all}`)).steps).toEqual(['ok', 'fail', 'f', 'z']);
    expect((await abort(HANG, `, ${all}`)).steps).toEqual(['hang', 'a', 'z']);
  });

  test('decide the outcome: a failing on_success or ensure fails it, on_failure changes nothing', async () => {
    expect((await run(withKeys(OK, `on_success: ${FAIL}`))).status).toBe('failed');
    expect((await run(withKeys(OK, `ensure: ${FAIL}`))).status).toBe('failed');
    expect((await run(withKeys(FAIL, `on_failure: ${OK}`))).status).toBe('failed');
    expect((await run(withKeys(FAIL, `on_failure: ${ERROR}`))).status).toBe('errored');
    expect((await run(withKeys(ERROR, `on_error: ${OK}`))).status).toBe('errored');
  });

  test('after an abort run in a fresh context and cannot save the build (C32)', async () => {
    const { status, concourse } = await abort(HANG, `, ensure: { put: thing, no_get: true }`);
    expect(status).toBe('aborted');
    expect(concourse.runs('out')).toHaveLength(1);
  });
});

describe('abort and timeout (concourse.md 1.8)', () => {
  const hanging = (how: string, keys = ''): string =>
    `{ put: thing, no_get: true, params: { hang: ${how} } ${keys} }`;

  test('abort sends SIGTERM; what is written in the grace period is still logged, the answer is not', async () => {
    const concourse = mockConcourse(pipeline(hanging('term')));
    const build = concourse.start('work');
    await build.logged(/hanging/);
    concourse.abort(build);
    await build.done;
    expect(build).toMatchObject({ status: 'aborted', log: 'hanging\ngot SIGTERM\ninterrupted\n' });
    expect(build.steps[0]).toMatchObject({ status: 'aborted', stdoutRaw: expect.stringContaining('made') });
    expect(concourse.versions('thing')).toEqual([]);
  });

  test('a process that ignores SIGTERM is killed after the grace (C16)', async () => {
    const concourse = mockConcourse(pipeline(hanging('ignore')), { graceMs: 5000 });
    const build = concourse.start('work');
    await build.logged(/hanging/);
    concourse.abort(build);
    await build.done;
    expect(build.log).toBe('hanging\ngot SIGTERM\ninterrupted\n');
  });

  test('only the process itself gets SIGTERM: a shell that does not exec keeps it from its child (C16)', async () => {
    const child = `saw=nothing; trap 'saw=SIGTERM' TERM; trap 'echo child saw $saw; exit' WINCH
      echo hanging; while :; do sleep 0.05; done`;
    const script = `sh -c "${child.replaceAll('$', '\\$')}" & trap "kill -WINCH $!; wait $!; exit" TERM; wait`;
    const task = `{ task: t, config: { platform: linux, run: { path: sh, args: [-c, ${JSON.stringify(script)}] } } }`;
    const concourse = mockConcourse(pipeline(task));
    const build = concourse.start('work');
    await build.logged(/hanging/);
    concourse.abort(build);
    await build.done;
    expect(build.log).toBe('hanging\nchild saw nothing\ninterrupted\n');
  });

  test('a timeout is a failure: on_failure runs, on_abort and on_error do not', async () => {
    const hooks = `on_failure: ${hook('f')}, on_abort: ${hook('a')}, on_error: ${hook('e')}`;
    const concourse = mockConcourse(pipeline(hanging('term', `, timeout: 500ms, ${hooks}`)));
    const build = await concourse.trigger('work');
    expect(build.status).toBe('failed');
    expect(build.log).toContain('timeout exceeded');
    expect(build.steps.map(({ name }) => name)).toEqual(['thing', 'f']);
  });

  test('a timeout of a put bounds its get too', async () => {
    const folder = scripts({ out: `echo '{"version":{"ref":"1"}}'`, in: 'exec sleep 600' });
    const resourceTypes = { 'example/mock': folder };
    const concourse = mockConcourse(pipeline('{ put: thing, timeout: 5s }'), { resourceTypes });
    const build = await concourse.trigger('work');
    expect(build.steps.map(({ kind, status }) => [kind, status])).toEqual([
      ['put', 'succeeded'],
      ['get', 'failed'],
    ]);
  });

  test('a timeout around other steps ends them all', async () => {
    const result = await run(`{ do: [${HANG}, ${OK}], timeout: 300ms }`);
    expect(result).toEqual({ status: 'failed', steps: ['hang'] });
  });

  test('an abort ends attempts', async () => {
    const { status, steps } = await abort(withKeys(HANG, 'attempts: 3'));
    expect({ status, steps }).toEqual({ status: 'aborted', steps: ['hang'] });
  });

  test('an abort is not swallowed by try', async () => {
    expect((await abort(`{ try: ${HANG} }, ${OK}`)).steps).toEqual(['hang']);
  });

  test('a process killed from outside has failed, and attempts runs it again', async () => {
    const concourse = mockConcourse(pipeline(hanging('term', ', attempts: 2')));
    const build = concourse.start('work');
    await build.logged(/hanging/);
    process.kill(build.steps[0]?.pid ?? 0, 'SIGKILL');
    await build.logged(/hanging\nhanging/);
    expect(build.steps[0]).toMatchObject({ status: 'failed', exitCode: 137 });
    concourse.abort(build);
    expect((await build.done).status).toBe('aborted');
  });

  test('closing the Concourse ends every build and its processes', async () => {
    const concourse = mockConcourse(pipeline(hanging('term')));
    const build = concourse.start('work');
    await build.logged(/hanging/);
    await concourse.close();
    expect(build.status).toBe('aborted');
    expect(() => process.kill(build.steps[0]?.pid ?? 0, 0)).toThrow('ESRCH');
  });

  test('an executable that cannot be started errors the step', async () => {
    const concourse = mockConcourse(pipeline('{ put: thing }'), {
      resourceTypes: { 'example/mock': '/nonexistent' },
    });
    expect(await concourse.trigger('work').catch((error: unknown) => error)).toMatchObject({
      status: 'errored',
    });
  });
});
