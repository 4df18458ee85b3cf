import { isRecord } from '../../kit/json.ts';
import { quote, type Report } from './check.ts';

type Seen = Map<string, string>;

/** Reports a block_id used twice in a message, and an action_id used twice in one block (S30). */
export function duplicateIds(blocks: readonly unknown[], at: string, report: Report): void {
  const seen: Seen = new Map();
  blocks.forEach((block, index) => {
    const here = `${at}/${index}`;
    oneBlock(block, here, seen, report);
    if (!isRecord(block)) return;
    const key = block['type'] === 'carousel' ? 'elements' : 'child_blocks';
    const inner = block[key];
    if (Array.isArray(inner)) inner.forEach((each, i) => oneBlock(each, `${here}/${key}/${i}`, seen, report));
  });
}

function oneBlock(block: unknown, at: string, seen: Seen, report: Report): void {
  once(block, 'block_id', at, seen, report);
  const actions: Seen = new Map();
  for (const [key, held] of Object.entries(isRecord(block) ? block : {})) {
    for (const [i, each] of Object.entries(Array.isArray(held) ? held : [])) {
      once(each, 'action_id', `${at}/${key}/${i}`, actions, report);
    }
  }
}

function once(holder: unknown, key: string, at: string, seen: Seen, report: Report): void {
  const id = isRecord(holder) ? holder[key] : undefined;
  if (typeof id !== 'string') return;
  const first = seen.get(id);
  if (first === undefined) seen.set(id, at);
  else report(`${at}/${key}`, `${key} ${quote(id)} is used twice, first at ${first}`);
}
