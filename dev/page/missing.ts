import type { Block } from '../workspace/model.ts';

/** What Slack says of the fields of a form before it sends it, by block id. */
export function missing(
  blocks: readonly Block[],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const problems = blocks
    .filter(({ type }) => type === 'input')
    .flatMap((block): [string, string][] => {
      const id = String(block['block_id']);
      const problem = problemOf(block, values[id] ?? '');
      return problem === undefined ? [] : [[id, problem]];
    });
  return Object.fromEntries(problems);
}

function problemOf({ element, optional }: Block, value: string): string | undefined {
  if (value.trim() === '') return optional === true ? undefined : 'Please complete this required field.';
  const least =
    typeof element === 'object' && element !== null && 'min_length' in element ? element.min_length : 0;
  return typeof least === 'number' && value.length < least
    ? `Please enter at least ${least} characters.`
    : undefined;
}
