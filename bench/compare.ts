import { run } from './measure.ts';
import type { Program, Sample } from './measure.ts';

export interface Rounds {
  readonly measured: number;
  /** Run before and thrown away: file caches, and the servers' own just-in-time compiler. */
  readonly warmUp: number;
}

export interface Comparison {
  /** Samples of the same round stand at the same index in both lists. */
  readonly ours: readonly Sample[];
  readonly peer: readonly Sample[];
}

/** Runs two programs in turn, the order reversed each round, so that a change of the machine's load meets both. */
export async function compare(ours: Program, peer: Program, rounds: Rounds): Promise<Comparison> {
  const all: { ours: Sample[]; peer: Sample[] } = { ours: [], peer: [] };
  for (let round = 0; round < rounds.warmUp + rounds.measured; round++) {
    const oursFirst = round % 2 === 0;
    const first = await run(oursFirst ? ours : peer);
    const second = await run(oursFirst ? peer : ours);
    if (round < rounds.warmUp) continue;
    all.ours.push(oursFirst ? first : second);
    all.peer.push(oursFirst ? second : first);
  }
  return all;
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A quantile with linear interpolation; NaN of an empty list. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
