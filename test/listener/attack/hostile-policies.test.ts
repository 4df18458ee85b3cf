import { describe, expect, test } from 'vitest';
import { ALICE, BOB, cardsOf, mrkdwnIn, ORIGIN, press } from './door.ts';
import { refused, teams } from './teams.ts';

const attacked = teams();
const NEVER = 'must never be asked';

/** Refused; that nobody was asked is checked at the end, when a card would have been posted. */
async function refusedToOpen(change: object, status: number, message: string | RegExp): Promise<void> {
  const { door } = attacked();
  refused(await door.open({ title: NEVER, ...change }), status, message);
}

describe('a request by hand that would widen the policy is refused:', () => {
  test.each<[string, object, RegExp]>([
    ['a quorum of 0', { quorum: 0 }, /quorum/],
    ['a quorum of less than 0', { quorum: -1 }, /quorum/],
    ['half a quorum', { quorum: 0.5 }, /quorum/],
    ['a quorum as text', { quorum: '1' }, /quorum/],
    ['a quorum of null', { quorum: null }, /quorum/],
    ['a quorum below the gate’s', { gate: 'double', quorum: 1 }, /quorum: 1 is less than the gate's 2/],
    ['a deny quorum', { deny_quorum: 9 }, /deny_quorum/],
    ['self-approval', { allow_self: true }, /allow_self/],
    ['silence as a yes', { on_timeout: 'approve' }, /on_timeout/],
    ['a use of many', { use: 'many' }, /use/],
    ['a validity of its own', { valid_for: '1000d' }, /valid_for/],
    ['a timeout of 0', { timeout_seconds: 0 }, /timeout_seconds/],
    ['a timeout that never comes', { timeout_seconds: 1e308 }, /timeout_seconds/],
    ['no approvers', { approvers: [] }, /approvers/],
    ['approvers as text', { approvers: 'U0ALICE0001' }, /approvers/],
    ['approvers of its own', { approvers: ['U0EVE000001'] }, /0 people could approve, 1 must/],
    [
      'approvers that are no ids',
      { approvers: ['*', '@here', '<!channel>', 'u0alice0001'] },
      /could approve|nobody/,
    ],
    ['another channel', { channel: 'C0PUBLIC001' }, /C0PUBLIC001 is none of the gate's/],
    ['a channel by its name', { channel: '#releases' }, /is none of the gate's/],
    ['an origin that is none', { origin: [] }, /origin/],
    ['an origin with more than a build has', { origin: { ...ORIGIN, admin: 'true' } }, /admin/],
  ])('%s', (_what, change, message) => refusedToOpen(change, 400, message));

  test('himself through a user group that the gate does not have', async () => {
    const { slack } = attacked().listener;
    slack.addUser({ id: 'U0EVE000001', name: 'eve' });
    slack.setGroup('S0EVESGROUP', ['U0EVE000001']);
    await refusedToOpen({ approvers: ['S0EVESGROUP'] }, 400, /0 people could approve, 1 must/);
    slack.setGroup('S0EVESFRIEND', ['U0EVE000001', ALICE]);
    const { id, card } = await attacked().door.ask({ approvers: ['S0EVESFRIEND'] });
    await press(slack, card, 'Approve', { by: 'U0EVE000001' });
    expect(await attacked().door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
  });

  describe('where silence is a yes,', () => {
    test.each<[string, object, RegExp]>([
      ['a second', { timeout_seconds: 1 }, /approves by timeout, so it cannot be shortened/],
      ['a second less', { timeout_seconds: 3599 }, /approves by timeout, so it cannot be shortened/],
      ['fewer who could deny', { approvers: [ALICE] }, /approves by timeout, so all its approvers/],
      ['approvers barred by name', { not_by: [BOB] }, /approves by timeout, so all its approvers/],
    ])('%s', (_what, change, message) => refusedToOpen({ gate: 'silent', ...change }, 400, message));
  });
});

describe('a gate is one of the operator’s, by its exact name:', () => {
  test.each([
    'Release',
    'release ',
    ' release',
    'rеlease',
    'release\u0000',
    'release/',
    '../release',
    'release%2Fx',
    'main',
    'main/a/b',
    'mаin/a',
    '*',
    'staging',
    '__proto__',
    'constructor',
    'g'.repeat(200),
  ])('%j is none of this token’s', async (name) => {
    await refusedToOpen({ gate: name }, 404, /there is no gate/);
    refused(await attacked().door.decisions(name), 404, /there is no gate/);
  });

  test('a name of more than 200 characters is none at all', async () => {
    await refusedToOpen({ gate: 'g'.repeat(201) }, 400, /gate/);
    refused(await attacked().door.decisions('g'.repeat(2000)), 404, /nothing at this address|no gate/);
  });

  test.each([
    'main/a',
    'main/%2F',
    'main/..',
    'main/ü',
    `main/${'字'.repeat(190)}`,
    'main/<!channel>',
    'main/a\nb',
  ])('%j, which a pattern has, is a gate of its own: its decision is no other’s', async (name) => {
    const { door, listener } = attacked();
    const { id, card } = await door.ask({ gate: name });
    expect([card.text, ...mrkdwnIn(card.blocks)].join()).not.toContain('<!channel>');
    await press(listener.slack, card, 'Approve');
    await door.becomes(id, 'approved');
    const own = async () => (await door.decisions(name)).body['decisions'];
    await expect.poll(own).toEqual([{ approval: id, status: 'approved' }]);
    expect(JSON.stringify((await door.decisions('main/other')).body)).not.toContain(id);
    refused(await door.claim(id, { gate: 'main/other' }), 409, /not of the gate/);
    refused(await door.claim(id, { gate: 'release' }), 409, /not of the gate/);
    expect((await door.claim(id, { gate: name })).status).toBe(200);
  });
});

test('nobody was asked by anything that was refused', async () => {
  const { door, listener } = attacked();
  await door.ask();
  expect(JSON.stringify(cardsOf(listener.slack))).not.toContain(NEVER);
  expect(listener.log()).not.toMatch(/"level":"error"|unexpected/);
});
