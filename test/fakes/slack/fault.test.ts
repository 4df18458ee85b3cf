import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { api } from './testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

const message = { channel: 'C0RELEASES1', text: 'hello' };

function raw(signal?: AbortSignal): Promise<Response> {
  return fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.token}` },
    body: new URLSearchParams(message),
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('faults of the API', () => {
  it('answers a status, as often as asked, and then works', async () => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', { http: 500 }, 2);
    expect([(await raw()).status, (await raw()).status, (await raw()).status]).toEqual([500, 500, 200]);
    expect(slack.count('chat.postMessage')).toBe(3);
    expect(slack.messages()).toHaveLength(1);
  });

  it('limits the rate with Retry-After', async () => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', { rateLimit: 7 });
    const response = await raw();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toEqual({ ok: false, error: 'ratelimited' });
  });

  it('takes one post in a channel in its time where that is asked for, and others as they come', async () => {
    let now = 1_767_355_200_000;
    slack = await startFakeSlack({ postEveryMs: 1500, now: () => now });
    expect([(await raw()).status, (await raw()).status]).toEqual([200, 429]);
    expect(await api(slack, 'chat.postMessage', { channel: 'C0PUBLIC001', text: 'hello' })).toMatchObject({
      ok: true,
    });
    expect((await raw()).headers.get('retry-after')).toBe('2');
    now += 1500;
    expect((await raw()).status).toBe(200);
    expect(slack.messages()).toHaveLength(3);
  });

  it('answers any of Slack’s codes', async () => {
    slack = await startFakeSlack();
    slack.fault('*', { error: 'internal_error' });
    expect(await api(slack, 'auth.test', {})).toEqual({ ok: false, error: 'internal_error' });
  });

  it.each([
    ['reset', 0],
    ['lost', 1],
  ] as const)('%s breaks the connection with %i message posted', async (kind, posted) => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', kind);
    await expect(raw()).rejects.toThrow('fetch failed');
    expect(slack.messages()).toHaveLength(posted);
  });

  it.each([
    ['html', 0],
    [{ html: 'processed' }, 1],
  ] as const)('%j answers a page with %i message posted', async (kind, posted) => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', kind);
    const response = await raw();
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<html>');
    expect(slack.messages()).toHaveLength(posted);
  });

  it('cuts the JSON in half after the message was posted', async () => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', 'truncated');
    await expect((await raw()).json()).rejects.toThrow(SyntaxError);
    expect(slack.messages()).toHaveLength(1);
  });

  it('never answers a call that hangs', async () => {
    slack = await startFakeSlack();
    slack.fault('chat.postMessage', 'hang');
    const stop = new AbortController();
    let isAnswered = false;
    const hanging = raw(stop.signal).then(() => (isAnswered = true));
    await slack.when(() => slack.count() === 1);
    // Another one is answered meanwhile.
    expect((await raw()).status).toBe(200);
    expect([isAnswered, slack.messages().length]).toEqual([false, 1]);
    stop.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });
});

describe('faults of the upload address', () => {
  async function uploadUrl(): Promise<string> {
    slack = await startFakeSlack();
    const ticket = await api(slack, 'files.getUploadURLExternal', { filename: 'a.bin', length: 50_000_000 });
    return String(ticket['upload_url']);
  }
  const body = () => new Uint8Array(50_000_000);

  it('lets the same address be used again after a 500', async () => {
    const url = await uploadUrl();
    slack.fault('upload-bytes', { http: 500 });
    expect((await fetch(url, { method: 'POST', body: body() })).status).toBe(500);
    expect((await fetch(url, { method: 'POST', body: body() })).status).toBe(200);
    expect(slack.count('upload-bytes')).toBe(2);
  });

  it('loses the answer after the bytes were taken', async () => {
    const url = await uploadUrl();
    slack.fault('upload-bytes', 'lost');
    await expect(fetch(url, { method: 'POST', body: body() })).rejects.toThrow('fetch failed');
    expect(slack.files()[0]?.received).toBe(50_000_000);
  });

  it('stops reading in the middle of the body', async () => {
    const url = await uploadUrl();
    slack.fault('upload-bytes', 'stall');
    const req = request(url, { method: 'POST', headers: { 'content-length': 50_000_000 } });
    req.on('error', () => undefined);
    const flushed = new Promise<boolean>((resolve) =>
      req.write(Buffer.alloc(40_000_000), () => resolve(true)),
    );
    const waited = new Promise<boolean>((resolve) => setTimeout(resolve, 200, false));
    expect(await Promise.race([flushed, waited])).toBe(false);
    expect(slack.bytesUploaded).toBeLessThan(1_000_000);
    req.destroy();
  });
});
