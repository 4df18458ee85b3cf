import { describe, expect, test } from 'vitest';
import type { Gate, GateEntry } from '../../src/approvals/gate.ts';
import { gateMachine } from '../../src/approvals/gate.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { NOON } from './samples.ts';

type Said = Omit<GateEntry, 'seq'>;

function entry(approval: string, change: Partial<Said> = {}): Said {
  return { approval, status: 'approved', revision: 3, until: NOON, used: false, ...change };
}

/** The gate after messages, in their order; what was refused leaves it as it is. */
function gateAfter(...entries: readonly Said[]): Gate {
  let current: Snapshot<Gate> | undefined;
  for (const each of entries) {
    const change = gateMachine.decide(current, { type: 'decided', entry: each }, NOON);
    if ('refused' in change) continue;
    current = {
      id: 'gate/release',
      version: 1,
      status: change.status,
      data: change.data,
      effects: [],
      createdAt: NOON,
      updatedAt: NOON,
    };
  }
  return current?.data ?? { seq: 0, decisions: [] };
}

const seqs = ({ decisions }: Gate) => decisions.map(({ approval, seq }) => `${approval}:${seq}`);

describe('a gate', () => {
  test('counts its decisions in the order in which they come', () => {
    expect(seqs(gateAfter(entry('a'), entry('b'), entry('c')))).toEqual(['a:1', 'b:2', 'c:3']);
  });

  test('takes a repeated message once', () => {
    expect(seqs(gateAfter(entry('a'), entry('b'), entry('a')))).toEqual(['a:1', 'b:2']);
  });

  test('is not changed by a message that was overtaken', () => {
    const gate = gateAfter(entry('a', { revision: 5, status: 'withdrawn' }), entry('a', { revision: 4 }));
    expect(gate.decisions).toMatchObject([{ approval: 'a', status: 'withdrawn', revision: 5, seq: 1 }]);
  });

  test('keeps the place of a decision that was used', () => {
    const gate = gateAfter(entry('a'), entry('b'), entry('a', { revision: 4, used: true }));
    expect(gate.decisions).toMatchObject([
      { approval: 'a', used: true, seq: 1 },
      { approval: 'b', used: false, seq: 2 },
    ]);
  });

  test('gives a new number to a decision that has become another', () => {
    const gate = gateAfter(entry('a'), entry('b'), entry('a', { revision: 4, status: 'withdrawn' }));
    expect(seqs(gate)).toEqual(['b:2', 'a:3']);
  });

  test('keeps the last two hundred, and never counts back', () => {
    const gate = gateAfter(...Array.from({ length: 250 }, (_, at) => entry(`a${at}`)));
    expect(gate.decisions).toHaveLength(200);
    expect([gate.decisions[0]?.seq, gate.seq]).toEqual([51, 250]);
    expect(Buffer.byteLength(JSON.stringify(gate))).toBeLessThan(64 * 1024);
  });

  test('loses no approval that counts to a crowd of requests that are opened and withdrawn', () => {
    const until = NOON + 1;
    const crowd = Array.from({ length: 250 }, (_, at) => entry(`w${at}`, { status: 'withdrawn', until }));
    const gate = gateAfter(
      entry('a', { until }),
      entry('used', { until, used: true }),
      entry('over'),
      ...crowd,
    );
    expect(gate.decisions).toHaveLength(200);
    expect(gate.decisions.filter(({ status }) => status === 'approved')).toMatchObject([{ approval: 'a' }]);
    expect(gate.decisions.at(-1)).toMatchObject({ approval: 'w249', seq: 253 });
  });
});
