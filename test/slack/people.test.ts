import { describe, expect, it } from 'vitest';
import type { Home } from '../../src/slack/admission.ts';
import type { Slack } from '../../src/slack/client.ts';
import { createPeople } from '../../src/slack/people.ts';
import type { People } from '../../src/slack/people.ts';
import type { UserSeed } from '../fakes/slack/options.ts';
import { manualClock, settled } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { withSlack } from '../support/slack-in-process.ts';
import type { InProcessOptions, SlackInProcess } from '../support/slack-in-process.ts';

const HOME: Home = { teamId: 'T0TEAM00001', enterpriseId: undefined };
const USERS: readonly UserSeed[] = [
  { id: 'U0ALICE0001', name: 'alice', realName: 'Alice A.', email: 'alice@example.com' },
  { id: 'U0BOB000001', name: 'bob', email: 'bob@example.com' },
  { id: 'U0GONE00001', name: 'gone', deleted: true },
  { id: 'U0GUEST0001', name: 'guest', restricted: true },
  { id: 'U0SINGLE001', name: 'single', ultraRestricted: true },
  { id: 'U0OTHER0001', name: 'other', team: 'T0OTHER0001' },
  { id: 'U0STRANGE01', name: 'strange', team: 'T0TEAM00001', stranger: true },
  { id: 'U0ROBOT0001', name: 'robot', bot: true },
];
const GROUPS = {
  S0OPS000001: ['U0ALICE0001', 'U0GUEST0001', 'U0GONE00001'],
  S0DEV000001: ['U0BOB000001'],
  S0EMPTY0001: [],
};

interface PeopleWorld extends SlackInProcess {
  readonly people: People;
  readonly time: ManualClock;
}

function withPeople(
  use: (world: PeopleWorld) => Promise<void>,
  options: InProcessOptions & { home?: Home } = {},
) {
  const { home = HOME, ...slack } = options;
  return withSlack(
    async (world) => {
      const time = manualClock();
      const people = createPeople({ slack: world.slack, clock: time, home: () => home });
      await use({ ...world, people, time });
    },
    { users: USERS, groups: GROUPS, ...slack },
  );
}

describe('who may decide', () => {
  it.each([
    ['a listed user', 'U0ALICE0001', ['U0ALICE0001'], { ok: true, name: 'alice', via: 'U0ALICE0001' }],
    [
      'a member of a group',
      'U0ALICE0001',
      ['S0DEV000001', 'S0OPS000001'],
      { ok: true, name: 'alice', via: 'S0OPS000001' },
    ],
    [
      'the owner of an address, in any case (S33)',
      'U0ALICE0001',
      ['Alice@Example.com'],
      { ok: true, name: 'alice', via: 'Alice@Example.com' },
    ],
    ['somebody else', 'U0BOB000001', ['U0ALICE0001'], { ok: false, reason: 'not_listed' }],
    ['nobody, of an empty list', 'U0BOB000001', [], { ok: false, reason: 'not_listed' }],
    ['nobody, of an empty group', 'U0BOB000001', ['S0EMPTY0001'], { ok: false, reason: 'not_listed' }],
    [
      'nobody, of a group that is not there',
      'U0BOB000001',
      ['S0NOWHERE01'],
      { ok: false, reason: 'not_listed' },
    ],
    ['nobody, of a name (S21, C28)', 'U0BOB000001', ['bob', '@bob'], { ok: false, reason: 'not_listed' }],
    ['a listed guest (S23)', 'U0GUEST0001', ['S0OPS000001'], { ok: false, reason: 'guest' }],
    ['a guest of one channel (A14)', 'U0SINGLE001', ['U0SINGLE001'], { ok: false, reason: 'guest' }],
    [
      'a member who was deactivated (A11)',
      'U0GONE00001',
      ['S0OPS000001'],
      { ok: false, reason: 'deactivated' },
    ],
    ['a listed stranger (A14)', 'U0STRANGE01', ['U0STRANGE01'], { ok: false, reason: 'foreign' }],
    [
      'a listed member of another workspace (S23)',
      'U0OTHER0001',
      ['U0OTHER0001'],
      { ok: false, reason: 'foreign' },
    ],
    [
      'a listed user whom Slack does not know',
      'U0NOBODY001',
      ['U0NOBODY001'],
      { ok: false, reason: 'foreign' },
    ],
    ['a listed robot', 'U0ROBOT0001', ['U0ROBOT0001'], { ok: false, reason: 'bot' }],
  ])('%s', (_, user, approvers, result) =>
    withPeople(async ({ people }) => {
      expect(await people.eligible(user, approvers)).toEqual(result);
      expect(people.known(user, approvers)).toEqual(result);
    }),
  );

  it('is not known before Slack was asked', () =>
    withPeople(async ({ people, fake }) => {
      for (const entry of ['U0ALICE0001', 'S0OPS000001', 'alice@example.com'])
        expect(people.known('U0ALICE0001', [entry])).toBeUndefined();
      expect(fake.count()).toBe(0);
    }));

  it('is decided without a call for who is excluded or is not in a list of users', () =>
    withPeople(async ({ people, fake }) => {
      const excluded = ['U0ALICE0001'];
      expect(await people.eligible('U0ALICE0001', ['U0ALICE0001'], { excluded })).toEqual({
        ok: false,
        reason: 'excluded',
      });
      expect(people.known('U0ALICE0001', ['S0OPS000001'], { excluded })).toMatchObject({
        reason: 'excluded',
      });
      for (let click = 0; click < 1000; click++)
        expect(people.known(`U0CROWD${click}`, ['U0ALICE0001'])).toEqual({ ok: false, reason: 'not_listed' });
      expect(fake.count()).toBe(0);
    }));

  it('costs one call for a crowd that is not in a group', () =>
    withPeople(async ({ people, fake }) => {
      const crowd = Array.from({ length: 1000 }, (_, at) => people.eligible(`U0CROWD${at}`, ['S0OPS000001']));
      expect((await Promise.all(crowd)).filter(({ ok }) => ok)).toEqual([]);
      expect(fake.calls.map(({ method }) => method)).toEqual(['usergroups.users.list']);
    }));

  it('cannot be known while a group cannot be read, unless another entry tells', () =>
    withPeople(async ({ people, fake }) => {
      fake.fault('usergroups.users.list', { error: 'missing_scope' }, 2);
      await expect(people.eligible('U0BOB000001', ['S0OPS000001'])).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
        message: expect.stringContaining('missing_scope'),
      });
      expect(await people.eligible('U0BOB000001', ['S0OPS000001', 'U0BOB000001'])).toMatchObject({
        ok: true,
        via: 'U0BOB000001',
      });
      expect(await people.eligible('U0BOB000001', ['S0OPS000001'])).toMatchObject({ reason: 'not_listed' });
    }));

  it('cannot be known while the person cannot be read', () =>
    withPeople(async ({ people, fake }) => {
      fake.fault('users.info', { error: 'team_access_not_granted' });
      await expect(people.eligible('U0ALICE0001', ['U0ALICE0001'])).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
      });
      expect(people.known('U0ALICE0001', ['U0ALICE0001'])).toBeUndefined();
      expect(await people.eligible('U0ALICE0001', ['U0ALICE0001'])).toMatchObject({ ok: true });
    }));

  it('cannot be known while the own workspace is not', () =>
    withPeople(
      async ({ people }) => {
        await expect(people.eligible('U0ALICE0001', ['U0ALICE0001'])).rejects.toMatchObject({
          message: 'the workspace of the listener is not known yet',
        });
      },
      { home: { ...HOME, teamId: undefined } },
    ));

  it('fails closed without users:read.email, which hides addresses (S33)', () =>
    withPeople(
      async ({ people }) => {
        await expect(people.eligible('U0ALICE0001', ['alice@example.com'])).rejects.toMatchObject({
          hint: expect.stringContaining('users:read.email'),
        });
      },
      { scopes: ['users:read', 'usergroups:read'] },
    ));
});

describe('an address', () => {
  const answering = (user: unknown): Slack => ({ call: async () => ({ ok: true, user }) });
  const find = (user: unknown, email: string) =>
    createPeople({ slack: answering(user), clock: manualClock(), home: () => HOME }).byEmail(email);

  it.each([
    ['its own', { email: 'alice@example.com' }, 'U1'],
    ['a secondary domain (S33)', { email: 'alice@corp.example' }, undefined],
    ['a sub-address (A10)', { email: 'alice+ci@example.com' }, undefined],
    ['none that is shown (S33)', {}, undefined],
  ])('stands for a member with %s', async (_, profile, id) => {
    expect(await find({ id: 'U1', profile }, 'alice@example.com')).toBe(id);
  });

  it('that was never confirmed stands for nobody (S33)', async () => {
    const profile = { email: 'alice@example.com' };
    expect(await find({ id: 'U1', profile, is_email_confirmed: false }, 'alice@example.com')).toBeUndefined();
    expect(await find({ id: 'U1', profile, is_email_confirmed: true }, 'alice@example.com')).toBe('U1');
  });
});

describe('the list', () => {
  it('holds the active full members, each once', () =>
    withPeople(async ({ people }) => {
      const all = await people.expand(['S0OPS000001', 'U0BOB000001', 'bob@example.com', 'U0ROBOT0001']);
      expect([...all]).toEqual(['U0ALICE0001', 'U0BOB000001']);
    }));

  it('leaves out who is excluded, and entries that name nobody', () =>
    withPeople(async ({ people }) => {
      const approvers = ['S0NOWHERE01', 'nobody@example.com', 'S0DEV000001', 'U0ALICE0001'];
      expect([...(await people.expand(approvers, { excluded: ['U0ALICE0001'] }))]).toEqual(['U0BOB000001']);
      expect([...(await people.expand(['S0EMPTY0001']))]).toEqual([]);
    }));

  it('is refused when all its entries name nobody', () =>
    withPeople(async ({ people }) => {
      await expect(people.expand(['S0NOWHERE01', 'nobody@example.com'])).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
        message: 'Slack knows nobody of S0NOWHERE01, nobody@example.com',
      });
    }));

  it('cannot be counted while a part of it cannot be read', () =>
    withPeople(async ({ people, fake }) => {
      fake.fault('usergroups.users.list', { error: 'org_login_required' });
      await expect(people.expand(['S0OPS000001', 'U0BOB000001'])).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
      });
    }));
});

describe('the memory', () => {
  it('asks once for all who ask at once, and again after a minute', () =>
    withPeople(async ({ people, fake, time }) => {
      await Promise.all(Array.from({ length: 50 }, () => people.group('S0OPS000001')));
      expect(fake.count('usergroups.users.list')).toBe(1);
      await time.advance(59_999);
      expect(people.cachedGroup('S0OPS000001')?.value?.has('U0ALICE0001')).toBe(true);
      await time.advance(1);
      expect(people.cachedGroup('S0OPS000001')).toBeUndefined();
      await people.group('S0OPS000001');
      expect(fake.count('usergroups.users.list')).toBe(2);
    }));

  it('counts the age of an answer from the question', async () => {
    const time = manualClock();
    const slow: Slack = {
      async call() {
        await time.sleep(40_000);
        return { ok: true, users: ['U1'] };
      },
    };
    const people = createPeople({ slack: slow, clock: time, home: () => HOME });
    const asking = people.group('S1');
    await time.advance(40_000);
    await asking;
    await time.advance(19_999);
    expect(people.cachedGroup('S1')).toBeDefined();
    await time.advance(1);
    expect(people.cachedGroup('S1')).toBeUndefined();
  });

  it('keeps no failure, and soon asks again for who was not there', () =>
    withPeople(async ({ people, fake, time }) => {
      fake.fault('users.info', { error: 'user_disabled' });
      await expect(people.user('U0BOB000001')).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
      expect(await people.user('U0BOB000001')).toMatchObject({ name: 'bob' });
      expect(await people.user('U0NOBODY001')).toBeUndefined();
      expect(people.cachedUser('U0NOBODY001')).toEqual({ value: undefined });
      await time.advance(5_000);
      expect(people.cachedUser('U0NOBODY001')).toBeUndefined();
    }));

  it('asks again beside a question that hangs, and keeps the newer answer', async () => {
    const time = manualClock();
    const asked: ((users: string[]) => void)[] = [];
    const hanging: Slack = {
      call: () => new Promise((resolve) => asked.push((users) => resolve({ ok: true, users }))),
    };
    const people = createPeople({ slack: hanging, clock: time, home: () => HOME });
    const first = people.group('S1');
    await time.advance(14_999);
    const second = people.group('S1');
    expect(asked).toHaveLength(1);
    await time.advance(1);
    const third = people.group('S1');
    expect(asked).toHaveLength(2);
    asked[1]?.(['U2']);
    await third;
    asked[0]?.(['U1']);
    await Promise.all([first, second]);
    await settled();
    expect([...(people.cachedGroup('S1')?.value ?? [])]).toEqual(['U2']);
  });

  it('is bounded: the one used longest ago makes room', async () => {
    const calls: unknown[] = [];
    const slack: Slack = {
      async call(_, { user }) {
        calls.push(user);
        return { ok: true, user: { id: user } };
      },
    };
    const people = createPeople({ slack, clock: manualClock(), home: () => HOME });
    for (let at = 0; at < 5_000; at++) await people.user(`U${at}`);
    people.cachedUser('U0');
    await people.user('U5000');
    expect(people.cachedUser('U0')).toBeDefined();
    expect(people.cachedUser('U1')).toBeUndefined();
  });
});

it('knows members of all workspaces of the own organization (S23)', async () => {
  const user = { id: 'W1', team_id: 'T0OTHER0001', enterprise_user: { enterprise_id: 'E1' }, name: 'w' };
  const slack: Slack = { call: async () => ({ ok: true, user }) };
  const at = (home: Home) =>
    createPeople({ slack, clock: manualClock(), home: () => home }).eligible('W1', ['W1']);
  expect(await at({ teamId: 'T1', enterpriseId: 'E1' })).toMatchObject({ ok: true });
  expect(await at({ teamId: undefined, enterpriseId: 'E1' })).toMatchObject({ ok: true });
  expect(await at({ teamId: 'T1', enterpriseId: 'E2' })).toMatchObject({ reason: 'foreign' });
  expect(await at({ teamId: 'T1', enterpriseId: undefined })).toMatchObject({ reason: 'foreign' });
});
