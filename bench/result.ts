import { median, quantile } from './compare.ts';
import type { Comparison } from './compare.ts';
import type { Sample } from './measure.ts';

/** One row of bench/results.json. */
export interface Result {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  readonly unit: string;
  readonly ratio: number;
}

/** A result as the table shows it: with its target, and how far single rounds were apart. */
export interface Row extends Result {
  /** What the ratio, or with `of: 'ours'` our own figure, should be. */
  readonly target: { readonly most?: number; readonly least?: number; readonly of?: 'ratio' | 'ours' };
  /** First and third quartile of the ratios of single rounds. */
  readonly spread: readonly [number, number];
  /** Ratio of the processor time of both, a second witness on a busy machine. */
  readonly cpuRatio: number | undefined;
}

export interface Aspect {
  readonly name: string;
  readonly peerName: string;
  readonly unit: string;
  readonly target: Row['target'];
  /** The figure of one run. */
  readonly of: (sample: Sample) => number;
  /** Largest instead of median: for peaks. */
  readonly worst?: boolean;
  readonly withCpu?: boolean;
}

/** Reduces a comparison to a row: medians of all rounds, and the ratio of the two. */
export function rowOf(comparison: Comparison, aspect: Aspect): Row {
  const rounds = { ours: comparison.ours.map(aspect.of), peer: comparison.peer.map(aspect.of) };
  const row = rowOfRounds(rounds, aspect);
  return aspect.withCpu === true ? { ...row, cpuRatio: cpu(comparison.ours) / cpu(comparison.peer) } : row;
}

/** The same from figures: those of one round stand at the same index. */
export function rowOfRounds(
  { ours, peer }: { readonly ours: readonly number[]; readonly peer: readonly number[] },
  aspect: Omit<Aspect, 'of' | 'withCpu'>,
): Row {
  const sum = aspect.worst === true ? (values: readonly number[]) => Math.max(...values) : median;
  const single = ours.map((value, index) => value / (peer[index] ?? Number.NaN));
  const { name, peerName, unit, target } = aspect;
  const spread = [quantile(single, 0.25), quantile(single, 0.75)] as const;
  return figureRow({ name, peerName, unit, target, spread, ours: sum(ours), peer: sum(peer) });
}

/** A row of two figures that stand for themselves. */
export function figureRow(
  row: Omit<Row, 'ratio' | 'cpuRatio' | 'spread'> & Partial<Pick<Row, 'spread'>>,
): Row {
  const ratio = row.ours / row.peer;
  return { spread: [ratio, ratio], ...row, ratio, cpuRatio: undefined };
}

/** Whether a row reaches its target. */
export function isReached({ target, ratio, ours }: Row): boolean {
  const value = target.of === 'ours' ? ours : ratio;
  return value <= (target.most ?? Number.POSITIVE_INFINITY) && value >= (target.least ?? 0);
}

// One run's time is known to a hundredth of a second only; the sum of all runs is exact enough.
function cpu(samples: readonly Sample[]): number {
  return samples.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}
