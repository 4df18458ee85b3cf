import { isRecord } from '../../kit/json.ts';
import { codePoints, type Report } from './check.ts';

/**
 * Slack refuses a message with `msg_blocks_too_long` past an undocumented sum over its blocks (S31, slackapi/bolt-js#2509
 * and #2867): 13,297 characters of markdown blocks alone, 13,172 with one divider; one team's 11,341 characters of text
 * were too many with their rich_text around them. So structure counts, and the length of the JSON is the nearest measure.
 */
const MAX_JSON = 13_000;

/** Table cells are outside that sum: their pages give them a budget in a message, past it for a data_table. */
const MAX_CELLS: Readonly<Record<string, number>> = { table: 10_000, data_table: 20_000 };

/** Reports a message whose blocks are each fine, but too much together. */
export function totals(blocks: readonly unknown[], at: string, report: Report): void {
  const cells: Record<string, number> = {};
  try {
    const { length } = JSON.stringify(blocks, (_key, value: unknown) => {
      const type = tableType(value);
      if (type === undefined) return value;
      cells[type] = (cells[type] ?? 0) + textLength(value);
      return undefined;
    });
    if (length > MAX_JSON) {
      const sum = `blocks are ${length} characters of JSON, at most ${MAX_JSON} (Slack: msg_blocks_too_long)`;
      report(at, `${sum}; move part into a thread reply or a file`);
    }
  } catch {
    report(at, 'blocks cannot be written as JSON'); // a cycle, a bigint, or too deep
  }
  for (const [type, max] of Object.entries(MAX_CELLS)) {
    const sum = cells[type] ?? 0;
    if (sum > max) report(at, `${type} blocks hold ${sum} characters, at most ${max} in a message`);
  }
}

function tableType(value: unknown): string | undefined {
  const type = isRecord(value) ? value['type'] : undefined;
  return typeof type === 'string' && Object.hasOwn(MAX_CELLS, type) ? type : undefined;
}

function textLength(value: unknown): number {
  let total = 0;
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'text' && typeof inner === 'string') total += codePoints(inner);
    return inner;
  });
  return total;
}
