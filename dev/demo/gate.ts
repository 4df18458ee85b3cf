import { basename } from 'node:path';
import { check, get, put } from './show.ts';
import type { Story } from './show.ts';

const CONTEXT = { version: '1.2.3' };

/** The put that waits for a decision: the version of the approval. Rejects when it is denied. */
export function ask(story: Story): Promise<unknown> {
  const params = {
    approval: {
      title: 'Ship {{version}} to production?',
      details: 'The nightly tests are green. Takes about five minutes.',
      context: CONTEXT,
      timeout: '1h',
    },
    artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report' }],
  };
  return put('an approval, which waits', { source: story.world.sources.gate, params }, story);
}

/** What comes behind the open gate: `check` reports it, `in` writes the decision, and one build may claim it. */
export async function passGate(story: Story): Promise<void> {
  const source = story.world.sources.gate;
  const reported = await check(source, story);
  const version: unknown = Array.isArray(reported) ? reported.at(-1) : undefined;
  const folder = basename(await get(source, version, story));
  const params = { claim: folder, expect: CONTEXT };
  await put('a claim, just before the deploy', { source, params }, story);
  const other = { BUILD_ID: '1043', BUILD_NAME: '43' };
  const refused = await put('the claim of another build', { source, params }, story, { build: other }).then(
    () => false,
    () => true,
  );
  if (story.signal.aborted) return;
  if (!refused) throw new Error('a second build has used the approval');
  story.say('That is refused: one approval is for one build.');
}
