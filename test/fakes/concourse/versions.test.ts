import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';
import { mockConcourse } from './mock-concourse.ts';
import { VersionHistory } from './version-store.ts';
import type { Version } from './version.ts';

const a = { ref: 'a' };
const b = { ref: 'b' };
const c = { ref: 'c' };

/** A resource that checks to ((returned)), and one job that gets it. */
const CHECKED = `
resources: [{ name: thing, type: mock, source: { record: ((record)), versions: ((returned)) } }]
jobs: [{ name: work, plan: [{ get: thing }] }]`;

const refs = (versions: readonly { readonly version: Version }[]): unknown[] =>
  versions.map(({ version }) => version['ref']);

describe('check order (concourse.md 1.2)', () => {
  test('versions are kept in the order check returns them, oldest first', () => {
    const history = new VersionHistory();
    expect(history.saveChecked([a, b, c])).toBe(true);
    expect(refs(history.all())).toEqual(['a', 'b', 'c']);
  });

  test('known versions returned again alone keep their order', () => {
    const history = new VersionHistory();
    history.saveChecked([a, b]);
    expect(history.saveChecked([b, a])).toBe(false);
    expect(refs(history.all())).toEqual(['a', 'b']);
  });

  test('known versions returned beside a new one are reordered with it', () => {
    const history = new VersionHistory();
    history.saveChecked([a, b]);
    history.saveChecked([c, a]);
    expect(refs(history.all())).toEqual(['b', 'c', 'a']);
  });

  test('key order does not make another version', () => {
    const history = new VersionHistory();
    history.saveChecked([{ x: '1', y: '2' }]);
    expect(history.saveChecked([{ y: '2', x: '1' }])).toBe(false);
  });

  test('a put saves its version behind all others, and a known one keeps its place', () => {
    const history = new VersionHistory();
    history.saveChecked([a, b]);
    history.saveOutput(c, []);
    expect(history.saveOutput(a, [])).toBe(false);
    expect(refs(history.all())).toEqual(['a', 'b', 'c']);
  });
});

describe('the version given to check (concourse.md 1.2)', () => {
  test('is the latest of the history', async () => {
    const concourse = mockConcourse(CHECKED, { vars: { returned: [a, b] } });
    await concourse.check('thing');
    await concourse.check('thing');
    expect(concourse.runs('check').map(({ stdin }) => stdin['version'])).toEqual([undefined, b]);
  });

  test('is whatever --from says, also a version that never existed, and an echo of it is saved (C24)', async () => {
    const concourse = mockConcourse(`
resources: [{ name: gate, type: mock, source: { record: ((record)) } }]
jobs: [{ name: work, plan: [{ get: gate }] }]`);
    const run = await concourse.check('gate', { from: { approval: 'forged' } });
    expect(run.versions).toEqual([{ approval: 'forged' }]);
    expect(concourse.versions('gate')).toHaveLength(1);
  });
});

describe('version history belongs to (type, evaluated source) (concourse.md 1.2)', () => {
  test('a rotated credential inside source starts an empty history (C10)', async () => {
    const vars = { token: 'one' };
    const concourse = mockConcourse(
      `
resources: [{ name: thing, type: mock, source: { record: ((record)), token: ((token)) } }]
jobs: [{ name: work, plan: [{ get: thing }] }]`,
      { vars },
    );
    await concourse.check('thing', { from: a });
    expect(refs(concourse.versions('thing'))).toEqual(['a']);
    vars.token = 'two';
    const run = await concourse.check('thing');
    expect(run.stdin).not.toContain('"version"');
    expect(refs(concourse.versions('thing'))).toEqual(['first']);
  });

  test('is a resource’s own by default, and shared across teams with global resources (C25)', async () => {
    for (const globalResources of [false, true]) {
      const cluster = new Cluster({ globalResources });
      const pipeline = `
resources: [{ name: gate, type: mock, source: { id: release } }]
jobs: [{ name: work, plan: [{ get: gate }] }]`;
      const ours = mockConcourse(pipeline, { cluster, team: 'ours' });
      const theirs = mockConcourse(pipeline, { cluster, team: 'theirs' });
      await theirs.check('gate', { from: { approval: 'theirs' } });
      const run = await ours.check('gate');
      expect(run.stdin.includes('theirs')).toBe(globalResources);
    }
  });
});

describe('which version a job gets (concourse.md 1.2)', () => {
  const job = (get: string): string => `
resources: [{ name: thing, type: mock, source: { record: ((record)), versions: ((returned)) } }]
jobs: [{ name: work, plan: [${get}] }]`;

  test('latest skips versions', async () => {
    const concourse = mockConcourse(job('{ get: thing, trigger: true }'), { vars: { returned: [a, b, c] } });
    await concourse.check('thing');
    const builds = await concourse.runScheduled();
    expect(builds.map(({ inputs }) => refs(inputs))).toEqual([['c']]);
  });

  test('every walks each one from the first it used', async () => {
    const concourse = mockConcourse(job('{ get: thing, trigger: true, version: every }'), {
      vars: { returned: [a] },
    });
    await concourse.check('thing');
    await concourse.runScheduled();
    concourse.platform.resource('thing').history.saveChecked([b, c]);
    const builds = await concourse.runScheduled();
    expect(builds.map(({ inputs }) => refs(inputs))).toEqual([['b'], ['c']]);
  });

  test('a pinned get matches by subset', async () => {
    const returned = [
      { ref: 'a', extra: '1' },
      { ref: 'b', extra: '2' },
    ];
    const concourse = mockConcourse(job('{ get: thing, version: { ref: a } }'), { vars: { returned } });
    const build = await concourse.trigger('work');
    expect(build.inputs[0]?.version).toEqual({ ref: 'a', extra: '1' });
  });

  test('a pin by API holds, without a check before the build, until it is taken away', async () => {
    const concourse = mockConcourse(job('{ get: thing }'), { vars: { returned: [a, b] } });
    await concourse.check('thing');
    concourse.pinVersion('thing', a);
    const pinned = await concourse.trigger('work');
    expect(refs(pinned.inputs)).toEqual(['a']);
    expect(concourse.runs('check')).toHaveLength(1);
    concourse.unpinVersion('thing');
    expect(refs((await concourse.trigger('work')).inputs)).toEqual(['b']);
  });

  test('a disabled version is passed over until it is enabled again', async () => {
    const concourse = mockConcourse(job('{ get: thing }'), { vars: { returned: [a, b] } });
    await concourse.check('thing');
    concourse.disableVersion('thing', b);
    expect(refs((await concourse.trigger('work')).inputs)).toEqual(['a']);
    concourse.enableVersion('thing', b);
    expect(refs((await concourse.trigger('work')).inputs)).toEqual(['b']);
  });

  test('a manual build checks its inputs first, and stays pending without a version', async () => {
    const concourse = mockConcourse(job('{ get: thing }'), { vars: { returned: [] } });
    await expect(concourse.trigger('work')).rejects.toThrow(
      'work #1 stays pending: thing: latest version of resource not found',
    );
    expect(concourse.runs('check')).toHaveLength(1);
  });
});
