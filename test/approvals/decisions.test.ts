import { describe, expect, test } from 'vitest';
import { liveDecisions } from '../../src/approvals/decisions.ts';
import type { Gate, GateEntry } from '../../src/approvals/gate.ts';
import { recordId } from '../../src/approvals/machine.ts';
import type { Approval } from '../../src/approvals/record.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { ANA, approvedStory, HOUR, NOON, Story } from './samples.ts';

/** A gate with decisions, whose own records say `records`. */
function gateOf(
  records: Readonly<Record<string, Story>>,
  change: Partial<Record<string, Partial<GateEntry>>> = {},
) {
  const reads: string[] = [];
  const decisions = Object.entries(records).flatMap(([approval, { status, data }], at): GateEntry[] =>
    status === 'approved' || status === 'denied' || status === 'withdrawn' || status === 'expired'
      ? [
          {
            seq: at + 1,
            approval,
            status,
            revision: data.revision,
            until: data.decision?.validUntil ?? NOON + HOUR,
            used: data.claim !== undefined,
            ...change[approval],
          },
        ]
      : [],
  );
  const gate: Snapshot<Gate> = {
    id: 'gate/release',
    version: 1,
    status: 'open',
    data: { seq: decisions.length, decisions },
    effects: [],
    createdAt: NOON,
    updatedAt: NOON,
  };
  const readApproval = (id: string): Snapshot<Approval> | undefined =>
    Object.entries(records).find(([approval]) => recordId(approval) === id)?.[1].snapshot;
  const never = () => Promise.reject(new Error('nothing is sent'));
  const list = async (emit: readonly string[], from?: string, now = NOON, token?: string) => {
    const found = await liveDecisions(
      'release',
      { emit: new Set(emit), from, token },
      {
        gates: { read: () => Promise.resolve(gate), send: never },
        approvals: {
          read: (id) => {
            reads.push(id);
            return Promise.resolve(readApproval(id));
          },
          send: never,
        },
        now,
      },
    );
    return found.map(({ approval, status }) => `${approval} ${status}`);
  };
  return { list, reads };
}

function deniedStory(): Story {
  const story = new Story().posted();
  story.vote(ANA, 'deny');
  return story;
}

function claimedStory(use: 'once' | 'many' = 'once'): Story {
  const story = approvedStory({ use });
  story.claim();
  return story;
}

describe('the decisions of a gate', () => {
  test('are those that count, in the order of the gate (C5)', async () => {
    const { list } = gateOf({ a: approvedStory(), b: approvedStory(), c: deniedStory() });
    expect(await list(['approved'])).toEqual(['a approved', 'b approved']);
    expect(await list(['approved', 'denied'])).toEqual(['a approved', 'b approved', 'c denied']);
    expect(await list(['denied'])).toEqual(['c denied']);
  });

  test('begin with a given one that counts, and are all of them after one that does not, or nobody knows (C24)', async () => {
    const { list } = gateOf({ a: approvedStory(), b: approvedStory(), c: approvedStory() });
    expect(await list(['approved'], 'b')).toEqual(['b approved', 'c approved']);
    expect(await list(['approved'], 'forged')).toEqual(['a approved', 'b approved', 'c approved']);
    const used = gateOf({ a: approvedStory(), b: claimedStory(), c: approvedStory() });
    expect(await used.list(['approved'], 'b')).toEqual(['a approved', 'c approved']);
    // The gate has not heard of it yet.
    const late = gateOf(
      { a: approvedStory(), b: claimedStory(), c: approvedStory() },
      { b: { used: false } },
    );
    expect(await late.list(['approved'], 'b')).toEqual(['a approved', 'c approved']);
  });

  test('are confirmed by their own records: what the gate has not heard of yet does not count (C24, C26)', async () => {
    const withdrawn = approvedStory();
    withdrawn.on({ type: 'withdraw', by: { user: ANA, name: 'ana' }, why: 'taken back' });
    const late = { status: 'approved', used: false } as const;
    const { list } = gateOf(
      { a: claimedStory(), b: withdrawn, c: approvedStory() },
      { a: late, b: { ...late, until: NOON + HOUR } },
    );
    expect(await list(['approved'])).toEqual(['c approved']);
    expect(await list(['approved'], 'a')).toEqual(['c approved']);
  });

  test('do not hold what was used, unless many may use it', async () => {
    expect(await gateOf({ a: claimedStory() }).list(['approved'])).toEqual([]);
    expect(await gateOf({ a: claimedStory('many') }, { a: { used: false } }).list(['approved'])).toEqual([
      'a approved',
    ]);
  });

  test('do not hold what has run out (C26)', async () => {
    const { list } = gateOf({ a: approvedStory() });
    expect(await list(['approved'], undefined, NOON + 24 * HOUR - 1)).toEqual(['a approved']);
    expect(await list(['approved'], undefined, NOON + 24 * HOUR)).toEqual([]);
  });

  test('do not hold another gate’s', async () => {
    const { list } = gateOf({ a: approvedStory({ gate: 'other' }), b: approvedStory() });
    expect(await list(['approved'])).toEqual(['b approved']);
  });

  test('are one token’s where it asks for its own, also after another’s (C25)', async () => {
    const { list } = gateOf({
      a: approvedStory(),
      b: approvedStory({ token: 'ci-twin' }),
      c: approvedStory(),
    });
    expect(await list(['approved'], undefined, NOON, 'ci-main')).toEqual(['a approved', 'c approved']);
    expect(await list(['approved'], 'b', NOON, 'ci-main')).toEqual(['a approved', 'c approved']);
    expect(await list(['approved'], 'b', NOON, 'ci-twin')).toEqual(['b approved']);
    expect(await list(['approved'], undefined, NOON)).toEqual(['a approved', 'b approved', 'c approved']);
  });

  test('never hold what was asked for a build that waits, though its gate had it', async () => {
    const waits = { wait: true, forBuild: true } as const;
    const { list } = gateOf({ a: approvedStory(waits), b: approvedStory({ ...waits, use: 'many' }) });
    expect(await list(['approved'])).toEqual([]);
    expect(await gateOf({ a: approvedStory({ wait: true }) }).list(['approved'])).toEqual(['a approved']);
  });

  test('cost no look at the older ones where a given one counts', async () => {
    const { list, reads } = gateOf({ a: approvedStory(), b: approvedStory() });
    await list(['approved'], 'b');
    expect(reads).not.toContain(recordId('a'));
  });
});
