import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../../dev/browser.ts';

const root = join(import.meta.dirname, '../..');

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ width: 1000, height: 900 });
});
afterAll(() => browser?.close());

it('the demo waits for a real click on Approve, passes the gate, and ends with Ctrl-C', async () => {
  const said = await runDemo(async (page) => {
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved by').first().waitFor();
  });
  expect(said).toMatch(/put: approved by ana/);
  expect(said).toMatch(/== check ==\nanswer: \[\{"approval":"[0-9a-f]{24}","status":"approved"\}\]/);
  expect(said).toMatch(/get wrote decision\.json: .*"approvers": \[ "ana" \]/);
  expect(said).toMatch(/"claimed_by".*used already.*The gate has opened/s);
});

it('the demo tells who denied and why, and keeps the gate closed', async () => {
  const said = await runDemo(async (page) => {
    await page.getByLabel('Acting as').selectOption('U0BEN000001');
    await expect.poll(() => page.getByLabel('Acting as').inputValue()).toBe('U0BEN000001');
    await page.getByRole('button', { name: 'Deny' }).click();
    const form = page.getByRole('dialog', { name: 'Deny' });
    await form.getByRole('textbox', { name: 'Why?' }).fill('tests are red');
    await form.getByRole('button', { name: 'Deny' }).click();
  });
  expect(said).toMatch(/The gate stays closed: .*denied by ben.*tests are red/s);
  expect(said).not.toContain('claimed');
});

/** Runs the demo as a person does, who acts once the build waits, and presses Ctrl-C when the demo has no more to do. */
async function runDemo(act: (page: Page) => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, ['dev/demo.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const page = await browser.context.newPage();
  const said: string[] = [];
  try {
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      const address = /^The build waits: .* on (http:\S+)/.exec(line)?.[1];
      if (address !== undefined) {
        await page.goto(address);
        await act(page);
      }
      if (line.startsWith('Ctrl-C ends the demo')) process.kill(-Number(child.pid), 'SIGINT');
    }
    expect(await ended).toEqual([0, null]);
    return said.join('\n');
  } finally {
    await page.close();
    if (child.exitCode === null) process.kill(-Number(child.pid), 'SIGKILL');
  }
}
