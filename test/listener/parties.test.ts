import { expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../support/listener-process.ts';
import { ALICE, BOB, cardOf, doorOf, ORIGIN, press, shows, step } from './attack/door.ts';
import type { Door, Run } from './attack/door.ts';

const CAROL = 'U0CAROL0001';
const DAVE = 'U0DAVE00001';
const GATE = { approvers: [ALICE, BOB, CAROL, DAVE] };

interface Given extends ListenerProcess {
  readonly door: Door;
  /** A put that asks and does not wait. */
  readonly put: (approval: object, files?: Run['files']) => ReturnType<typeof step>;
}

function withGate(
  use: (given: Given) => Promise<void>,
  { gate, ...setup }: ListenerSetup = {},
): Promise<void> {
  const config = { people: { ann: ALICE } };
  return withListenerProcess({ config, ...setup, gate: { ...GATE, ...gate } }, async (listener) => {
    listener.slack.addUser({ id: CAROL, name: 'carol' });
    listener.slack.addUser({ id: DAVE, name: 'dave' });
    const ask = { gate: 'release', title: 'Ship 1.2.3?', wait: false };
    const put: Given['put'] = (approval, files = {}) =>
      step(listener, { params: { approval: { ...ask, ...approval } }, files });
    await use({ ...listener, door: doorOf(listener, listener.slack), put });
  });
}

const RAISE = { gate: { unknown_requester: 'raise' } };
const origin = { ...ORIGIN, created_by: 'ann' };

test.each([
  [['UWE'], 2],
  [['WALTER', 'SVEN'], 3],
  [['U0NOSUCH001'], 2],
  [['UWE', 'Uwe', ' uwe '], 2],
  [[BOB], 1],
])('not_by %j of which Slack knows nobody by a name in capitals asks for %i', (names, quorum) =>
  withGate(async ({ door }) => {
    const { status, body } = await door.open({ origin, not_by: names });
    expect([status, body['quorum']]).toEqual([201, quorum]);
  }, RAISE),
);

test('nothing is opened while Slack does not say whether a name is somebody', () =>
  withGate(async ({ door, slack }) => {
    slack.fault('users.info', { http: 503 }, 20);
    const { status, body } = await door.open({ origin, not_by: ['UWE'] });
    expect([status, body['error']]).toMatchObject([
      503,
      { code: 'unavailable', hint: expect.stringContaining('try again') },
    ]);
  }, RAISE));

test('a requester of whom the configuration has a user that does not exist is unknown', () =>
  withGate(
    async ({ door }) => {
      expect((await door.open({ origin })).body).toMatchObject({ quorum: 2 });
    },
    { ...RAISE, config: { people: { ann: 'UANN' } } },
  ));

test('a name that cannot be matched raises the quorum where unknown requesters are allowed, and is told', () =>
  withGate(async ({ door, slack, put, verb }) => {
    const files = { 'repo/.git/committer': 'ghost@example.com\n', 'repo/authors': `${BOB}\n<!channel>\n` };
    const ended = await put({ not_by_files: ['repo/.git/committer', 'repo/authors'] }, files);
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringContaining(
        'not_by: nobody in Slack is ghost@example.com, <!channel>; for each such name one more must approve: 3 in all',
      ),
    ]);
    const id = String(Reflect.get(Object(ended.json()), 'version').approval);
    expect(await door.view(id)).toMatchObject({ quorum: 3, unmatched: ['ghost@example.com', '<!channel>'] });
    await expect.poll(async () => (await door.view(id))['permalink']).toBeDefined();
    const card = await shows(
      slack,
      cardOf(slack, id),
      'Could not be matched to a Slack user: ghost@example.com, <!channel>',
    );
    for (const by of [ALICE, CAROL, DAVE]) await press(slack, card, 'Approve', { by });
    await door.becomes(id, 'approved');
    expect((await verb('show', id)).stdout).toMatch(/unmatched:\s+- ghost@example\.com/);
  }));

test('more people than a list takes are refused by the put, in words of its params', () =>
  withGate(async ({ put, slack }) => {
    const authors = (count: number) => ({
      'repo/authors': Array.from(
        { length: count },
        (_, n) => `dev${n}@example.com\nDev${n}@example.com`,
      ).join('\n'),
    });
    const refused = await put({ not_by: [BOB], not_by_files: ['repo/authors'] }, authors(30));
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        'put: params.approval.not_by with not_by_files: 31 people, at most 30 [PARAMS_INVALID]',
      ),
    ]);
    expect(slack.messages()).toEqual([]);
    const most = await put({ not_by_files: ['repo/authors'] }, authors(30));
    expect(most.stderr).toContain(
      'the listener refuses to ask for an approval: 4 people could approve, 31 must',
    );
    const approvers = Array.from({ length: 31 }, (_, n) => `U0DEV${String(n).padStart(6, '0')}`);
    expect((await put({ approvers })).stderr).toContain('params.approval.approvers: 31 people, at most 30');
  }));
