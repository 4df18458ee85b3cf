import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { parse } from 'yaml';
import { isRecord } from '../src/kit/json.ts';
import { openBrowser } from './browser.ts';
import { ask } from './demo/gate.ts';
import { startWorld } from './demo/start-world.ts';
import { runOut } from './run-step.ts';

// Takes the README's pictures: what the first jobs of examples/aws-integration.yaml post, and the card of an approval, as the
// workspace page shows them. Needs `npm run build`, Chromium and fonts with emoji: node dev/screenshot.ts
const root = join(import.meta.dirname, '..');
const world = await startWorld();
const browser = await openBrowser({ width: 600, height: 800, scale: 1.5 });
const ending = new AbortController();
try {
  const page = await browser.context.newPage();
  const { workspace } = world;
  for (const params of await putsOf(['post-link', 'post-upload', 'post-image'])) {
    await runOut(workspace, params, world.folder);
  }
  await page.goto(workspace.url);
  await page.locator('.messages img').waitFor();
  await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
  await save('messages', page, await boxOf(page.locator('.messages')));

  const asked = ask({ world, say: () => undefined, signal: ending.signal }).catch(() => undefined);
  const card = page.getByRole('article', { name: 'Message of Approvals' });
  await card.getByRole('button', { name: 'Approve' }).waitFor();
  await card.scrollIntoViewIfNeeded();
  await save('approval', page, await boxOf(card));
  ending.abort();
  await asked;
} finally {
  await browser.close();
  await world.stop();
}

async function save(name: string, page: Page, clip: Box): Promise<void> {
  const path = join(root, `docs/images/${name}.png`);
  await page.screenshot({ path, clip });
  process.stdout.write(`${path}\n`);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(part: Locator): Promise<Box> {
  const box = await part.boundingBox();
  if (!box) throw new Error('the page shows no messages');
  return box;
}

async function putsOf(jobs: readonly string[]): Promise<unknown[]> {
  const pipeline: unknown = parse(await readFile(join(root, 'examples/aws-integration.yaml'), 'utf8'));
  const all: readonly unknown[] =
    isRecord(pipeline) && Array.isArray(pipeline['jobs']) ? pipeline['jobs'] : [];
  return jobs.map((name) => {
    const job = all.filter(isRecord).find((one) => one['name'] === name);
    const [put]: readonly unknown[] = Array.isArray(job?.['plan']) ? job['plan'] : [];
    if (!isRecord(put)) throw new Error(`the example has no job ${name}`);
    return put['params'];
  });
}
