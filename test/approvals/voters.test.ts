import { describe, expect, test } from 'vitest';
import { countVoters, mayDecide, mayDecideKnown, partiesOf } from '../../src/approvals/voters.ts';
import { fakeDirectory } from './directory.ts';
import { ANA, BEN, CEM, ORIGIN, requestOf, termsOf } from './samples.ts';

const GROUPS = { S0GROUP0001: [ANA, BEN], S0GROUP0002: [BEN, CEM] };
const PEOPLE = new Map([['octocat', ANA]]);

describe('who may decide', () => {
  test('is whoever is in the list of the gate', async () => {
    const directory = fakeDirectory(GROUPS);
    expect(await mayDecide(ANA, termsOf(), directory)).toMatchObject({ ok: true });
    expect(await mayDecide(CEM, termsOf(), directory)).toEqual({ ok: false, reason: 'not_listed' });
  });

  test('is only whoever is in both lists where the request names its own', async () => {
    const directory = fakeDirectory(GROUPS);
    const terms = termsOf({ narrowed: ['S0GROUP0002'] });
    expect(await mayDecide(BEN, terms, directory)).toMatchObject({ ok: true });
    expect(await mayDecide(ANA, terms, directory)).toMatchObject({ ok: false });
    expect(await mayDecide(CEM, terms, directory)).toMatchObject({ ok: false });
  });

  test('is nobody who is excluded, by id, and without asking Slack (A10)', async () => {
    const directory = fakeDirectory(GROUPS);
    const terms = termsOf({ excluded: [ANA] });
    expect(await mayDecide(ANA, terms, directory)).toEqual({ ok: false, reason: 'excluded' });
    expect(mayDecideKnown(ANA, terms, directory)).toEqual({ ok: false, reason: 'excluded' });
    expect([directory.calls.eligible, directory.calls.known]).toEqual([0, 0]);
  });

  test('is not known without asking, where either list is not', () => {
    const directory = fakeDirectory(GROUPS);
    expect(mayDecideKnown(BEN, termsOf(), directory)).toBeUndefined();
    const half = {
      ...directory,
      known: (_: string, list: readonly string[]) =>
        list.includes('S0GROUP0001') ? ({ ok: true, name: 'ben' } as const) : undefined,
    };
    expect(mayDecideKnown(BEN, termsOf(), half)).toMatchObject({ ok: true });
    expect(mayDecideKnown(BEN, termsOf({ narrowed: ['S0GROUP0002'] }), half)).toBeUndefined();
  });

  test('is nobody while Slack does not say (A11)', async () => {
    const directory = fakeDirectory(GROUPS);
    directory.away = true;
    await expect(mayDecide(ANA, termsOf(), directory)).rejects.toMatchObject({ code: 'SLACK_UNREACHABLE' });
  });
});

describe('how many could approve', () => {
  test('is counted in both lists, without those who may not (A12, A13)', async () => {
    const directory = fakeDirectory(GROUPS);
    expect(await countVoters(termsOf(), directory)).toBe(2);
    expect(await countVoters(termsOf({ excluded: [ANA] }), directory)).toBe(1);
    expect(await countVoters(termsOf({ narrowed: ['S0GROUP0002'] }), directory)).toBe(1);
    expect(await countVoters(termsOf({ narrowed: ['S0GROUP0002'], excluded: [BEN] }), directory)).toBe(0);
    expect(await countVoters(termsOf({ approvers: [ANA, 'S0GROUP0001'] }), directory)).toBe(2);
  });
});

describe('the parties of a request', () => {
  const parties = (change: object, directory = fakeDirectory(GROUPS)) =>
    partiesOf(requestOf(change), PEOPLE, directory);

  test('are the requester by the operator’s table alone, in whatever case (A10)', async () => {
    expect(await parties({ origin: { ...ORIGIN, created_by: 'OctoCat' } })).toMatchObject({ requester: ANA });
    // A Concourse user who is named like somebody's Slack id is not that person.
    expect(await parties({ origin: { ...ORIGIN, created_by: BEN } })).toMatchObject({ requester: undefined });
    expect(await parties({ origin: { pipeline: 'app' } })).toMatchObject({ requester: undefined });
  });

  test('are those whom the request names: by table, id, group and address', async () => {
    const directory = fakeDirectory(GROUPS);
    directory.addresses.set('cem@example.com', CEM);
    const named = ['octocat', BEN, 'S0GROUP0002', 'Cem Y <cem@example.com>'];
    expect((await parties({ not_by: named }, directory)).barred).toEqual([ANA, BEN, BEN, CEM, CEM]);
  });

  test('are unknown where nobody is found, each name once', async () => {
    const named = ['ghost', 'Ghost ', 'ghoul', 'nobody@example.com'];
    expect((await parties({ not_by: named })).unknown).toEqual(['ghost', 'ghoul', 'nobody@example.com']);
  });

  test('are nobody for a name in capitals that only looks like an id', async () => {
    const directory = fakeDirectory(GROUPS);
    directory.users = new Set([ANA, BEN]);
    const named = ['UWE', 'WALTER', 'SVEN', ANA];
    expect(await parties({ not_by: named }, directory)).toMatchObject({
      barred: [ANA],
      unknown: ['UWE', 'WALTER', 'SVEN'],
    });
  });

  test('are nobody for a user of the operator’s table whom Slack does not know', async () => {
    const directory = fakeDirectory(GROUPS);
    directory.users = new Set([BEN]);
    const change = { not_by: ['octocat'], origin: { ...ORIGIN, created_by: 'octocat' } };
    expect(await parties(change, directory)).toEqual({
      requester: undefined,
      barred: [],
      unknown: ['octocat'],
    });
  });

  test.each([BEN, 'S0GROUP0002'])('are not known, not nobody, while Slack does not say: %s', async (name) => {
    const directory = fakeDirectory(GROUPS);
    directory.away = true;
    await expect(parties({ not_by: [name] }, directory)).rejects.toMatchObject({ code: 'SLACK_UNREACHABLE' });
  });
});
