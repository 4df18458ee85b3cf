import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

interface BrowserOptions {
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS pixel. Default: 1. */
  readonly scale?: number;
}

const CHROMIUM = '/usr/bin/chromium';

// The sandbox needs namespaces that containers of root do not have; the rest keeps Chromium from calling home.
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's Chromium, without a window, on a fresh profile. Rejects with one line when it is not installed. */
export async function openBrowser({ width, height, scale = 1 }: BrowserOptions): Promise<Browser> {
  await access(CHROMIUM).catch(() => {
    throw new Error(`${CHROMIUM} is missing: install it with "apt-get install chromium"`);
  });
  const profile = await mkdtemp(join(tmpdir(), 'workspace-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    viewport: { width, height },
    deviceScaleFactor: scale,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
