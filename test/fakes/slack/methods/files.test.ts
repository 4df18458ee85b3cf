import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from '../server.ts';
import { startFakeSlack } from '../server.ts';
import { api, uploadBytes, waitForFile } from '../testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

const channel_id = 'C0RELEASES1';
const bytes = new TextEncoder().encode('hello slack');

describe('files.getUploadURLExternal', () => {
  it.each([
    ['a zero-byte file (S3)', { filename: 'a.txt', length: 0 }, 'missing_argument'],
    ['no length', { filename: 'a.txt' }, 'missing_argument'],
    ['no name', { length: 3 }, 'missing_argument'],
    ['more than 1 GB (S3)', { filename: 'a.txt', length: 1024 ** 3 + 1 }, 'file_upload_size_restricted'],
    ['a long alt text', { filename: 'a.png', length: 3, alt_txt: 'x'.repeat(1001) }, 'alt_txt_too_large'],
    ['a length that is no number', { filename: 'a.txt', length: '3 bytes' }, 'invalid_arguments'],
  ])('refuses %s', async (_, args, error) => {
    slack = await startFakeSlack();
    expect(await api(slack, 'files.getUploadURLExternal', args)).toMatchObject({ ok: false, error });
  });
});

describe('the upload address', () => {
  async function ticket(length: number): Promise<string> {
    slack = await startFakeSlack();
    const answer = await api(slack, 'files.getUploadURLExternal', { filename: 'a.bin', length });
    return String(answer['upload_url']);
  }

  it('takes a raw body', async () => {
    const url = await ticket(bytes.length);
    expect((await fetch(url, { method: 'POST', body: bytes })).status).toBe(200);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(slack.files()).toMatchObject([{ received: bytes.length, sha256, multipart: false }]);
    expect(slack.bytesUploaded).toBe(bytes.length);
    slack.expectNoUnknown();
  });

  it('takes the part of a multipart body', async () => {
    const big = new Uint8Array(3_000_000).fill(13);
    const url = await ticket(big.length);
    const form = new FormData();
    form.append('body', new Blob([big]), 'a.bin');
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(200);
    const sha256 = createHash('sha256').update(big).digest('hex');
    expect(slack.files()).toMatchObject([
      { received: big.length, sha256, multipart: true, content: undefined },
    ]);
  });

  it('works once', async () => {
    const url = await ticket(bytes.length);
    await fetch(url, { method: 'POST', body: bytes });
    expect((await fetch(url, { method: 'POST', body: bytes })).status).toBe(400);
  });

  it('refuses a token, and fails the test that sent it (S1)', async () => {
    const url = await ticket(bytes.length);
    const response = await fetch(url, {
      method: 'POST',
      body: bytes,
      headers: { authorization: 'Bearer x' },
    });
    expect(response.status).toBe(400);
    expect(() => slack.expectNoUnknown()).toThrow('Authorization');
  });

  it('refuses a body without a length', async () => {
    const url = await ticket(bytes.length);
    const status = await new Promise((resolve, reject) => {
      const req = request(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, (res) =>
        resolve(res.statusCode),
      );
      req.on('error', reject).end('hello slack');
    });
    expect(status).toBe(400);
  });

  it('refuses PUT', async () => {
    const url = await ticket(bytes.length);
    await fetch(url, { method: 'PUT', body: bytes });
    expect(slack.files()[0]?.received).toBeUndefined();
    expect(() => slack.expectNoUnknown()).toThrow('unknown path PUT');
  });
});

describe('files.completeUploadExternal', () => {
  it('shares a file later, and files.info shows where (S8)', async () => {
    slack = await startFakeSlack({ shareAfterMs: 2000 });
    const id = await uploadBytes(slack, bytes);
    const answer = await api(slack, 'files.completeUploadExternal', {
      files: [{ id, title: 'Chart' }],
      channel_id,
      initial_comment: 'see',
    });
    expect(answer).toEqual({ ok: true, files: [{ id, title: 'Chart' }] });
    expect(slack.messages('releases')).toEqual([]);
    const file = await waitForFile(slack, id, (one) => JSON.stringify(one['shares']) !== '{}');
    const [message] = slack.messages('releases');
    expect(message).toMatchObject({ text: 'see', files: [id] });
    expect(file['shares']).toEqual({ public: { [channel_id]: [{ ts: message?.ts }] } });
  });

  it('knows the type of a file only after a while (S9)', async () => {
    slack = await startFakeSlack({ readyAfterMs: 2000 });
    const id = await uploadBytes(slack, bytes);
    await api(slack, 'files.completeUploadExternal', { files: [{ id }] });
    const early = await api(slack, 'files.info', { file: id });
    expect(early).toMatchObject({ file: { mimetype: '', filetype: '' } });
    const file = await waitForFile(slack, id, (one) => one['mimetype'] !== '');
    expect(file).toMatchObject({ mimetype: 'image/png', size: bytes.length });
    expect(slack.messages()).toEqual([]);
  });

  it.each([
    ['a channel name (S4)', { channel_id: 'releases' }, 'invalid_arguments'],
    ['a user id (S4)', { channel_id: 'U0ALICE0001' }, 'invalid_arguments'],
    ['a public channel the bot is not in (S5)', { channel_id: 'C0PUBLIC001' }, 'not_in_channel'],
    ['an unknown thread', { channel_id, thread_ts: '1.000001' }, 'thread_not_found'],
    ['a markdown block (S6)', { channel_id, blocks: [{ type: 'markdown', text: 'x' }] }, 'internal_error'],
    ['an unknown file', { files: [{ id: 'F0NOBODY001' }] }, 'file_not_found'],
    ['no files', { files: [] }, 'invalid_arguments'],
  ])('refuses %s', async (_, args, error) => {
    slack = await startFakeSlack();
    const id = await uploadBytes(slack, bytes);
    const answer = await api(slack, 'files.completeUploadExternal', { files: [{ id }], ...args });
    expect(answer).toMatchObject({ ok: false, error });
    expect(slack.files()[0]?.completed).toBe(false);
  });

  it('refuses 15 files, takes 14 (S3)', async () => {
    slack = await startFakeSlack();
    const ids = await Promise.all(Array.from({ length: 15 }, () => uploadBytes(slack, bytes)));
    const complete = (some: string[]) =>
      api(slack, 'files.completeUploadExternal', { files: some.map((id) => ({ id })), channel_id });
    expect(await complete(ids)).toMatchObject({ error: 'internal_error' });
    expect(await complete(ids.slice(1))).toMatchObject({ ok: true });
  });

  it('refuses a second completion', async () => {
    slack = await startFakeSlack();
    const id = await uploadBytes(slack, bytes);
    const complete = () => api(slack, 'files.completeUploadExternal', { files: [{ id }], channel_id });
    expect(await complete()).toMatchObject({ ok: true });
    expect(await complete()).toMatchObject({ error: 'file_not_found' });
  });

  it('refuses a file of another length than declared', async () => {
    slack = await startFakeSlack();
    const id = await uploadBytes(slack, bytes, { length: 5 });
    expect(await api(slack, 'files.completeUploadExternal', { files: [{ id }] })).toMatchObject({
      error: 'file_update_failed',
    });
  });

  it('drops blocks beside a comment (S6)', async () => {
    slack = await startFakeSlack({ shareAfterMs: 0 });
    const id = await uploadBytes(slack, bytes);
    const blocks = [{ type: 'divider' }];
    await api(slack, 'files.completeUploadExternal', {
      files: [{ id }],
      channel_id,
      blocks,
      initial_comment: 'c',
    });
    expect(slack.messages('releases')).toMatchObject([{ text: 'c', blocks: [] }]);
  });

  it.each([
    ['an upload with alt_txt (S7)', {}, { altText: 'a chart' }],
    ['a workspace that drops shares', { neverShare: true }, {}],
  ])('answers ok and never shares: %s', async (_, options, upload) => {
    slack = await startFakeSlack({ shareAfterMs: 0, readyAfterMs: 0, ...options });
    const id = await uploadBytes(slack, bytes, upload);
    expect(await api(slack, 'files.completeUploadExternal', { files: [{ id }], channel_id })).toMatchObject({
      ok: true,
    });
    await waitForFile(slack, id, (file) => file['mimetype'] !== '');
    expect(await api(slack, 'files.info', { file: id })).toMatchObject({ file: { shares: {} } });
    expect(slack.messages()).toEqual([]);
  });
});
