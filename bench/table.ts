import { isReached } from './result.ts';
import type { Row } from './result.ts';

const HEAD = ['name', 'ours', 'peer', 'unit', 'ratio', 'quartiles', 'cpu', 'target', '', 'peer is'];

/** The rows as aligned text. */
export function table(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(row: Row): string[] {
  return [
    row.name,
    figure(row.ours),
    figure(row.peer),
    row.unit,
    row.ratio.toFixed(2),
    row.spread.map((value) => value.toFixed(2)).join('…'),
    row.cpuRatio?.toFixed(2) ?? '',
    targetOf(row),
    targetOf(row) === '' ? '' : isReached(row) ? 'reached' : 'MISSED',
    row.peerName,
  ];
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function targetOf({ target, unit }: Row): string {
  if (target.most === undefined && target.least === undefined) return '';
  const [sign, value] = target.most === undefined ? ['≥', target.least] : ['≤', target.most];
  return target.of === 'ours' ? `ours ${sign} ${value} ${unit}` : `${sign} ${value}`;
}
