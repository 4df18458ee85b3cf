import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { parse } from 'yaml';
import { isRecord } from '../src/kit/json.ts';
import { openBrowser } from './browser.ts';
import { runOut } from './run-step.ts';
import { startWorkspace } from './workspace/start.ts';
import { storeSamples } from './workspace/store-samples.ts';

// Takes the README's picture: what the first jobs of examples/aws-integration.yaml post, as the workspace page shows it.
// Needs `npm run build` and Chromium: node dev/screenshot.ts
const root = join(import.meta.dirname, '..');
const target = join(root, 'docs/images/messages.png');
const workspace = await startWorkspace();
const browser = await openBrowser({ width: 600, height: 800, scale: 1.5 });
try {
  await storeSamples(workspace);
  for (const params of await putsOf(['post-link', 'post-upload', 'post-image'])) {
    await runOut(workspace, params, tmpdir());
  }
  const page = await browser.context.newPage();
  await page.goto(workspace.url);
  await page.locator('.messages img').waitFor();
  await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
  const [top, bottom] = [await boxOf(page.locator('main')), await boxOf(page.locator('.messages'))];
  const clip = { x: 0, y: top.y, width: top.width, height: bottom.y + bottom.height - top.y };
  await page.screenshot({ path: target, clip });
  process.stdout.write(`${target}\n`);
} finally {
  await browser.close();
  await workspace.stop();
}

async function boxOf(part: Locator) {
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
