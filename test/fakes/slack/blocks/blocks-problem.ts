import { isRecord } from '../arguments.ts';
import { mimetypeOf, permalink, privateUrl } from '../files.ts';
import { Refusal, refusalWith } from '../refusal.ts';
import type { Workspace } from '../workspace.ts';
import type { Check } from './check.ts';
import { messageBlocks } from './layout.ts';
import { modal } from './modal.ts';

/**
 * The undocumented limit over all blocks together: 13,297 characters in one markdown block, about 125 less with each
 * further block (bolt-js#2509). Every string counts, not only what is shown.
 */
const maxTotal = 13_297;
const blockCost = 125;
/** Of a modal as JSON. */
const maxView = 250_000;

/** The refusal that these blocks earn, if any: `invalid_blocks` with JSON pointers, or `msg_blocks_too_long`. */
export function blocksProblem(
  blocks: readonly unknown[],
  slack: Pick<Workspace, 'files'>,
  base = '/blocks',
): Refusal | undefined {
  const messages = problems(messageBlocks, blocks, base, slack);
  if (messages.length > 0) return refusalWith('invalid_blocks', messages);
  const total = stringLength(blocks) + blockCost * Math.max(0, blocks.length - 1);
  return total > maxTotal ? new Refusal('msg_blocks_too_long') : undefined;
}

/** The refusal that a modal earns: `invalid_arguments` with JSON pointers, or `view_too_large`. */
export function viewProblem(
  view: unknown,
  slack: Pick<Workspace, 'files'>,
  base = '/view',
): Refusal | undefined {
  if (JSON.stringify(view).length > maxView) return new Refusal('view_too_large');
  const messages = problems(modal, view, base, slack);
  return messages.length > 0 ? refusalWith('invalid_arguments', messages) : undefined;
}

function problems(check: Check, value: unknown, base: string, slack: Pick<Workspace, 'files'>): string[] {
  const messages: string[] = [];
  const add = (message: string, pointer: string) =>
    void messages.push(`[ERROR] ${message} [json-pointer:${pointer}]`);
  check(value, base, { add, usableFile: (reference) => usableImage(reference, slack) });
  const blocks = isRecord(value) ? value['blocks'] : value;
  if (Array.isArray(blocks)) reportDuplicateIds(blocks, blocks === value ? base : `${base}/blocks`, add);
  return messages;
}

function reportDuplicateIds(
  blocks: readonly unknown[],
  base: string,
  add: (message: string, pointer: string) => void,
): void {
  const seen = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = isRecord(block) ? block['block_id'] : undefined;
    if (id !== undefined && seen.has(id))
      add(`\`block_id\` ${JSON.stringify(id)} already exists`, `${base}/${index}/block_id`);
    seen.add(id);
  }
}

// png, jpg and gif only; webp fails (node-slack-sdk#1482).
const showable = ['image/png', 'image/jpeg', 'image/gif'];

function usableImage(reference: Readonly<Record<string, unknown>>, slack: Pick<Workspace, 'files'>): boolean {
  const { id, url } = reference;
  const file = [...slack.files.values()].find(
    (one) => one.id === id || privateUrl(one) === url || permalink(one) === url,
  );
  return file !== undefined && showable.includes(mimetypeOf(file));
}

function stringLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + stringLength(one), 0);
  if (!isRecord(value)) return 0;
  // `type` and ids are structure.
  const counted = Object.entries(value).filter(([name]) => !/^(type|block_id|action_id)$/.test(name));
  return counted.reduce((sum, [, one]) => sum + stringLength(one), 0);
}
