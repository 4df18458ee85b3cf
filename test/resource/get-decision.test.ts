import { describe, expect, test } from 'vitest';
import { BUILD } from '../support/world.ts';
import type { FakeDecision } from '../fakes/listener/approval.ts';
import { until, withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';

const VIEW = 'GET /v1/approvals/:id';

/** A request with a context that has been decided so. */
async function decided({ listener, put, source }: GateWorld, decision: FakeDecision, context: object = {}) {
  const approval = { title: 'Ship?', gate: 'release', wait: false, context };
  await put({ approval }, { source: source({ gate: undefined }) });
  await until(() => listener.approvals.length > 0);
  listener.decide(listener.last(), decision);
  return listener.last();
}

test('writes the decision and what it is about, and answers the version it was given', () =>
  withGate(async (world) => {
    const yes = { status: 'approved', by: ['Ana', 'Ben'], reason: 'tests\nare green' } as const;
    const approval = await decided(world, yes, { version: '1.2.3', 'image-digest': 'sha256:01' });
    const version = { approval: approval.id, status: 'approved' };
    const { step, files } = await world.get(version);
    expect(step.stderr).toBe('');
    expect(step.json()).toMatchObject({
      version,
      metadata: expect.arrayContaining([
        { name: 'status', value: 'approved' },
        { name: 'version', value: '1.2.3' },
        { name: 'image-digest', value: 'sha256:01' },
      ]),
    });
    const { 'decision.json': decision, 'context.json': context, ...others } = files;
    expect(others).toEqual({
      'version.json': `${JSON.stringify(version, null, 2)}\n`,
      status: 'approved',
      approver: 'Ana, Ben',
      reason: 'tests\nare green',
      decided_at: new Date(approval.decidedAt ?? 0).toISOString(),
      'context/version': '1.2.3',
      'context/image-digest': 'sha256:01',
    });
    expect(JSON.parse(decision ?? '')).toMatchObject({
      approval: approval.id,
      gate: 'release',
      title: 'Ship?',
    });
    expect(JSON.parse(context ?? '')).toEqual({ version: '1.2.3', 'image-digest': 'sha256:01' });
    expect(world.listener.count(VIEW)).toBe(1);
  }));

test('passes a decision that a build has claimed: the claim is the proof, also its own implicit get', () =>
  withGate(async (world) => {
    const approval = await decided(world, { status: 'approved', by: ['Ana'] });
    approval.claimedBy = '4711';
    const { step } = await world.get({ approval: approval.id, status: 'approved' });
    expect(step.json()).toMatchObject({
      metadata: expect.arrayContaining([{ name: 'claimed_by', value: '4711' }]),
    });
  }));

test('writes a mere request without asking anybody', () =>
  withGate(async ({ listener, get, source }) => {
    const version = { approval: 'a1b2c3d4', status: 'requested' };
    const { step, files } = await get(version, { source: source({ gate: undefined }) });
    expect(step.json()).toEqual({ version, metadata: [{ name: 'status', value: 'requested' }] });
    expect(Object.keys(files).toSorted()).toEqual(['status', 'version.json']);
    expect(listener.count()).toBe(0);
  }));

test('keeps a name of the context inside of its folder', () =>
  withGate(async (world) => {
    const approval = await decided(world, { status: 'approved' }, { version: '1.2.3' });
    const hostile = {
      '../../evil': 'x',
      '/etc/passwd': 'x',
      '..': 'x',
      'a/b': 'x',
      '.hidden': 'x',
      version: '1',
    };
    Object.assign(approval.body.context ?? {}, hostile);
    const { step, files } = await world.get({ approval: approval.id, status: 'approved' });
    expect(step.stderr).toContain('warning: context: "../../evil"');
    expect(Object.keys(files).filter((path) => path.startsWith('context/'))).toEqual(['context/version']);
    expect(JSON.parse(files['context.json'] ?? '')).toMatchObject(hostile);
  }));

test('tells what a context name hides, where it is one of ours', () =>
  withGate(async (world) => {
    const approval = await decided(world, { status: 'approved' }, { status: 'denied', gate: 'other' });
    const { step } = await world.get({ approval: approval.id, status: 'approved' });
    expect(step.json()).toMatchObject({
      metadata: expect.arrayContaining([
        { name: 'gate', value: 'release' },
        { name: 'status', value: 'approved' },
        { name: 'context.status', value: 'denied' },
        { name: 'context.gate', value: 'other' },
      ]),
    });
  }));

describe.concurrent('refuses, and writes nothing, what the listener does not confirm (C24):', () => {
  test.for<readonly [string, FakeDecision | undefined, object, string]>([
    ['a request that nobody has decided', undefined, {}, '"Ship?" has not been decided [APPROVAL_REFUSED]'],
    ['a denial made an approval', { status: 'denied', by: ['Ben'] }, {}, 'was denied by Ben at '],
    ['a timeout made an approval', { status: 'timed_out' }, {}, '[APPROVAL_TIMED_OUT]'],
    ['a withdrawn request', { status: 'withdrawn' }, {}, '[APPROVAL_WITHDRAWN]'],
    ['an approval whose time is over', { status: 'expired' }, {}, '[APPROVAL_EXPIRED]'],
    [
      'an approval that is none of the listener',
      { status: 'approved' },
      { approval: 'f0f0' },
      'the listener knows no approval f0f0 for this token [APPROVAL_REFUSED]',
    ],
    ['an invented status', { status: 'approved' }, { status: 'granted' }, 'granted is no decision'],
    ['an expired version', { status: 'expired' }, { status: 'expired' }, 'expired is no decision'],
    ['a mere request at a gate', undefined, { status: 'requested' }, 'requested is no decision'],
    [
      'a denial at a gate that reports approvals',
      { status: 'denied' },
      { status: 'denied' },
      'gate resource release does not report denied [APPROVAL_REFUSED]',
    ],
    [
      'a key of another resource',
      { status: 'approved' },
      { path: 'x' },
      'version.path is no part of a decision',
    ],
  ])('%s', async ([, decision, change, line]) =>
    withGate(async (world) => {
      const approval = await decided(world, decision ?? { status: 'approved' });
      if (!decision) approval.status = 'requested';
      const { step, files } = await world.get({ approval: approval.id, status: 'approved', ...change });
      expect(step.stderr).toContain(line);
      expect(step.stderr).toMatch(/\n {2}hint: \S/);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(files).toEqual({});
    }),
  );

  test('a decision of another gate (C25)', () =>
    withGate(
      async (world) => {
        const approval = await decided(world, { status: 'approved' });
        const source = world.source({ gate: 'staging' });
        const { step, files } = await world.get({ approval: approval.id, status: 'approved' }, { source });
        expect(step.stderr).toContain(`approval ${approval.id} is of gate release, not of staging`);
        expect([step.code, files]).toEqual([1, {}]);
      },
      { gates: { release: {}, staging: {} } },
    ));

  test.for<readonly [string, Record<string, string>]>([
    ['team', { BUILD_TEAM_NAME: 'other' }],
    ['pipeline', { BUILD_PIPELINE_NAME: 'other' }],
    ['instance of the pipeline', { BUILD_PIPELINE_INSTANCE_VARS: '{"env":"b"}' }],
  ])('a decision that another %s has asked for (C14, C25)', async ([, change]) =>
    withGate(async (world) => {
      const approval = await decided(world, { status: 'approved' });
      const version = { approval: approval.id, status: 'approved' };
      const { step, files } = await world.get(version, { env: { ...BUILD, ...change } });
      expect(step.stderr).toContain('it was asked for in another pipeline [APPROVAL_REFUSED]');
      expect([step.code, files]).toEqual([1, {}]);
      expect(
        (await world.get(version, { env: { ...BUILD, BUILD_ID: '9', BUILD_JOB_NAME: 'x' } })).step.code,
      ).toBe(0);
    }),
  );

  test('anything when the source names no listener', () =>
    withGate(async ({ get, source }) => {
      const { step, files } = await get(
        { approval: 'a1', status: 'approved' },
        { source: source({ listener: undefined, gate: undefined }) },
      );
      expect(step.stderr).toContain('source.listener: required to confirm a decision [SOURCE_INVALID]');
      expect([step.code, files]).toEqual([1, {}]);
    }));

  test('a message at a gate (C7)', () =>
    withGate(async ({ get, listener }) => {
      const { step, files } = await get({ channel: 'C0RELEASES1', ts: '1700000000.000100' });
      expect(step.stderr).toContain('gate release: this version is no decision [APPROVAL_REFUSED]');
      expect([step.code, files, listener.count()]).toEqual([1, {}, 0]);
    }));
});

test('writes a denial where the gate resource reports it', () =>
  withGate(async (world) => {
    const approval = await decided(world, { status: 'denied', by: ['Ben'], reason: 'not now' });
    const source = world.source({ emit: ['approved', 'denied'] });
    const { files } = await world.get({ approval: approval.id, status: 'denied' }, { source });
    expect(files).toMatchObject({ status: 'denied', approver: 'Ben', reason: 'not now' });
  }));
