import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../../dev/browser.ts';
import { startWorkspace, type Workspace } from '../../dev/workspace/start.ts';
import { json, startTestApp, type TestApp } from '../fakes/slack/testing-app.ts';

let browser: Browser;
let workspace: Workspace;
let app: TestApp;
let page: Page;
let errors: string[];

beforeAll(async () => {
  browser = await openBrowser({ width: 1000, height: 800 });
});
afterAll(() => browser?.close());

beforeEach(async () => {
  workspace = await startWorkspace({ ackWithinMs: 3000, channels: ['alerts'] });
  app = await startTestApp(workspace.slack);
  page = await browser.context.newPage();
  errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(workspace.url);
});
afterEach(async () => {
  await page.close();
  workspace.slack.expectNoUnknown();
  await app.close();
  await workspace.stop();
  expect(errors).toEqual([]);
});

describe('a button', () => {
  it('warns as Slack does when the app does not answer, and works again when it does', async () => {
    app.respond = () => undefined;
    await postButton();
    const button = page.getByRole('button', { name: 'Go' });
    await button.click();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('Operation timed out. Apps need to respond within 3 seconds.').waitFor();
    app.respond = (res) => void res.writeHead(200).end();
    await button.click();
    await page.getByText('Operation timed out').waitFor({ state: 'detached' });
    await expect.poll(() => button.getAttribute('aria-disabled')).toBe('false');
    expect(app.received).toHaveLength(2);
  });

  it('is clicked once however often it is hit while the click is under way', async () => {
    const answers: (() => void)[] = [];
    app.respond = (res) => void answers.push(() => res.writeHead(200).end());
    await postButton();
    const button = page.getByRole('button', { name: 'Go' });
    await button.dblclick();
    await expect.poll(() => answers.length).toBe(1);
    answers[0]?.();
    await expect.poll(() => button.getAttribute('aria-disabled')).toBe('false');
    expect(app.received).toHaveLength(1);
  });

  it('with a confirm dialog clicks only when it is confirmed, not by Esc', async () => {
    const confirm = {
      title: text('Sure?'),
      text: { type: 'mrkdwn', text: 'It goes to *production*.' },
      confirm: text('Do it'),
      deny: text('Rather not'),
      style: 'danger',
    };
    await postButton({ confirm });
    await page.getByRole('button', { name: 'Go' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sure?' });
    await dialog.getByText('production', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(app.received).toEqual([]);
    await page.getByRole('button', { name: 'Go' }).click();
    await dialog.getByRole('button', { name: 'Do it' }).click();
    await expect.poll(() => app.received.length).toBe(1);
  });
});

describe('a modal', () => {
  it('shows what the app says of a field, keeps what was typed, and is sent again', async () => {
    await openModal();
    const dialog = page.getByRole('dialog', { name: 'Form' });
    const field = dialog.getByRole('textbox', { name: 'Why?' });
    await field.fill('first');
    app.respond = json({ response_action: 'errors', errors: { reason: 'say more' } });
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('say more').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    expect(await field.inputValue()).toBe('first');

    app.respond = (res) => void res.writeHead(500).end();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('We had some trouble connecting. Try again?').waitFor();

    app.respond = (res) => void res.writeHead(200).end();
    await field.fill('second');
    await page.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(JSON.stringify(app.received.at(-1)?.payload)).toContain('"value":"second"');
  });

  it('is not shown to anyone else, and closes unsent by its button', async () => {
    await openModal();
    const other = await browser.context.newPage();
    await other.goto(`${workspace.url}/?as=ben`);
    await other
      .getByText('card')
      .or(other.getByRole('button', { name: 'Go' }))
      .first()
      .waitFor();
    expect(await other.getByRole('dialog').count()).toBe(0);
    await other.close();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(workspace.slack.views()).toEqual([]);
    expect(app.received).toHaveLength(1);
  });
});

it('stays the same person from channel to channel and after a reload', async () => {
  await page.getByLabel('Acting as').selectOption({ label: 'Cyd Lindgren, designer' });
  await page.getByRole('link', { name: '# alerts' }).click();
  await page.getByRole('heading', { name: '# alerts' }).waitFor();
  expect(await page.getByLabel('Acting as').inputValue()).toBe('U0CYD000001');
  await page.reload();
  await page.getByRole('heading', { name: '# alerts' }).waitFor();
  expect(await page.getByLabel('Acting as').inputValue()).toBe('U0CYD000001');
});

it('shows nothing that an app tells one person to another', async () => {
  const told = (user: string, words: string) =>
    app.call('chat.postEphemeral', { channel: workspace.channelId, user, text: words });
  await told('U0BEN000001', 'for ben');
  await told('U0ANA000001', 'for ana');
  const message = page.getByRole('article', { name: 'Message of Approvals, only visible to you' });
  await message.getByText('for ana').waitFor();
  expect(await page.getByText('for ben').count()).toBe(0);
});

async function postButton(more: object = {}): Promise<void> {
  const button = { type: 'button', action_id: 'go', value: 'v', text: text('Go'), ...more };
  const blocks = [{ type: 'actions', elements: [button] }];
  expect(
    await app.call('chat.postMessage', { channel: workspace.channelId, text: 'card', blocks }),
  ).toMatchObject({
    ok: true,
  });
}

async function openModal(): Promise<void> {
  await postButton();
  await page.getByRole('button', { name: 'Go' }).click();
  await expect.poll(() => app.received.length).toBe(1);
  const element = { type: 'plain_text_input', action_id: 'text' };
  const view = {
    type: 'modal',
    title: text('Form'),
    submit: text('Send'),
    close: text('Not now'),
    blocks: [{ type: 'input', block_id: 'reason', label: text('Why?'), element }],
  };
  const trigger = app.received[0]?.payload['trigger_id'];
  expect(await app.call('views.open', { trigger_id: trigger, view })).toMatchObject({ ok: true });
  await page.getByRole('dialog', { name: 'Form' }).waitFor();
}

function text(words: string) {
  return { type: 'plain_text', text: words };
}
