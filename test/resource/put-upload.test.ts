import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const BUCKET = 'ci-artifacts';
const GIB = 1024 ** 3;

const upload = (of: object) => ({ text: 'Nightly', artifacts: [{ as: 'upload', ...of }] });
const s3 = { bucket: BUCKET, path_style: true, max_size: '5GB' };

describe('an upload that Slack would not take is refused before any call (slack S3):', () => {
  async function expectRefused({ slack, put, source }: World, params: unknown, message: string, files = {}) {
    const step = await put(params, { source: source({ s3 }), files });
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain(message);
    expect(slack.count()).toBe(0);
  }

  test('an empty file', () =>
    withWorld((world) =>
      expectRefused(
        world,
        upload({ file: 'out/log.txt' }),
        'out/log.txt is empty, and Slack takes no empty file [SIZE_REFUSED]',
        {
          'out/log.txt': '',
        },
      ),
    ));

  test('an empty object', () =>
    withWorld((world) => {
      world.aws.s3.put(BUCKET, 'slack-content/empty.txt', '');
      return expectRefused(
        world,
        upload({ key: 'empty.txt' }),
        'empty.txt is empty, and Slack takes no empty file',
      );
    }));

  test('an object of more than 1 GiB', () =>
    withWorld((world) => {
      world.aws.s3.put(BUCKET, 'slack-content/big.iso', { size: GIB + 1 });
      return expectRefused(
        world,
        upload({ key: 'big.iso' }),
        'big.iso is 1 GB, Slack takes up to 1 GB [SIZE_REFUSED]',
      );
    }));

  test('more than 14 files', () =>
    withWorld((world) => {
      const names = Array.from({ length: 15 }, (_, index) => `out/${index}.txt`);
      const files = Object.fromEntries(names.map((name) => [name, 'log']));
      return expectRefused(
        world,
        upload({ file: 'out/*.txt' }),
        'params.artifacts: 15 files to upload, Slack takes 14 at a time [SIZE_REFUSED]',
        files,
      );
    }));
});

test('uploads 14 files at once, in the order of their names', () =>
  withWorld(async ({ put, slack }) => {
    const names = Array.from({ length: 14 }, (_, index) => `out/${String(index).padStart(2, '0')}.txt`);
    const step = await put(upload({ file: 'out/*.txt' }), {
      files: Object.fromEntries(names.map((name) => [name, `log of ${name}`])),
    });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(slack.files().map(({ filename }) => `out/${filename}`)).toEqual(names);
    expect(slack.count('files.completeUploadExternal')).toBe(1);
  }));

test('moves the very bytes from S3 to Slack, in one read (S2)', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 20_000_000, fill: 7 });
    const step = await put(upload({ key: 'big.bin' }));
    expect(step.code).toBe(0);
    const sha256 = createHash('sha256').update(Buffer.alloc(20_000_000, 7)).digest('hex');
    expect(slack.files()).toMatchObject([{ received: 20_000_000, sha256 }]);
    expect(aws.s3.count('GET')).toBe(1);
  }));

test('starts again from the first byte when S3 breaks off half way (P15)', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 2_000_000, fill: 7 });
    aws.s3.fault('GET', 'cut');
    const step = await put(upload({ key: 'big.bin' }));
    expect(step.stderr).toContain('put: upload of big.bin broke off (aborted (ECONNRESET)), trying again\n');
    expect(step.code).toBe(0);
    const sha256 = createHash('sha256').update(Buffer.alloc(2_000_000, 7)).digest('hex');
    expect(slack.messages('releases')[1]?.files).toEqual([
      slack.files().find((file) => file.sha256 === sha256)?.id,
    ]);
  }));

test('notices that the object changed between looking and reading', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put(BUCKET, 'slack-content/report.pdf', 'the first report');
    const change = setInterval(() => {
      if (slack.count('files.getUploadURLExternal') > 0)
        aws.s3.put(BUCKET, 'slack-content/report.pdf', 'another');
    }, 1);
    slack.fault('files.getUploadURLExternal', { http: 500 });
    const step = await put(upload({ key: 'report.pdf' })).finally(() => clearInterval(change));
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain('report.pdf changed while it was read: 16 bytes, then 7 [S3_FAILED]');
    expect(slack.messages()).toEqual([]);
  }));

describe('an upload without text', () => {
  const files = { 'out/log.txt': 'log' };
  const alone = { artifacts: [{ file: 'out/log.txt', as: 'upload' }] };

  test('is itself the message, and its ts the version (S8)', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put(alone, { files });
      const [message, ...others] = slack.messages('releases');
      expect(others).toEqual([]);
      expect(step.json()).toMatchObject({ version: { channel: 'C0RELEASES1', ts: message?.ts } });
    }));

  test('looks up the id of a channel that is only named (S4)', () =>
    withWorld(async ({ put, slack, source }) => {
      const step = await put(alone, { files, source: source({ channel: '#releases' }) });
      expect(step).toMatchObject({ code: 0, stderr: '' });
      expect(slack.count('conversations.list')).toBe(1);
      expect(slack.messages('releases')).toMatchObject([{ files: [expect.any(String)] }]);
    }));

  test('gets a parent message, which tells the id, where the app may not list channels (S4)', () =>
    withWorld(
      async ({ put, slack, source }) => {
        const step = await put(alone, { files, source: source({ channel: '#releases' }) });
        expect(step).toMatchObject({ code: 0, stderr: '' });
        const [parent, reply] = slack.messages('releases');
        expect(parent?.text).toBe('log.txt');
        expect(reply).toMatchObject({ thread_ts: parent?.ts, files: [expect.any(String)] });
      },
      { slack: { scopes: ['chat:write', 'files:write', 'files:read'] } },
    ));

  test('is refused where the app may post but is no member (S5)', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ ...alone, channel: 'C0PUBLIC001' }, { files });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(
        'Slack refused files.completeUploadExternal: not_in_channel [SLACK_REFUSED]',
      );
      expect(step.stderr).toContain('/invite');
      expect(slack.messages()).toEqual([]);
    }));
});

test('asks for no list of channels on the way of a link (S32)', () =>
  withWorld(async ({ put, slack, aws, source }) => {
    aws.s3.put(BUCKET, 'slack-content/report.pdf', 'a report');
    const params = { artifacts: [{ key: 'report.pdf', as: 'link' }], channels: ['#releases', 'public'] };
    const step = await put(params, { source: source({ channel: '#releases' }) });
    expect(step.code).toBe(0);
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage']);
  }));
