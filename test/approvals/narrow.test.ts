import { describe, expect, test } from 'vitest';
import { openApproval } from '../../src/approvals/open.ts';
import type { OpenPorts } from '../../src/approvals/open.ts';
import type { OpenRequest } from '../../src/approvals/contract.ts';
import { approvalId, contentOf, narrow } from '../../src/approvals/narrow.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import type { Parties } from '../../src/approvals/narrow.ts';
import { manualClock } from '../support/manual-clock.ts';
import { fakeDirectory } from './directory.ts';
import { ANA, BEN, HOUR, MINUTE, NO_ONE, NOON, ORIGIN, policyOf, requestOf } from './samples.ts';

function narrowed(
  request: Partial<OpenRequest> = {},
  policy: Partial<GatePolicy> = {},
  parties: Parties = NO_ONE,
) {
  return narrow(requestOf(request), policyOf(policy), 'ci-main', parties, NOON);
}

function terms(...given: Parameters<typeof narrowed>) {
  const result = narrowed(...given);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return result.terms;
}

function problems(...given: Parameters<typeof narrowed>): readonly string[] {
  const result = narrowed(...given);
  return 'problems' in result ? result.problems : [];
}

describe('a pipeline that narrows', () => {
  test('gets the policy of the gate where it says nothing', () => {
    expect(terms()).toMatchObject({
      approvers: ['S0GROUP0001'],
      narrowed: undefined,
      quorum: 1,
      endsAt: NOON + 8 * HOUR,
      onTimeout: 'deny',
      use: 'once',
      channel: 'C0RELEASES1',
      requireReason: 'never',
      supersede: true,
    });
  });

  test('gets a higher quorum, a shorter time, a stricter reason and fewer people', () => {
    const asked = { quorum: 3, timeout_seconds: 60, require_reason: 'always' as const, approvers: [ANA] };
    expect(terms(asked)).toMatchObject({
      quorum: 3,
      endsAt: NOON + MINUTE,
      requireReason: 'always',
      approvers: ['S0GROUP0001'],
      narrowed: [ANA],
    });
  });

  test('has its card in the channel that the resource prefers where the gate lets it, else in the first of the gate', () => {
    const channels = ['C0RELEASES1', 'C0RELEASES2'];
    expect(terms({ preferred_channel: 'C0RELEASES2' }, { channels }).channel).toBe('C0RELEASES2');
    expect(terms({ preferred_channel: '#releases' }, { channels }).channel).toBe('C0RELEASES1');
    expect(terms({ preferred_channel: '#releases' }, { channels: [] }).channel).toBe('#releases');
    expect(terms({ preferred_channel: 'C0OTHER0001', channel: 'C0RELEASES2' }, { channels }).channel).toBe(
      'C0RELEASES2',
    );
  });

  test('reminds at most once a minute, and is held for at least one', () => {
    expect(terms({ remind_every_seconds: 1, abandon_after_seconds: 1 })).toMatchObject({
      remindEveryMs: MINUTE,
      abandonAfterMs: MINUTE,
    });
  });
});

describe('a hostile pipeline author', () => {
  test('cannot lower the quorum', () => {
    expect(problems({ quorum: 1 }, { quorum: 2 })).toEqual(["quorum: 1 is less than the gate's 2"]);
  });

  test('cannot wait longer than the gate does', () => {
    expect(problems({ timeout_seconds: 28_801 })).toEqual(["timeout: 8h1s is more than the gate's 8h"]);
  });

  test('cannot let a second pass at a gate that approves by timeout', () => {
    expect(problems({ timeout_seconds: 1 }, { onTimeout: 'approve' })).toEqual([
      'timeout: this gate approves by timeout, so it cannot be shortened from 8h',
    ]);
    expect(terms({ timeout_seconds: 28_800 }, { onTimeout: 'approve' }).endsAt).toBe(NOON + 8 * HOUR);
  });

  test('cannot leave fewer who could deny at a gate that approves by timeout', () => {
    const policy = { onTimeout: 'approve' } as const;
    expect(problems({ approvers: [ANA], not_by: [BEN] }, policy)).toEqual([
      'approvers: this gate approves by timeout, so all its approvers may decide',
      'not_by: this gate approves by timeout, so all its approvers may decide',
    ]);
    expect(terms({ quorum: 3 }, policy).quorum).toBe(3);
  });

  test('cannot make it harder to deny at a gate that approves by timeout', () => {
    const policy = { onTimeout: 'approve', requireReason: 'never' } as const;
    for (const wish of ['deny', 'always'] as const)
      expect(problems({ require_reason: wish }, policy)).toEqual([
        `require_reason: this gate approves by timeout, so ${wish} cannot take the place of its never`,
      ]);
    expect(terms({ require_reason: 'never' }, policy).requireReason).toBe('never');
    expect(terms({ require_reason: 'always' }).requireReason).toBe('always');
  });

  test('cannot put an address on the card that is none of the web', () => {
    const links = ['https://ci.example/a', 'javascript:alert(1)', 'data:text/html,x', '//host/x'];
    expect(problems({ links: links.map((url) => ({ title: 'report', url })) })).toEqual(
      [1, 2, 3].map((at) => `links[${at}].url: is no http or https address`),
    );
  });

  test('cannot ask for fewer reasons', () => {
    expect(problems({ require_reason: 'never' }, { requireReason: 'deny' })).toEqual([
      "require_reason: never asks for less than the gate's deny",
    ]);
    expect(problems({ require_reason: 'deny' }, { requireReason: 'always' })).toHaveLength(1);
  });

  test('cannot hide the card in a channel of its own', () => {
    expect(problems({ channel: 'C0ELSEWHERE' })).toEqual([
      "channel: C0ELSEWHERE is none of the gate's (C0RELEASES1)",
    ]);
    expect(problems({ channel: '#releases' })).toEqual([
      "channel: #releases is none of the gate's (C0RELEASES1): write the id of the channel, not its name",
    ]);
    expect(problems({}, { channels: [] })).toEqual(['channel: required, because the gate names none']);
  });

  test('cannot ask from a pipeline that the gate is not for, or from none', () => {
    const policy = { from: ['main/app', 'ops/*'] };
    expect(problems({}, policy)).toEqual([]);
    expect(problems({ origin: { ...ORIGIN, team: 'ops', pipeline: 'any' } }, policy)).toEqual([]);
    expect(problems({ origin: { ...ORIGIN, pipeline: 'app2' } }, policy)).toEqual([
      'this gate is for main/app, ops/*, not for main/app2',
    ]);
    expect(problems({ origin: {} }, policy)).toEqual([
      'this gate is for main/app, ops/*, not for a build without a pipeline',
    ]);
    expect(problems({ origin: { team: 'ops', pipeline: 'a/b' } }, policy)).toHaveLength(1);
  });

  test('is told everything that is wrong at once', () => {
    const asked = {
      quorum: 1,
      timeout_seconds: 99_999,
      channel: 'C0ELSEWHERE',
      require_reason: 'never',
    } as const;
    expect(problems(asked, { quorum: 2, requireReason: 'always' })).toHaveLength(4);
  });

  test('cannot ask for a build that does not wait, or that has no id', () => {
    const { build_id: _, ...origin } = ORIGIN;
    expect(problems({ for_build: true })).toEqual([
      'for_build: a request that nobody waits for is for no build',
    ]);
    expect(problems({ for_build: true, wait: true, origin })).toEqual([
      'for_build: the origin names no build',
    ]);
  });

  test('cannot fill the record: a long context is refused, links that do not fit keep their titles', () => {
    expect(problems({ context: { log: 'x'.repeat(8192), more: 'y'.repeat(8192) } })).toEqual([
      'context: has 16404 bytes, at most 16384 are kept; a digest stands for long things',
    ]);
    const fat = { details: '承'.repeat(8000), context: { log: 'x'.repeat(8000), more: 'y'.repeat(8000) } };
    expect(problems(fat).join()).toMatch(/^the request has \d+ bytes, at most 38000 are kept/);
    const links = Array.from({ length: 20 }, (_, at) => ({
      title: `${at}`,
      url: `https://s3.example/${'x'.repeat(2900)}`,
    }));
    const kept = terms({ links }).links;
    expect(kept.map(({ url }) => url !== '')).toEqual(links.map((_, at) => at < 4));
    expect(kept.map(({ title }) => title)).toEqual(links.map(({ title }) => title));
  });
});

describe('somebody who may not approve', () => {
  test('is the requester, unless the gate lets them (A10)', () => {
    const parties = { ...NO_ONE, requester: ANA };
    expect(terms({}, {}, parties).excluded).toEqual([ANA]);
    expect(terms({}, { allowSelf: true }, parties).excluded).toEqual([]);
  });

  test('is everybody named by the request, also where the gate lets requesters', () => {
    const parties = { requester: ANA, barred: [BEN, ANA], unknown: [] };
    expect(terms({}, {}, parties).excluded).toEqual([BEN, ANA]);
    expect(terms({}, { allowSelf: true }, parties).excluded).toEqual([BEN, ANA]);
  });

  test('and is unknown raises the quorum by one, each (A10)', () => {
    const nobody = { requester: undefined, barred: [], unknown: [] };
    expect(terms({}, {}, nobody)).toMatchObject({ quorum: 2, raisedBy: 1 });
    expect(terms({}, {}, { ...nobody, unknown: ['ghost', 'ghoul'] })).toMatchObject({
      quorum: 4,
      raisedBy: 3,
    });
    expect(terms({}, {}, { ...NO_ONE, unknown: ['ghost'] })).toMatchObject({ quorum: 2, raisedBy: 1 });
    expect(terms({}, { allowSelf: true }, nobody)).toMatchObject({ quorum: 1, raisedBy: 0 });
    expect(terms({}, { unknownRequester: 'allow' }, nobody)).toMatchObject({ quorum: 1, raisedBy: 0 });
  });

  test('and is named by the request raises it also where the gate allows unknown requesters', () => {
    const parties = { requester: undefined, barred: [], unknown: ['ghost'] };
    expect(terms({}, { unknownRequester: 'allow' }, parties)).toMatchObject({ quorum: 2, raisedBy: 1 });
  });

  test('and is unknown is kept by name: the first ten, each shortened', () => {
    const unknown = Array.from({ length: 12 }, (_, n) => `${n} ${'x'.repeat(200)}`);
    const { unmatched = [], unknown: count } = terms({}, {}, { ...NO_ONE, unknown });
    expect([count, unmatched.length]).toEqual([12, 10]);
    expect(unmatched.map(({ length }) => length)).toEqual(unmatched.map(() => 100));
    expect(terms({}, {}, NO_ONE)).not.toHaveProperty('unmatched');
  });
});

describe('a gate that leaves its approvers to the pipeline', () => {
  test('asks for them, and takes them as its list', () => {
    expect(problems({}, { approvers: 'from_pipeline' })).toEqual([
      'approvers: required, because this gate leaves them to the pipeline',
    ]);
    expect(terms({ approvers: [ANA] }, { approvers: 'from_pipeline' })).toMatchObject({
      approvers: [ANA],
      narrowed: undefined,
    });
  });
});

describe('the id of a request', () => {
  const id = (token: string, change: Partial<OpenRequest> = {}) => approvalId(token, requestOf(change));

  test('is the same for the same key, whatever else is said', () => {
    expect(id('ci-main', { title: 'Another' })).toBe(id('ci-main'));
    expect(id('ci-main')).toMatch(/^[0-9a-f]{24}$/);
  });

  test('is another for another key, gate, token, pipeline or instance: nobody finds another team’s (C25)', () => {
    const all = [
      id('ci-main'),
      id('ci-other'),
      id('ci-main', { key: 'k' }),
      id('ci-main', { gate: 'other' }),
      id('ci-main', { origin: { ...ORIGIN, team: 'other' } }),
      id('ci-main', { origin: { ...ORIGIN, pipeline: 'other' } }),
      id('ci-main', { origin: { ...ORIGIN, instance_vars: '{"env":"dev"}' } }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('does not change with the build, which the key tells apart', () => {
    expect(id('ci-main', { origin: { ...ORIGIN, build_id: '4712' } })).toBe(id('ci-main'));
  });
});

describe('the content of a request', () => {
  const content = (change: Partial<OpenRequest> = {}) => contentOf(requestOf(change));

  test('is another when anything is asked for differently', () => {
    const all = [
      content(),
      content({ title: 'Ship 1.2.4?' }),
      content({ context: { version: '1.2.4' } }),
      content({ quorum: 2 }),
      content({ wait: true }),
      content({ wait: true, for_build: true }),
      content({ not_by: ['ghost'] }),
      content({ links: [{ title: 'report', url: 'https://s3.example/a' }] }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('is the same for links signed anew, and for the order of keys', () => {
    const linked = (signature: string) =>
      content({
        links: [
          { title: 'report', url: `https://s3.example/a?X-Amz-Signature=${signature}`, note: signature },
        ],
      });
    expect(linked('1')).toBe(linked('2'));
    expect(content({ context: { a: '1', b: '2' } })).toBe(content({ context: { b: '2', a: '1' } }));
  });
});

describe('opening', () => {
  const ports = (directory = fakeDirectory({ S0GROUP0001: [ANA, BEN] })): OpenPorts => ({
    approvals: {
      read: () => Promise.resolve(undefined),
      send: () => Promise.reject(new Error('nothing may be saved')),
    },
    directory,
    people: new Map([['octocat', ANA]]),
    clock: manualClock(NOON),
    slots: { take: () => Promise.reject(new Error('nothing may be counted')) },
  });
  const asker = { name: 'ci-main', maxOpen: 20 };
  const opened = (request: Partial<OpenRequest>, policy: Partial<GatePolicy>, given = ports()) =>
    openApproval(requestOf(request), policyOf(policy), asker, given);

  test('is refused when own approvers leave nobody who is in both lists (A12)', async () => {
    expect(await opened({ approvers: ['U0MYSELF001'] }, {})).toEqual({
      kind: 'invalid',
      problems: [
        '0 people could approve, 1 must (of approvers only those count whom the gate names; 1 may not approve)',
      ],
    });
  });

  test('is refused with a hint at the workspace when the gate itself has nobody', async () => {
    const given = ports(fakeDirectory({ S0GROUP0001: [] }));
    const policy = { unknownRequester: 'allow' } as const;
    expect(await opened({ origin: {} }, policy, given)).toMatchObject({
      problems: ['0 people could approve, 1 must'],
      hint: expect.stringContaining('slack.team_id'),
    });
  });

  test('is refused when the only approver is the requester (A13)', async () => {
    const given = ports(fakeDirectory({ S0GROUP0001: [ANA] }));
    expect(await opened({}, {}, given)).toEqual({
      kind: 'invalid',
      problems: ['0 people could approve, 1 must (1 may not approve)'],
    });
  });

  test('is refused when the raised quorum is out of reach', async () => {
    expect(await opened({ not_by: ['ghost', 'ghoul'] }, {})).toEqual({
      kind: 'invalid',
      problems: [
        '1 person could approve, 3 must (2 more than usual, because not everybody who may not approve is known: nobody in Slack is ghost, ghoul; 1 may not approve)',
      ],
    });
  });

  test('rejects, and saves nothing, while Slack does not say who could approve', async () => {
    const directory = fakeDirectory();
    directory.away = true;
    await expect(opened({}, {}, ports(directory))).rejects.toMatchObject({ code: 'SLACK_UNREACHABLE' });
  });
});
