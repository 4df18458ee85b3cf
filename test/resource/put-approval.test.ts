import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { FakeApproval, FakeDecision } from '../fakes/listener/approval.ts';
import { until, withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';
import { BUILD } from '../support/world.ts';

const POLL = 'GET /v1/approvals/:id';
const ask = { approval: { title: 'Ship 1.2.3 to production?' } };

test('waits until the request is approved, and answers with the decision', () =>
  withGate(async ({ listener, put }) => {
    const params = {
      approval: {
        title: 'Ship {{version}} to production?',
        details: 'Build {{BUILD_NAME}}',
        context: { version: '{{version}}', replicas: 3 },
        context_files: { digest: 'image/digest' },
        subject: 'app-{{version}}',
        approvers: ['S456'],
        quorum: 2,
        timeout: '1h30m',
        require_reason: 'deny',
        not_by: ['U999'],
        not_by_files: ['repo/.git/committer'],
        remind_every: '30m',
        abandon_after: '2m',
      },
      vars: { version: '1.2.3' },
      channel: '#releases',
      mention: ['@here', 'U123'],
    };
    const files = { 'image/digest': ' sha256:0123\n', 'repo/.git/committer': 'ana@example.com\n' };
    const ended = put(params, { files });
    await until(() => listener.approvals.length > 0 && listener.last().holding === 1);
    listener.vote(listener.last(), 'Ana');
    await until(() => listener.count(POLL) === 2 && listener.last().holding === 1);
    listener.decide(listener.last(), { status: 'approved', by: ['Ana', 'Ben'], reason: 'looks good' });
    const step = await ended;
    expect(step.stderr).toContain(
      'put: asked at gate release: "Ship 1.2.3 to production?" (a1b2c3d4)\n' + 'put: waiting: 0 of 2, until ',
    );
    expect(step.stderr).toMatch(/put: waiting: 1 of 2 \(Ana\), until .*, card: https:\/\/fake\.slack\.com\//);
    expect(step.stderr).toContain('put: approved by Ana, Ben\n');
    expect(step.code).toBe(0);
    expect(step.json()).toMatchObject({
      version: { approval: 'a1b2c3d4', status: 'approved' },
      metadata: expect.arrayContaining([
        { name: 'gate', value: 'release' },
        { name: 'status', value: 'approved' },
        { name: 'approvers', value: 'Ana, Ben' },
        { name: 'reason', value: 'looks good' },
        { name: 'version', value: '1.2.3' },
        { name: 'replicas', value: '3' },
      ]),
    });
    expect(listener.last().body).toMatchObject({
      gate: 'release',
      title: 'Ship 1.2.3 to production?',
      details: 'Build 41',
      context: { version: '1.2.3', replicas: '3', digest: 'sha256:0123' },
      subject: 'app-1.2.3',
      approvers: ['S456'],
      quorum: 2,
      timeout_seconds: 5400,
      require_reason: 'deny',
      not_by: ['U999', 'ana@example.com'],
      remind_every_seconds: 1800,
      abandon_after_seconds: 120,
      wait: true,
      channel: '#releases',
      mention: ['@here', 'U123'],
      origin: {
        team: 'main',
        pipeline: 'app',
        job: 'deploy',
        build_id: '4711',
        build_name: '41',
        url: 'https://ci.example.com/teams/main/pipelines/app/jobs/deploy/builds/41',
      },
    });
  }));

test('asks for its own build when it waits and is no gate resource, and else not', () =>
  withGate(async ({ listener, put, source }) => {
    const open = source({ gate: undefined });
    const approval = { title: 'own', gate: 'release' };
    const atGate = { title: 'gate', gate: 'release' };
    const waiting = [put({ approval }, { source: open }), put({ approval: atGate })];
    await until(() => listener.approvals.length === 2);
    for (const each of listener.approvals) listener.decide(each, { status: 'approved' });
    await Promise.all(waiting);
    await put({ approval: { ...approval, title: 'later', wait: false } }, { source: open });
    const told = listener.approvals.map(({ body }) => [body.title, body.for_build]);
    expect(Object.fromEntries(told)).toEqual({ own: true, gate: undefined, later: undefined });
  }));

describe('without waiting, with the key of a request that has ended', () => {
  const keyed = (key?: string) => ({ approval: { title: 'Ship?', gate: 'release', wait: false, key } });

  /** A put of another build with that key, after the request of a first one has come to this end. */
  async function again(
    { listener, put, source }: GateWorld,
    decision: FakeDecision,
    { key, change }: { readonly key?: string; readonly change?: (approval: FakeApproval) => void } = {},
  ) {
    const options = { source: source({ gate: undefined }) };
    await put(keyed(key), options);
    listener.decide(listener.last(), decision);
    change?.(listener.last());
    const env = key === undefined ? BUILD : { ...BUILD, BUILD_ID: '4712' };
    const step = await put(keyed(key), { ...options, env });
    expect(listener.approvals).toHaveLength(1);
    return step;
  }

  test.for<readonly [string, FakeDecision, RegExp]>([
    [
      'a denial',
      { status: 'denied', by: ['Ana'], reason: 'no' },
      /^gate release: this key was denied by Ana at .* UTC: "no": nothing was asked \[APPROVAL_DENIED\]$/,
    ],
    [
      'silence',
      { status: 'timed_out' },
      /this key was not decided by .*: nothing was asked \[APPROVAL_TIMED_OUT\]$/,
    ],
    [
      'a withdrawal',
      { status: 'withdrawn' },
      /this key was withdrawn at .*: nothing was asked \[APPROVAL_WITHDRAWN\]$/,
    ],
    [
      'an approval whose time is over',
      { status: 'expired' },
      /this key was approved, and that has expired: nothing was asked \[APPROVAL_EXPIRED\]$/,
    ],
  ])('fails after %s, because nothing will arrive', async ([, decision, line]) =>
    withGate(async (world) => {
      const step = await again(world, decision, { key: 'ship-1' });
      const [first = '', hint] = stripVTControlCharacters(step.stderr).split('\n');
      expect(first.replace('put: ', '')).toMatch(line);
      expect(hint).toBe('  hint: use another key: let it hold what is asked about, or {{BUILD_ID}}');
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }),
  );

  test('fails when another build has used the approval up', () =>
    withGate(async (world) => {
      const yes = { status: 'approved', by: ['Ana'] } as const;
      const change = (approval: FakeApproval) => void (approval.claimedBy = 'app/deploy #7');
      const step = await again(world, yes, { key: 'ship-1', change });
      expect(step.stderr).toContain(
        'gate release: this key was approved by Ana and used by app/deploy #7: nothing was asked [APPROVAL_REFUSED]',
      );
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }));

  test('says that it was approved already where it still counts', () =>
    withGate(async (world) => {
      const step = await again(world, { status: 'approved', by: ['Ana'] }, { key: 'ship-1' });
      expect(step.stderr).toMatch(
        /^put: gate release: "Ship\?" was approved by Ana already, valid until .* UTC \(a1b2c3d4\)\n$/,
      );
      expect(step.json()).toMatchObject({ version: { approval: 'a1b2c3d4', status: 'requested' } });
    }));

  test('passes where many may use what another build has used', () =>
    withGate(
      async (world) => {
        const change = (approval: FakeApproval) => void (approval.claimedBy = '4700');
        expect((await again(world, { status: 'approved' }, { key: 'ship-1', change })).code).toBe(0);
      },
      { gates: { release: { use: 'many' } } },
    ));

  test('passes under attempts where its own approval was quicker than the answer, and fails where it was denied (C15)', () =>
    withGate(async (world) => {
      const change = (approval: FakeApproval) => void (approval.claimedBy = '4712');
      expect((await again(world, { status: 'approved' }, { change })).code).toBe(0);
      world.listener.decide(world.listener.last(), { status: 'denied', by: ['Ben'] });
      const step = await world.put(keyed(), { source: world.source({ gate: undefined }) });
      expect(step.stderr).toMatch(/this build's request was denied by Ben at .*: nothing was asked/);
      expect(step.stderr).toContain('hint: a new build asks again');
    }));
});

test('asks at once and does not wait with wait: false', () =>
  withGate(async ({ listener, put, source }) => {
    const params = { approval: { ...ask.approval, gate: 'release', wait: false } };
    const step = await put(params, { source: source({ gate: undefined }) });
    expect(step.stderr).toContain('put: not waiting: the decision arrives by check of a gate resource');
    expect(step.json()).toMatchObject({ version: { approval: 'a1b2c3d4', status: 'requested' } });
    expect(listener.count()).toBe(1);
  }));

test('answers at once when the same request was approved before, as under attempts', () =>
  withGate(async ({ listener, put }) => {
    const first = put(ask);
    await until(() => listener.approvals.length > 0);
    listener.decide(listener.last(), { status: 'approved', by: ['Ana'] });
    const again = await Promise.all([first, put(ask)]);
    expect(again.map(({ code }) => code)).toEqual([0, 0]);
    expect(again[0].json()).toEqual(again[1].json());
    expect(listener.approvals).toHaveLength(1);
  }));

const other = { approval: { title: 'Ship 1.2.4 to production?' } };
const instance = (vars: string) => ({ ...BUILD, BUILD_PIPELINE_INSTANCE_VARS: vars });

test.for<readonly [string, [unknown, Record<string, string>], [unknown, Record<string, string>], number]>([
  ['the same of one build', [ask, BUILD], [ask, BUILD], 1],
  ['two questions of one build', [ask, BUILD], [other, BUILD], 2],
  ['the same of two builds', [ask, BUILD], [ask, { ...BUILD, BUILD_ID: '4712' }], 2],
  ['the same of two instances', [ask, instance('{"env":"a"}')], [ask, instance('{"env":"b"}')], 2],
  [
    'the same of one instance, its vars in another order',
    [ask, instance('{"a":1,"env":{"x":1,"y":2}}')],
    [ask, instance('{"env":{"y":2,"x":1},"a":1}')],
    1,
  ],
  [
    'a key of the author, from two builds',
    [{ approval: { ...ask.approval, key: 'ship-1.2.3' } }, BUILD],
    [{ approval: { ...ask.approval, key: 'ship-1.2.3' } }, { ...BUILD, BUILD_ID: '4712' }],
    1,
  ],
])('tells requests apart by what only they have: %s (C15)', async ([, first, second, count]) =>
  withGate(async ({ listener, put, source }) => {
    const open = source({ gate: undefined });
    for (const [params, env] of [first, second]) {
      const asked = { approval: { ...paramsOf(params), gate: 'release', wait: false } };
      expect((await put(asked, { env, source: open })).code).toBe(0);
    }
    expect(listener.approvals).toHaveLength(count);
  }),
);

function paramsOf(params: unknown): object {
  return typeof params === 'object' &&
    params !== null &&
    'approval' in params &&
    typeof params.approval === 'object'
    ? { ...params.approval }
    : {};
}

test('tells who has started the build, where Concourse says it', () =>
  withGate(async ({ listener, put, source }) => {
    const params = { approval: { ...ask.approval, gate: 'release', wait: false } };
    await put(params, {
      env: { ...BUILD, BUILD_CREATED_BY: 'octocat' },
      source: source({ gate: undefined }),
    });
    expect(listener.last().body.origin).toMatchObject({ created_by: 'octocat' });
  }));

test('asks for the channel of its params, and only prefers that of its source', () =>
  withGate(async ({ listener, put, source }) => {
    const params = { approval: { ...ask.approval, gate: 'release', wait: false } };
    const options = { source: source({ gate: undefined, channel: '#releases' }) };
    await put(params, options);
    expect(listener.last().body).toMatchObject({ preferred_channel: '#releases' });
    expect(listener.last().body).not.toHaveProperty('channel');
    await put({ ...params, channel: 'C0OTHER0001' }, options);
    expect(listener.last().body).toMatchObject({ channel: 'C0OTHER0001' });
    expect(listener.last().body).not.toHaveProperty('preferred_channel');
  }));

test('keeps the prefix of the listener’s address', () =>
  withGate(
    async ({ listener, put, source }) => {
      const params = { approval: { ...ask.approval, gate: 'release', wait: false } };
      const url = `${listener.url}/`;
      const open = source({ gate: undefined, listener: { url, token: listener.token } });
      expect((await put(params, { source: open })).code).toBe(0);
      expect(listener.requests.map(({ path }) => path)).toEqual(['/team-a/v1/approvals']);
    },
    { prefix: '/team-a' },
  ));

test('prints no line break of foreign text, and nothing of the token', () =>
  withGate(async ({ listener, put }) => {
    const ended = put({ approval: { title: 'Ship?\nput: approved by Eve' } });
    await until(() => listener.approvals.length > 0);
    listener.decide(listener.last(), {
      status: 'denied',
      by: ['Ana\nEve'],
      reason: 'no\nput: approved by Eve',
    });
    const step = await ended;
    expect(step.stderr).toContain('by Ana Eve at ');
    expect(step.stderr).not.toMatch(/^put: approved/m);
    expect(step.stderr + step.stdout).not.toContain('sensitive');
  }));

test('may name in its question what it is about', () =>
  withGate(async ({ listener, put, source }) => {
    const context = { version: '1.2.3' };
    const title = 'Ship {{version}}, image {{digest}}, to {{stage}}?';
    const approval = {
      title,
      gate: 'release',
      wait: false,
      context,
      context_files: { digest: 'image/digest' },
    };
    const options = { source: source({ gate: undefined }), files: { 'image/digest': 'sha256:01\n' } };
    await put({ approval, vars: { stage: 'production' } }, options);
    expect(listener.last().body.title).toBe('Ship 1.2.3, image sha256:01, to production?');
  }));
