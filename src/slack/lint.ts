import { messageBlock } from './lint/blocks.ts';
import { list, type Report, string } from './lint/check.ts';
import { duplicateIds } from './lint/ids.ts';
import { totals } from './lint/totals.ts';

/** One thing that Slack would refuse, or cut off, and where it stands as a JSON pointer. */
export interface LintProblem {
  readonly pointer: string;
  readonly message: string;
}

const fallback = string(40_000, 0, ', Slack cuts off the rest; upload long text as a file');
const blockList = list(messageBlock, 50, 0, '; put the rest into a thread reply');

/**
 * Everything in a message that Slack's documented rules refuse, all at once; empty when there is nothing. Whether there
 * is any text beside the blocks is the caller's business (S18). Pure and quick: it runs before any network call.
 */
export function lintMessage({ text, blocks }: { text?: string; blocks?: readonly unknown[] }): LintProblem[] {
  const problems = blocks === undefined ? [] : lintBlocks(blocks);
  if (text !== undefined) fallback(text, '/text', 'text', into(problems));
  return problems;
}

/** The same for the blocks alone; `at` is the pointer of the list itself. */
export function lintBlocks(blocks: readonly unknown[], at = '/blocks'): LintProblem[] {
  const problems: LintProblem[] = [];
  blockList(blocks, at, 'message blocks', into(problems));
  if (Array.isArray(blocks)) {
    duplicateIds(blocks, at, into(problems));
    totals(blocks, at, into(problems));
  }
  return problems;
}

function into(problems: LintProblem[]): Report {
  return (pointer, message) => {
    problems.push({ pointer, message });
  };
}
