import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkspaceView } from '../../dev/workspace/model.ts';
import { sampleChartPng } from '../../dev/workspace/sample-files.ts';
import { startWorkspace, type Workspace } from '../../dev/workspace/start.ts';
import { callSlack, uploadFile } from '../../dev/workspace/web-api.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace({ channels: ['alerts', 'files'] });
});
afterAll(() => workspace.stop());

describe('the Web API of the workspace', () => {
  it('takes a channel by #name where Slack does, in JSON and in forms', async () => {
    const send = (body: string | URLSearchParams, type?: string) =>
      fetch(`${workspace.slackApiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${workspace.token}`, ...(type && { 'content-type': type }) },
        body,
      });
    await send(JSON.stringify({ channel: '#alerts', text: 'by JSON' }), 'application/json');
    const form = await send(new URLSearchParams({ channel: '#alerts', text: 'by form' }));
    expect(await form.json()).toMatchObject({ ok: true });
    expect((await view('alerts')).threads.map(({ message }) => message.text)).toEqual(['by JSON', 'by form']);
  });

  it('takes no #name where Slack wants the id (S4)', async () => {
    const update = callSlack(workspace, 'chat.update', { channel: '#alerts', ts: '1.000001', text: 'x' });
    await expect(update).rejects.toThrow('channel_not_found');
  });

  it('answers an unknown method with HTTP 200 and unknown_method (S37)', async () => {
    const answer = await fetch(`${workspace.slackApiUrl}usergroups.nothing`, { method: 'POST' });
    expect([answer.status, await answer.json()]).toMatchObject([200, { error: 'unknown_method' }]);
  });

  it('shows what the app of the token posts as by Concourse', async () => {
    const { ts } = await callSlack(workspace, 'chat.postMessage', { channel: '#releases', text: 'by whom' });
    const { message } = (await view('releases')).threads.find((one) => one.message.ts === ts) ?? {};
    expect(message).toMatchObject({ author: 'Concourse', isApp: true });
  });

  it('sends a permalink to the page', async () => {
    const { channel, ts } = await callSlack(workspace, 'chat.postMessage', {
      channel: '#releases',
      text: 'x',
    });
    const link = await callSlack(workspace, 'chat.getPermalink', { channel, message_ts: ts });
    const answer = await fetch(String(link['permalink']), { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`/?channel=${String(channel)}#m${String(ts)}`);
  });
});

describe('files of the workspace', () => {
  it('shows an image as it was uploaded', async () => {
    const chart = sampleChartPng();
    const id = await uploadFile(workspace, { name: 'cpu.png', title: 'CPU', bytes: chart });
    const answer = await fetch(`${workspace.url}/files/${id}/image`);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer()).equals(chart)).toBe(true);
  });

  it('offers anything else for download and lets nothing in it run', async () => {
    const bytes = Buffer.from('<script>alert(1)</script>');
    const id = await uploadFile(workspace, { name: 'report.html', title: 'Report', bytes });
    const { headers } = await fetch(`${workspace.url}/files/${id}/report.html`);
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('puts an upload and its comment into the channel and the thread', async () => {
    const { channel, ts } = await callSlack(workspace, 'chat.postMessage', {
      channel: '#files',
      text: 'parent',
    });
    const bytes = Buffer.from('%PDF-1.4');
    const share = { channel_id: String(channel), thread_ts: String(ts), initial_comment: 'the report' };
    await uploadFile(workspace, { name: 'r.pdf', title: 'Report', bytes }, share);
    const [thread] = (await view('files')).threads;
    expect(thread?.replies).toMatchObject([
      { text: 'the report', files: [{ title: 'Report', kind: 'PDF', bytes: 8 }] },
    ]);
  });

  it('keeps S3 objects in the bucket', async () => {
    const address = `${workspace.s3Url}/${workspace.bucket}/slack-content/a.txt`;
    await fetch(address, { method: 'PUT', body: 'hello' });
    expect(await (await fetch(address)).text()).toBe('hello');
  });
});

it('serves the page under a policy that loads nothing from elsewhere', async () => {
  const { headers } = await fetch(workspace.url);
  expect(headers.get('content-security-policy')).toContain("default-src 'self';");
});

describe('who may ask', () => {
  it.each([
    ['a name that was rebound to loopback', { host: 'evil.example' }, 403],
    ['a page of another site', { origin: 'http://evil.example' }, 403],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['localhost', { host: 'localhost' }, 200],
  ])('%s', async (_, headers, status) => {
    expect(await statusOf(headers)).toBe(status);
  });
});

it('frees its ports when it stops', async () => {
  const other = await startWorkspace();
  const port = Number(new URL(other.url).port);
  await other.stop();
  const again = await startWorkspace({ port });
  expect(again.url).toBe(other.url);
  await again.stop();
});

it('rejects when the asked port is taken', async () => {
  await expect(startWorkspace({ port: Number(new URL(workspace.url).port) })).rejects.toThrow('EADDRINUSE');
});

async function view(channel: string): Promise<WorkspaceView> {
  const answer = await fetch(`${workspace.url}/view.json?channel=${channel}`);
  return JSON.parse(await answer.text());
}

function statusOf(headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const asked = request(workspace.url, { headers }, (answer) => resolve(answer.resume().statusCode));
  asked.once('error', reject);
  asked.end();
  return promise;
}
