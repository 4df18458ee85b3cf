import { describe, expect, test } from 'vitest';
import type { StepResult } from '../../support/step.ts';
import { ALICE, BOB, cardOf, cardsOf, CHANNEL, press, step } from './door.ts';
import type { Run } from './door.ts';
import { sharedListener } from './shared-listener.ts';

// A pipeline's author may run the resource's steps as he likes: with any version, any folder, any source and any build.

const gate = {
  approvers: [ALICE, BOB],
  channels: [CHANNEL],
  unknown_requester: 'allow',
  require_reason: 'never',
};
const attacked = sharedListener({
  config: {
    tokens: [
      {
        name: 'ci-main',
        token: 'sensitive-listener-token-of-pipelines',
        may: ['open', 'read', 'claim'],
        gates: ['release', 'staging', 'ops'],
      },
    ],
    gates: { release: gate, staging: gate, ops: { ...gate, from: ['ops/*'] } },
  },
});

const run = (given: Run) => step(attacked().listener, given);

function refused({ code, stdout, stderr }: StepResult, line: string | RegExp): void {
  expect(stderr).toMatch(line);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).not.toMatch(/sensitive|\.js:\d+/);
}

async function decided(button: 'Approve' | 'Deny', change: object = {}): Promise<string> {
  const { door, listener } = attacked();
  const { id, card } = await door.ask({ ...change });
  await press(listener.slack, card, button);
  await door.becomes(id, button === 'Approve' ? 'approved' : 'denied');
  return id;
}

const folder = (version: unknown, more: Readonly<Record<string, string>> = {}) => ({
  'gate/version.json': JSON.stringify(version),
  ...more,
});
const claim = { claim: 'gate', gate: 'release' };
const source = { gate: 'release' };

describe.concurrent('a version made by hand (C24)', () => {
  test.each<[string, (id: string) => unknown]>([
    ['of an approval that never was', () => ({ approval: '0123456789abcdef01234567', status: 'approved' })],
    ['with a path for an id', () => ({ approval: '../gates/release/decisions', status: 'approved' })],
    ['with an encoded path for an id', () => ({ approval: '..%2fgates', status: 'approved' })],
    ['with the id in capitals', (id) => ({ approval: id.toUpperCase(), status: 'approved' })],
    ['with a space after the id', (id) => ({ approval: `${id} `, status: 'approved' })],
    ['that calls a denial an approval', (id) => ({ approval: id, status: 'approved' })],
  ])('%s: check does not report it, get does not write it, claim does not take it', async (_what, make) => {
    const version = make(await decided('Deny'));
    expect((await run({ step: 'check', source, version })).stdout).not.toContain(JSON.stringify(version));
    refused(await run({ step: 'in', source, version }), /\[(APPROVAL_\w+|VERSION_INVALID)\]/);
    refused(
      await run({ params: claim, files: folder(version) }),
      /\[(APPROVAL_\w+|VERSION_INVALID|FILE_\w+)\]/,
    );
  });

  test('of a denial opens nothing where a gate reports denials: it is told as what it is', async () => {
    const version = { approval: await decided('Deny'), status: 'denied' };
    const wide = { gate: 'release', emit: ['denied', 'approved'] };
    expect((await run({ step: 'check', source: wide, version })).stdout).toContain('"denied"');
    refused(await run({ params: claim, files: folder(version) }), /APPROVAL_REFUSED/);
  });

  test('of another gate is none of this gate’s', async () => {
    const version = { approval: await decided('Approve', { gate: 'staging' }), status: 'approved' };
    expect((await run({ step: 'check', source, version })).stdout).not.toContain(version.approval);
    refused(await run({ step: 'in', source, version }), /APPROVAL_REFUSED/);
    refused(
      await run({ params: claim, files: folder(version) }),
      /not of the gate release \[APPROVAL_REFUSED\]/,
    );
  });

  test('of a message, a call or nothing at all is no approval', async () => {
    for (const version of [{ channel: CHANNEL, ts: '1700000000.000100' }, { call: 'x', status: '200' }, {}])
      refused(await run({ params: claim, files: folder(version) }), /\[[A-Z_]+\]/);
    for (const files of [{}, { 'gate/version.json': '[]' }, { 'gate/version.json': '{"approval":1}' }])
      refused(await run({ params: claim, files }), /\[[A-Z_]+\]/);
  });
});

describe.concurrent('a folder that was edited', () => {
  test('changes nothing: what is claimed is what the listener knows, not what the files say', async () => {
    const id = await decided('Approve');
    const edited = folder(
      { approval: id, status: 'approved' },
      {
        'gate/context.json': '{"version":"6.6.6"}',
        'gate/context/version': '6.6.6',
        'gate/decision.json': '{}',
      },
    );
    const wish = { ...claim, expect_files: { version: 'gate/context/version' } };
    refused(await run({ params: wish, files: edited }), /version is "6\.6\.6" here, approved was "1\.2\.3"/);
    refused(await run({ params: { ...claim, gate: 'staging' }, files: edited }), /not of the gate staging/);
    expect(await run({ params: { ...claim, expect: { version: '1.2.3' } }, files: edited })).toMatchObject({
      code: 0,
    });
  });
});

describe.concurrent('a second build (C26)', () => {
  const again = [
    ['a rerun', { BUILD_ID: '4712', BUILD_NAME: '41.1' }],
    ['a build started by hand', { BUILD_ID: '4713', BUILD_NAME: '42', BUILD_CREATED_BY: 'eve' }],
    ['another job', { BUILD_ID: '4714', BUILD_JOB_NAME: 'deploy-by-hand' }],
  ] as const;

  test('is no first one: a decision that was used is used', async () => {
    const id = await decided('Approve');
    const files = folder({ approval: id, status: 'approved' });
    expect(await run({ params: claim, files })).toMatchObject({ code: 0 });
    for (const [, env] of again)
      refused(
        await run({ params: claim, files, env }),
        /was used already, by app\/deploy #41 \[APPROVAL_REFUSED\]/,
      );
    // The same build may ask again, under `attempts`.
    expect(await run({ params: claim, files })).toMatchObject({ code: 0 });
  });

  test('waits for a decision of its own, whatever key its author chose', async () => {
    const { listener, door } = attacked();
    const params = { approval: { gate: 'release', title: 'A fixed key', key: 'always-the-same' } };
    const first = run({ params });
    const card = await listener.slack.when(() =>
      cardsOf(listener.slack).find(({ text }) => text.includes('A fixed key')),
    );
    const id = /"value":"([0-9a-f]{24})\./.exec(JSON.stringify(card.blocks))?.[1] ?? '';
    await expect.poll(() => door.view(id)).toHaveProperty('permalink');
    await press(listener.slack, cardOf(listener.slack, id), 'Approve');
    expect(await first).toMatchObject({ code: 0 });
    for (const [, env] of again.slice(0, 2))
      refused(await run({ params, env }), /belongs to another build, app\/deploy #41.* \[APPROVAL_REFUSED\]/);
    // The step of the same build that lost its answer finds it.
    expect(await run({ params })).toMatchObject({ code: 0 });
  });

  test('of another instance of the pipeline, or of another pipeline, has no part in it (C14, C25)', async () => {
    const id = await decided('Approve');
    const files = folder({ approval: id, status: 'approved' });
    for (const env of [
      { BUILD_PIPELINE_INSTANCE_VARS: '{"env":"prod"}' },
      { BUILD_PIPELINE_NAME: 'other' },
      { BUILD_TEAM_NAME: 'other' },
      { BUILD_TEAM_NAME: '', BUILD_PIPELINE_NAME: '' },
    ])
      refused(await run({ params: claim, files, env }), /another pipeline, or another instance of it/);
  });
});

describe.concurrent('a gate resource', () => {
  test('takes no put that would save a version and so start the job behind it (C24)', async () => {
    const version = { approval: '0123456789abcdef01234567', status: 'approved' };
    for (const params of [
      { text: 'hello' },
      { approval: { title: 'Ship?', wait: false } },
      { thread_from: 'gate', text: 'hello' },
      { react: 'x', update_from: 'gate' },
      { approval: { title: 'Ship?' }, dry_run: true },
      { call: { path: '/x' } },
      {},
    ])
      refused(await run({ source, params, files: folder(version) }), /\[(PARAMS|SOURCE)_INVALID\]/);
  });

  test('for other pipelines asks nobody here: BUILD_* says where it runs', async () => {
    const ask = { approval: { gate: 'ops', title: 'Not ours' } };
    refused(await run({ params: ask }), /this gate is for ops\/\*, not for main\/app \[APPROVAL_REFUSED\]/);
    refused(await run({ params: ask, env: { BUILD_TEAM_NAME: 'ops/x' } }), /not for ops\/x\/app/);
    expect(JSON.stringify(cardsOf(attacked().listener.slack))).not.toContain('Not ours');
  });
});
