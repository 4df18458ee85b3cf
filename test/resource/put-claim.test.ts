import { describe, expect, test } from 'vitest';
import { until, withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';
import type { FakeApproval } from '../fakes/listener/approval.ts';
import { BUILD } from '../support/world.ts';

const CLAIM = 'POST /v1/claims';

/** A request of the build's pipeline that somebody has approved, and the files that a get of it would have written. */
async function approved(
  { listener, put, source }: GateWorld,
  env: Record<string, string> = BUILD,
  change = {},
) {
  const context = { version: '1.2.3', digest: 'sha256:01' };
  const ended = put(
    { approval: { title: 'Ship?', gate: 'release', context } },
    { env, source: source(change) },
  );
  await until(() => listener.approvals.length > 0);
  const approval = listener.last();
  listener.decide(approval, { status: 'approved', by: ['Ana'] });
  await ended;
  return { approval, files: folder({ approval: approval.id, status: 'approved' }) };
}

function folder(version: object): Record<string, string> {
  return { 'release-gate/version.json': `${JSON.stringify(version)}\n`, 'image/digest': 'sha256:01\n' };
}

const expected = {
  claim: 'release-gate',
  expect: { version: '1.2.3' },
  expect_files: { digest: 'image/digest' },
};

test('claims a decision about these very things, and answers the same version', () =>
  withGate(async (world) => {
    const { approval, files } = await approved(world);
    const step = await world.put(expected, { files });
    expect(step.stderr).toBe('put: claimed at gate release: "Ship?" (version=1.2.3, digest=sha256:01)\n');
    expect(step.json()).toMatchObject({
      version: { approval: approval.id, status: 'approved' },
      metadata: expect.arrayContaining([
        { name: 'approvers', value: 'Ana' },
        { name: 'digest', value: 'sha256:01' },
      ]),
    });
    expect(approval.claimedBy).toBe('4711');
    expect(world.listener.requests.at(-1)).toMatchObject({
      route: CLAIM,
      body: {
        gate: 'release',
        expect: { version: '1.2.3', digest: 'sha256:01' },
        origin: { build_id: '4711' },
      },
    });
  }));

test('may be repeated by the same build, also when the answer was lost', () =>
  withGate(async (world) => {
    const { files } = await approved(world);
    world.listener.fault(CLAIM, 'lost');
    for (const _again of [1, 2]) expect((await world.put(expected, { files })).code).toBe(0);
    expect(world.listener.count(CLAIM)).toBe(3);
  }));

test('keeps further keys of a pinned version', () =>
  withGate(async (world) => {
    const { approval } = await approved(world);
    const version = { approval: approval.id, status: 'approved', ref: 'v1.2.3' };
    const step = await world.put(expected, { files: folder(version) });
    expect(step.json()).toMatchObject({ version });
  }));

test('warns where nothing is compared', () =>
  withGate(async (world) => {
    const { files } = await approved(world);
    const step = await world.put({ claim: 'release-gate' }, { files });
    expect(step.stderr).toContain('warning: params.expect is empty: nothing has compared');
    expect(step.code).toBe(0);
  }));

test('claims without a gate resource at the gate that it names', () =>
  withGate(async (world) => {
    const { files } = await approved(world);
    const source = world.source({ gate: undefined });
    expect((await world.put({ ...expected, gate: 'release' }, { files, source })).code).toBe(0);
    const without = await world.put(expected, { files, source });
    expect(without.stderr).toContain('params.gate: required, here or as source.gate [PARAMS_INVALID]');
  }));

describe('the approval of a put that has waited for itself', () => {
  const told = { 'release-gate/decision.json': JSON.stringify({ for_build: true }) };

  test('is claimed with the resource that asked, not with a gate resource, which would start a job by it', () =>
    withGate(async (world) => {
      const { files } = await approved(world, BUILD, { gate: undefined });
      const waited = { ...files, ...told };
      const atGate = await world.put(expected, { files: waited });
      expect(atGate.stderr).toContain(
        'params.claim: release-gate is the approval of a put that has waited for it [PARAMS_INVALID]',
      );
      expect(atGate.stderr).toContain('hint: claim it with the resource that asked');
      expect([atGate.code, world.listener.count(CLAIM)]).toEqual([1, 0]);
      const source = world.source({ gate: undefined });
      expect((await world.put({ ...expected, gate: 'release' }, { files: waited, source })).code).toBe(0);
    }));

  test('is no other build’s to claim', () =>
    withGate(async (world) => {
      const { files } = await approved(world, BUILD, { gate: undefined });
      const step = await world.put(
        { ...expected, gate: 'release' },
        { files, source: world.source({ gate: undefined }), env: { ...BUILD, BUILD_ID: '4712' } },
      );
      expect(step.stderr).toContain('it was asked for by build 4711, which waits for it [APPROVAL_REFUSED]');
      expect(step.code).toBe(1);
    }));
});

describe.concurrent('the listener refuses, and the step says why:', () => {
  test.for<
    readonly [
      string,
      { params?: object; env?: Record<string, string>; change?: (approval: FakeApproval) => void },
      string,
    ]
  >([
    [
      'another thing than was approved (C26)',
      { params: { ...expected, expect: { version: '1.2.4' } } },
      'the listener refuses the claim of approval a1b2c3d4: version was approved as "1.2.3", is "1.2.4" now',
    ],
    [
      'a decision that another build has used, as a rerun would (C26)',
      { change: (approval) => (approval.claimedBy = '4700') },
      'already used by build 4700',
    ],
    ['an approval whose time is over', { change: (approval) => (approval.status = 'expired') }, 'is expired'],
    ['a denial', { change: (approval) => (approval.status = 'denied') }, 'is denied'],
    [
      'another team’s pipeline (C25)',
      { env: { ...BUILD, BUILD_TEAM_NAME: 'other' } },
      'it was asked for in another pipeline',
    ],
    [
      'another instance of the pipeline (C25)',
      { env: { ...BUILD, BUILD_PIPELINE_INSTANCE_VARS: '{"env":"production"}' } },
      'it was asked for in another pipeline',
    ],
  ])('%s', async ([, { params = expected, env = BUILD, change }, line]) =>
    withGate(async (world) => {
      const { approval, files } = await approved(world);
      change?.(approval);
      const step = await world.put(params, { files, env });
      expect(step.stderr).toContain(`${line} [APPROVAL_REFUSED]`);
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }),
  );

  test('a decision of another gate (C25)', () =>
    withGate(
      async (world) => {
        const { files } = await approved(world);
        const step = await world.put(expected, { files, source: world.source({ gate: 'staging' }) });
        expect(step.stderr).toContain('is of gate release [APPROVAL_REFUSED]');
        expect(step).toMatchObject({ code: 1, stdout: '' });
      },
      { gates: { release: {}, staging: {} } },
    ));
});

describe.concurrent('refuses without asking a folder of', () => {
  test.for<readonly [string, Record<string, string>, string]>([
    [
      'a request',
      folder({ approval: 'a1b2c3d4', status: 'requested' }),
      'params.claim: release-gate is requested, not approved [APPROVAL_REFUSED]',
    ],
    [
      'a denial',
      folder({ approval: 'a1b2c3d4', status: 'denied' }),
      'params.claim: release-gate is denied, not approved [APPROVAL_REFUSED]',
    ],
    [
      'a message',
      folder({ channel: 'C0RELEASES1', ts: '1700000000.000100' }),
      'params.claim: release-gate holds no decision [FILE_INVALID]',
    ],
    [
      'something else',
      { 'release-gate/readme.md': '', 'image/digest': 'x' },
      'params.claim: release-gate holds no decision [FILE_INVALID]',
    ],
    [
      'no version',
      { 'release-gate/version.json': 'null', 'image/digest': 'x' },
      'params.claim: release-gate holds no decision [FILE_INVALID]',
    ],
    ['nobody', { 'image/digest': 'x' }, 'params.claim: no folder release-gate [FILE_NOT_FOUND]'],
  ])('%s', async ([, files, line]) =>
    withGate(async ({ listener, put }) => {
      const step = await put(expected, { files });
      expect(step.stderr).toContain(line);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(listener.count()).toBe(0);
    }),
  );
});

test('does not take another answer for a yes', () =>
  withGate(async (world) => {
    const { approval, files } = await approved(world);
    world.listener.fault(CLAIM, { status: 200 });
    const step = await world.put(expected, { files });
    expect(step.stderr).toContain('answered HTTP 200 without an answer of the listener [LISTENER_FAILED]');
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(approval.claimedBy).toBeUndefined();
  }));
