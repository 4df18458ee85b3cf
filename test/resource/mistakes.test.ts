import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { BUILD, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { approvalMistakes } from './mistakes/approvals.ts';
import { blockMistakes } from './mistakes/blocks.ts';
import { fileMistakes } from './mistakes/files.ts';
import type { Mistake } from './mistakes/mistake.ts';
import { paramsMistakes } from './mistakes/params.ts';
import { s3Mistakes } from './mistakes/s3.ts';
import { slackMistakes } from './mistakes/slack.ts';
import { sourceMistakes } from './mistakes/source.ts';

// Each golden file is everything a stranger sees of one mistake. After a change of messages, write them anew with
//   UPDATE_MISTAKES=1 npx vitest run test/resource/mistakes.test.ts
// and read the difference as that stranger would.
const update = process.env['UPDATE_MISTAKES'] === '1';
const folder = fileURLToPath(new URL('./mistakes/', import.meta.url));

const mistakes: readonly Mistake[] = [
  ...sourceMistakes,
  ...paramsMistakes,
  ...fileMistakes,
  ...s3Mistakes,
  ...slackMistakes,
  ...blockMistakes,
  ...approvalMistakes,
];

test.concurrent.for(mistakes.map((mistake) => [mistake.name, mistake] as const))(
  'tells what to do about %s',
  async ([, mistake], { expect: expectHere }) =>
    withWorld(async (world) => {
      mistake.prepare?.(world);
      const step = await run(mistake, world);
      const file = `${folder}${mistake.name}.txt`;
      const shown = visible(step.stderr, world);
      if (update) writeFileSync(file, shown);
      expectHere(existsSync(file), `no golden file ${mistake.name}.txt, see the top of this test`).toBe(true);
      expectHere(shown).toBe(readFileSync(file, 'utf8'));
      expectHere(step.code).toBe(mistake.code ?? 1);
      if (step.code !== 0) expectHere(step.stdout).toBe('');
      expectHere(step.stderr + step.stdout).not.toMatch(/sensitive|X-Amz-Signature=(?!\*\*\*)/i);
      expectHere(world.slack.messages()).toHaveLength(mistake.posted ?? 0);
    }, mistake.world),
);

test('has one case for each golden file', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  expect(files.toSorted()).toEqual(mistakes.map(({ name }) => `${name}.txt`).toSorted());
});

function run(mistake: Mistake, world: World): Promise<StepResult> {
  const { step = 'out', params, version } = mistake;
  const source = mistake.source === null ? null : merge(world.source(), mistake.source ?? {});
  return withTempDir(async (dir) => {
    await writeTree(dir, mistake.files ?? {});
    return runStep(step, { source, params, version }, { dir, env: { ...BUILD, ...mistake.env } });
  });
}

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in over ? merge(base[key], over[key]) : base[key]]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Escape codes made visible; what differs from run to run made equal.
function visible(stderr: string, { aws, slack }: World): string {
  return stderr
    .replaceAll('\u001b', '␛')
    .replaceAll(new URL(aws.url).host, 's3.test')
    .replaceAll(new URL(slack.origin).host, 'slack.test');
}
