import { tmpdir } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../../dev/browser.ts';
import { runOut } from '../../dev/run-step.ts';
import { sampleChartPng, sampleReportPdf } from '../../dev/workspace/sample-files.ts';
import { startWorkspace, type Workspace } from '../../dev/workspace/start.ts';
import { storeSamples } from '../../dev/workspace/store-samples.ts';
import { callSlack, uploadFile } from '../../dev/workspace/web-api.ts';

let browser: Browser;
let workspace: Workspace;
let page: Page;
/** What went wrong in the page, and every host it asked. */
let errors: string[];
let hosts: Set<string>;

beforeAll(async () => {
  browser = await openBrowser({ width: 1000, height: 800 });
});
afterAll(() => browser?.close());

beforeEach(async () => {
  workspace = await startWorkspace({ channels: ['alerts'] });
  page = await browser.context.newPage();
  errors = [];
  hosts = new Set();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
  await page.goto(workspace.url);
});

afterEach(async () => {
  await page.close();
  await workspace.stop();
  expect(errors).toEqual([]);
  expect([...hosts]).toEqual(['127.0.0.1']);
});

describe('a channel', () => {
  it('says that it is empty, and shows a message as soon as it is posted', async () => {
    await page.getByText('No messages yet').waitFor();
    await post({ text: 'Built *1.2.3* :tada:' });
    const message = page.getByRole('article', { name: 'Message of Concourse' });
    await message.getByText('Built 1.2.3 🎉').waitFor();
    expect(await message.locator('b', { hasText: '1.2.3' }).count()).toBe(1);
    expect(await page.getByText('No messages yet').count()).toBe(0);
  });

  it('opens by its link in the list of channels', async () => {
    await post({ channel: '#alerts', text: 'CPU is high' });
    await page.getByRole('navigation', { name: 'Channels' }).getByRole('link', { name: '# alerts' }).click();
    await page.getByRole('heading', { name: '# alerts' }).waitFor();
    await page.getByText('CPU is high').waitFor();
    expect(await page.getByRole('link', { name: '# alerts' }).getAttribute('aria-current')).toBe('page');
  });

  it('follows an update and a deletion', async () => {
    const message = await post({ text: 'before' });
    await callSlack(workspace, 'chat.update', { ...message, text: 'after' });
    await page.getByText('after').waitFor();
    await page.getByText('(edited)').waitFor();
    await callSlack(workspace, 'chat.delete', message);
    await page.getByText('No messages yet').waitFor();
  });

  it('shows replies under their message, and reactions', async () => {
    const { channel, ts } = await post({ text: 'parent' });
    await post({ channel, thread_ts: ts, text: 'a reply' });
    await callSlack(workspace, 'reactions.add', { channel, timestamp: ts, name: 'white_check_mark' });
    const thread = page.getByRole('region', { name: 'Thread' });
    await thread.getByText('a reply').waitFor();
    await page.getByRole('list', { name: 'Reactions' }).getByText('✅ 1').waitFor();
    expect(await thread.getByText('parent').count()).toBe(0);
  });

  it('fits a phone without sideways scrolling', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await post({ text: 'a_very_long_key/'.repeat(20) });
    await page.getByText('a_very_long_key').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});

describe('blocks', () => {
  it('shows a link button that leads where the message says', async () => {
    const url = `${workspace.s3Url}/ci-artifacts/reports/r.pdf?X-Amz-Expires=86400&X-Amz-Signature=00`;
    await post({ blocks: [section('Daily report'), actions({ text: 'Open report', url })] });
    const link = page.getByRole('link', { name: 'Open report' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe(url);
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  it('says of a button whose app has no address that nobody listens', async () => {
    await post({
      blocks: [actions({ text: 'Deploy', action_id: 'k8s_deploy', value: 'v', style: 'primary' })],
    });
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText('This app is not configured to handle interactive responses').waitFor();
  });

  it('decodes an image that was uploaded for the message', async () => {
    const chart = await uploadFile(workspace, { name: 'cpu.png', title: 'CPU', bytes: sampleChartPng() });
    await post({ blocks: [{ type: 'image', slack_file: { id: chart }, alt_text: 'CPU, last hour' }] });
    expect(await naturalWidth('CPU, last hour')).toBe(1200);
  });

  it('shows the other blocks when the renderer fails at one', async () => {
    plant({ type: 'context' }, section('still here'));
    await page.getByText('still here').waitFor();
    await page.getByText('A context block that cannot be shown').waitFor();
  });
});

describe('uploads', () => {
  it('offers a file for download and shows an image at once', async () => {
    const { channel } = await post({ text: 'files' });
    const share = { channel_id: channel, initial_comment: 'the report' };
    await uploadFile(
      workspace,
      { name: 'report.pdf', title: 'Daily report', bytes: sampleReportPdf() },
      share,
    );
    await uploadFile(
      workspace,
      { name: 'cpu.png', title: 'CPU chart', bytes: sampleChartPng() },
      { channel_id: channel },
    );
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Daily report PDF' }).click();
    expect((await saved).suggestedFilename()).toBe('report.pdf');
    expect(await naturalWidth('CPU chart')).toBe(1200);
  });
});

describe('what the resource posts from S3', () => {
  beforeEach(() => storeSamples(workspace));

  it('is a link to the object', async () => {
    await put({
      text: 'Nightly report',
      artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report' }],
    });
    const link = page.getByRole('link', { name: 'Daily report' });
    await link.waitFor();
    const object = await fetch((await link.getAttribute('href')) ?? '');
    expect(Buffer.from(await object.arrayBuffer()).equals(sampleReportPdf())).toBe(true);
  });

  it('is an upload', async () => {
    await put({ artifacts: [{ key: 'reports/report.pdf', as: 'upload', title: 'Daily report' }] });
    await page.getByRole('link', { name: 'Daily report PDF' }).waitFor();
  });

  it('is an image in the message', async () => {
    await put({ text: 'CPU', artifacts: [{ key: 'charts/cpu.png', as: 'image', alt: 'CPU, last hour' }] });
    expect(await naturalWidth('CPU, last hour')).toBe(1200);
  });
});

describe('hostile text', () => {
  const markup = '<script>alert(1)</script><img src=x onerror=alert(2)>';
  const escaped = '&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;';

  it.each([
    ['in a message', { text: `${escaped} end` }],
    ['in a section', { blocks: [section(`${escaped} end`)] }],
    ['in a header', { blocks: [{ type: 'header', text: { type: 'plain_text', text: `${markup} end` } }] }],
    ['in Markdown', { blocks: [{ type: 'markdown', text: `${markup} end` }] }],
  ])('is text and nothing else %s', async (_, message) => {
    await post(message);
    await page.getByText('end').waitFor();
    const content = page.locator('.content');
    expect(await content.textContent()).toContain(`${markup} end`);
    expect(await content.locator('script, img').count()).toBe(0);
  });

  it('can neither mention nor forge a link when it is escaped', async () => {
    await post({ blocks: [section('&lt;!channel&gt; &lt;https://evil.example|our site&gt; end')] });
    await page.getByText('end').waitFor();
    expect(await page.locator('.mention').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'our site' }).count()).toBe(0);
  });

  it('leaves no script address to click', async () => {
    const url = 'javascript:alert(3)';
    const link = { type: 'rich_text_section', elements: [{ type: 'link', url, text: 'rich' }] };
    await post({
      blocks: [
        section(`<${url}|linked> end`),
        actions({ text: 'Button', url }),
        { type: 'rich_text', elements: [link] },
        { type: 'markdown', text: `[marked](${url})` },
      ],
    });
    await page.getByText('end').waitFor();
    const addresses = await page
      .locator('.content a')
      .evaluateAll((links) => links.map((one) => one.getAttribute('href')));
    expect(addresses.filter((address) => address?.startsWith('javascript'))).toEqual([]);
  });

  it('takes no place of the page by its block id', async () => {
    await post({ blocks: [{ ...section('end'), block_id: 'channel' }] });
    await page.getByText('end').waitFor();
    expect(await page.locator('#channel').count()).toBe(1);
  });

  it('makes the page load nothing from other hosts', async () => {
    await post({
      blocks: [
        { type: 'image', image_url: 'https://evil.example/a.png', alt_text: 'far' },
        {
          type: 'context',
          elements: [{ type: 'image', image_url: 'https://evil.example/b.png', alt_text: 'too' }],
        },
        { type: 'markdown', text: '![c](https://evil.example/c.png)' },
        {
          type: 'video',
          video_url: 'https://evil.example/v',
          thumbnail_url: 'https://evil.example/t.png',
          alt_text: 'v',
          title: { type: 'plain_text', text: 'v' },
        },
        section('end'),
      ],
    });
    await page.getByText('end').waitFor();
    expect(await naturalWidth('far')).toBe(360);
    expect([...hosts]).toEqual(['127.0.0.1']);
  });
});

async function post(message: object): Promise<{ channel: string; ts: string }> {
  const sent = await callSlack(workspace, 'chat.postMessage', { channel: '#releases', ...message });
  return { channel: String(sent['channel']), ts: String(sent['ts']) };
}

/** A message with blocks that Slack itself would refuse. */
function plant(...blocks: readonly Readonly<Record<string, unknown>>[]): void {
  const { slack } = workspace;
  const ts = slack.say('#releases', 'planted');
  for (const message of slack.messages()) if (message.ts === ts) message.blocks = blocks;
  void page.reload();
}

function put(params: object): Promise<unknown> {
  return runOut(workspace, params, tmpdir());
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function actions({ text, ...button }: { readonly text: string; readonly [key: string]: string }) {
  return { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text }, ...button }] };
}

async function naturalWidth(alt: string): Promise<number> {
  await page.getByAltText(alt).waitFor();
  const image = `[...document.images].find(({ alt }) => alt === ${JSON.stringify(alt)})`;
  await page.evaluate(`${image}.decode()`);
  return page.evaluate(`${image}.naturalWidth`);
}
