import { mkdtemp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../../dev/browser.ts';
import { startWorld, type World } from '../../dev/demo/start-world.ts';
import { runStep, type StepRun } from '../../dev/run-step.ts';

let browser: Browser;
let world: World;
let page: Page;
let errors: string[];
/** Steps that a test has begun, so that none outlives it. */
let stopping: AbortController;
let builds = 0;

beforeAll(async () => {
  [browser, world] = await Promise.all([openBrowser({ width: 1000, height: 900 }), startWorld()]);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

beforeEach(async () => {
  stopping = new AbortController();
  errors = [];
  page = await browser.context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(world.workspace.url);
});
afterEach(async () => {
  stopping.abort();
  await page.close();
  expect(errors).toEqual([]);
  world.workspace.slack.expectNoUnknown();
});

describe('a gate', () => {
  it('opens by a click on Approve of one who may, and not by that of another', async () => {
    const put = ask('Ship it by mouse?');
    const card = cardOf('Ship it by mouse?');

    await actAs('Cyd Lindgren, designer');
    await card.getByRole('button', { name: 'Approve' }).click();
    await told('You are not one of those who may decide this. Nothing changed.');
    expect(await card.getByRole('heading').first().textContent()).toContain('Approval needed');
    expect(await card.getByRole('button', { name: 'Approve' }).isVisible()).toBe(true);

    await actAs('Ana Ruiz, release manager');
    expect(await ephemeral('You are not one of those').count()).toBe(0);
    await card.getByRole('button', { name: 'Approve' }).click();
    await card
      .getByText(/Approved/)
      .first()
      .waitFor();
    await card.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' });
    const { answer, lines } = await put;
    expect(lines).toContain('approved by ana');
    const { version } = versionIn(answer);

    const source = world.sources.gate;
    const checked = await runStep('check', { source, version: null }, '');
    expect(checked.answer).toContainEqual(version);
    const folder = await mkdtemp(join(world.folder, 'decision-'));
    await runStep('in', { source, version }, folder);
    expect(await readFile(join(folder, 'approver'), 'utf8')).toBe('ana');
    expect(await readFile(join(folder, 'context/version'), 'utf8')).toBe('1.2.3');
    const claim = (build: string) =>
      runStep(
        'out',
        { source, params: { claim: basename(folder), expect: { version: '1.2.3' } } },
        world.folder,
        { build: { BUILD_ID: build, BUILD_NAME: build } },
      );
    expect((await claim('7')).answer).toMatchObject({ version });
    await expect(claim('8')).rejects.toThrow(/used already.*\[APPROVAL_REFUSED\]/);
  });

  it('stays closed by Deny with a reason, and the build says who and why', async () => {
    const put = failureOf(ask('Ship it on Friday?'));
    const card = cardOf('Ship it on Friday?');
    await actAs('Ben Okafor, release manager');
    await card.getByRole('button', { name: 'Deny' }).click();

    const form = page.getByRole('dialog', { name: 'Deny' });
    await form.waitFor();
    expect(await focused()).toBe('TEXTAREA Why?');
    await form.getByRole('button', { name: 'Deny' }).click();
    await form.getByRole('alert').getByText('Please complete this required field').waitFor();
    await form.getByRole('textbox', { name: 'Why?' }).fill('no releases on Fridays');
    await form.getByRole('button', { name: 'Deny' }).click();
    await form.waitFor({ state: 'detached' });

    await card.getByText('no releases on Fridays').waitFor();
    expect(await put).toMatch(/denied by ben.*no releases on Fridays.*\[APPROVAL_DENIED\]/s);
  });

  it('tells a guest, and the one who started the build, that they cannot decide', async () => {
    void failureOf(ask('Ship it myself?'));
    const card = cardOf('Ship it myself?');
    await actAs('Gus Weber, guest');
    await card.getByRole('button', { name: 'Approve' }).click();
    await told('You are not one of those who may decide this');
    await actAs('Dee Park, developer');
    await card.getByRole('button', { name: 'Approve' }).click();
    await told('You asked for this');
    expect(await card.getByRole('button', { name: 'Approve' }).isVisible()).toBe(true);
  });

  it('shows all about a request behind Details, which Esc closes', async () => {
    void failureOf(ask('Ship what exactly?'));
    const card = cardOf('Ship what exactly?');
    await card.getByRole('button', { name: 'Details' }).click();
    const details = page.getByRole('dialog', { name: 'Details' });
    await details.getByText('Asked by: dee').waitFor();
    expect(await details.getByRole('button').allTextContents()).toEqual(['Close']);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(world.workspace.slack.views()).toEqual([]);
    expect(await focused()).toBe('BUTTON Details');
  });

  it('closes again when an approval is taken back, once the dialog is confirmed', async () => {
    const { answer } = await ask('Ship it later?', { wait: false });
    const approved = { ...versionIn(answer).version, status: 'approved' };
    const check = async () =>
      (await runStep('check', { source: world.sources.gate, version: null }, '')).answer;
    const card = cardOf('Ship it later?');
    await card.getByRole('button', { name: 'Approve' }).click();
    const takeBack = card.getByRole('button', { name: 'Take back' });
    await takeBack.click();
    const dialog = page.getByRole('dialog', { name: 'Take it back?' });
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await focused()).toBe('BUTTON Take back');
    expect(await check()).toContainEqual(approved);

    await takeBack.click();
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await takeBack.waitFor({ state: 'detached' });
    await card
      .getByText(/taken back/)
      .first()
      .waitFor();
    expect(await check()).not.toContainEqual(approved);
  });

  it('is decided with the keyboard alone', async () => {
    const put = failureOf(ask('Ship it by keyboard?'));
    const card = cardOf('Ship it by keyboard?');
    await card.waitFor();
    await tabTo('SELECT Acting as');
    await page.keyboard.type('Ben');
    await expect.poll(() => page.locator('option:checked').textContent()).toBe('Ben Okafor, release manager');
    await tabTo('BUTTON Deny', card);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Deny' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('BUTTON Deny');

    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Deny' }).waitFor();
    await page.keyboard.type('not now');
    await tabTo('BUTTON Deny', page.getByRole('dialog'));
    await page.keyboard.press('Space');
    await card.getByText('not now').waitFor();
    expect(await put).toContain('denied by ben');
    expect(await focused()).toBe('ARTICLE Message of Approvals');
  });

  it('is decided on a phone, with buttons that a thumb hits and nothing beyond the edge', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    const put = ask('Ship it from the train?');
    const card = cardOf('Ship it from the train?');
    const approve = card.getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    await card.getByRole('button', { name: 'Deny' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deny' });
    await dialog.waitFor();
    const box = await dialog.boundingBox();
    expect(box?.width).toBeLessThanOrEqual(360);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await approve.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await approve.click();
    expect((await put).lines).toContain('approved by ana');
  });
});

describe('the button of an action', () => {
  it('asks, runs the call once it is confirmed, and says in the thread what happened', async () => {
    await actAs('Ben Okafor, release manager');
    const { ts } = await post('Version 2.0.0 is out');
    const message = page.locator(`[id="m${ts}"]`);
    const begun = world.gateway.deployments.begun.length;
    await message.getByRole('button', { name: 'Deploy' }).click();
    const dialog = page.getByRole('article', { name: 'only visible to you' }).last();
    await dialog.getByText('Deploy app to production?').waitFor();
    expect(world.gateway.deployments.begun.length).toBe(begun);
    await dialog.getByRole('button', { name: 'Run' }).click();
    await page.getByText('Running k8s_deploy').waitFor();
    const thread = page.locator('li', { has: message }).getByRole('region', { name: 'Thread' });
    await thread.getByText(/k8s_deploy is done/).waitFor();
    expect(world.gateway.deployments.begun.slice(begun).map(({ order }) => order)).toEqual([
      { deployment: 'app', user_id: 'U0BEN000001' },
    ]);
  });

  it('runs nothing for one who may not', async () => {
    await actAs('Cyd Lindgren, designer');
    const { ts } = await post('Version 2.0.1 is out');
    const begun = world.gateway.deployments.begun.length;
    await page.locator(`[id="m${ts}"]`).getByRole('button', { name: 'Deploy' }).click();
    await told('Nothing was run.');
    expect(world.gateway.deployments.begun.length).toBe(begun);
  });
});

/** Begins a build that asks for an approval, and waits for it unless told otherwise. */
function ask(title: string, { wait } = { wait: true }): Promise<StepRun> {
  const { gate, messages } = world.sources;
  const approval = { gate: 'release', title, wait, context: { version: '1.2.3' }, timeout: '1h' };
  const source = wait ? gate : messages;
  builds += 1;
  const params = { approval, channel: world.workspace.channelId };
  const step = runStep('out', { source, params }, world.folder, {
    signal: stopping.signal,
    build: { BUILD_ID: `20${builds}`, BUILD_NAME: `${builds}` },
  });
  // A test that fails before it looks at its build must not fail a second time when that is stopped.
  step.catch(() => undefined);
  return step;
}

function failureOf(step: Promise<StepRun>): Promise<string> {
  return step.then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  );
}

async function post(text: string): Promise<{ readonly ts: string }> {
  const buttons = [{ text: 'Deploy', action: 'k8s_deploy', value: { deployment: 'app' } }];
  const { answer } = await runStep(
    'out',
    { source: world.sources.messages, params: { text, buttons } },
    world.folder,
  );
  const { version } = versionIn(answer);
  return { ts: version['ts'] ?? '' };
}

function versionIn(answer: unknown): { readonly version: Readonly<Record<string, string>> } {
  return JSON.parse(JSON.stringify(answer));
}

function cardOf(title: string): Locator {
  return page.getByRole('article', { name: 'Message of Approvals' }).filter({ hasText: title }).first();
}

async function actAs(label: string): Promise<void> {
  const picker = page.getByLabel('Acting as');
  await picker.selectOption({ label });
  // It shows whose page this is, so it changes when that person's view is there.
  await expect.poll(() => picker.locator('option:checked').textContent()).toBe(label);
}

/** Waits for what only this person is told. */
async function told(words: string): Promise<void> {
  await ephemeral(words).waitFor();
}

function ephemeral(words: string): Locator {
  return page.getByRole('article', { name: 'only visible to you' }).filter({ hasText: words });
}

/** Presses Tab until this has the focus. */
async function tabTo(wanted: string, within?: Locator): Promise<void> {
  for (let presses = 0; presses < 100; presses += 1) {
    const inside = within === undefined || (await within.locator(':focus').count()) > 0;
    if (inside && (await focused()) === wanted) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${wanted}`);
}

/** Kind and name of what has the focus. */
function focused(): Promise<string> {
  return page.evaluate(`(() => {
    const one = document.activeElement;
    const name = one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent;
    return one.tagName + ' ' + (one.tagName === 'BUTTON' ? one.textContent : name);
  })()`);
}
