import type { Refusal } from '../refusal.ts';
import { refusalWith } from '../refusal.ts';
import type { Workspace } from '../workspace.ts';

/** The refusal that these blocks earn, if any. */
export function blocksProblem(blocks: readonly unknown[], _slack: Workspace): Refusal | undefined {
  if (blocks.length > 50)
    return refusalWith('invalid_blocks', ['[ERROR] no more than 50 items allowed [json-pointer:/blocks]']);
  return undefined;
}
