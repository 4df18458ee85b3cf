import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeKey, hostileKeys } from '../fakes/aws/testing.ts';
import { follow, STRANGER, withOracle } from './oracle.ts';
import type { Oracle } from './oracle.ts';

const PREFIX = 'slack-content/';
// Ours refuses what leaves the prefix once somebody folds dots, and a first slash.
const allowed = hostileKeys.filter((key) => !/^\/|(?:^|\/)\.\.?(?:\/|$)/.test(key));

async function store(
  { admin, bucket }: Oracle,
  key: string,
  body: string,
  type = 'text/plain',
): Promise<void> {
  const stored = await admin({
    method: 'PUT',
    path: `/${bucket}/${encodeKey(PREFIX + key)}`,
    headers: { 'content-type': type },
    body,
  });
  expect(stored).toMatchObject({ status: 200 });
}

describe('an object', () => {
  test.each(allowed)('%j is linked and uploaded as it is (P5, P6, P7)', (key) =>
    withOracle(async (oracle) => {
      const body = `content of ${key}`;
      await store(oracle, key, body);
      const step = await oracle.put({
        text: 'Here',
        artifacts: [
          { key, as: 'link' },
          { key, as: 'upload' },
        ],
      });
      expect(step.code, step.stderr).toBe(0);
      const [url = ''] = oracle.links();
      expect(await follow(url)).toMatchObject({ status: 200, body });
      expect(oracle.slack.files()).toMatchObject([{ content: Buffer.from(body) }]);
    }),
  );

  test('is shown as an image', () =>
    withOracle(async (oracle) => {
      await store(oracle, 'cpu.png', 'png bytes', 'image/png');
      const step = await oracle.put({ text: 'CPU', artifacts: [{ key: 'cpu.png', alt: 'CPU, last hour' }] });
      expect(step.code, step.stderr).toBe(0);
      expect(JSON.stringify(oracle.slack.messages('releases')[0]?.blocks)).toContain('slack_file');
    }));

  test('is taken in the version that is asked for', () =>
    withOracle(async (oracle) => {
      const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
      await oracle.admin({ method: 'PUT', path: `/${oracle.bucket}?versioning=`, body });
      await store(oracle, 'report.txt', 'one');
      const head = await oracle.admin({ method: 'HEAD', path: `/${oracle.bucket}/${PREFIX}report.txt` });
      await store(oracle, 'report.txt', 'second');
      const version_id = String(head.headers['x-amz-version-id']);
      const artifacts = [
        { key: 'report.txt', as: 'link', version_id },
        { key: 'report.txt', as: 'upload', version_id },
      ];
      const step = await oracle.put({ text: 'Here', artifacts });
      expect(step.code, step.stderr).toBe(0);
      const [url = ''] = oracle.links();
      expect(await follow(url)).toMatchObject({ status: 200, body: 'one' });
      expect(oracle.slack.files()).toMatchObject([{ content: Buffer.from('one') }]);
    }));
});

describe('files of the build', () => {
  test('are stored under their own names, and linked from there', () =>
    withOracle(async (oracle) => {
      const files = { "out/it's (1)+.html": 'one', 'out/Größe 日本.html': 'two', 'out/empty.html': '' };
      const step = await oracle.put(
        { artifacts: [{ file: 'out/*.html', as: 'link', key: 'pages/' }] },
        { files },
      );
      expect(step.code, step.stderr).toBe(0);
      const answers = await Promise.all(oracle.links().map((url) => follow(url)));
      expect(answers.map(({ body }) => body).toSorted()).toEqual(['', 'one', 'two']);
      for (const { headers } of answers) {
        expect(headers['content-type']).toBe('text/html');
        expect(headers['content-disposition']).toMatch(/^attachment; filename=/);
      }
    }));

  test('are streamed there with a body that is not hashed first', () =>
    withOracle(async (oracle) => {
      const bytes = Buffer.alloc(20_000_000, 'report');
      const artifacts = [
        { file: 'out/big.bin', as: 'link', key: 'big.bin' },
        { file: 'out/big.bin', as: 'upload' },
      ];
      const step = await oracle.put({ text: 'Here', artifacts }, { files: { 'out/big.bin': bytes } });
      expect(step.code, step.stderr).toBe(0);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(oracle.slack.files()).toMatchObject([{ sha256 }]);
      const stored = await oracle.admin({
        method: 'HEAD',
        path: `/${oracle.bucket}/${PREFIX}big.bin`,
      });
      expect(stored.headers).toMatchObject({
        'content-length': String(bytes.length),
        etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      });
    }));
});

describe('a refusal of a real server is told in one line', () => {
  const link = { artifacts: [{ key: 'report.txt', as: 'link' }] };

  test.each([
    ['a missing object', {}, {}, 'no object s3://', 'S3_NOT_FOUND'],
    ['a missing bucket', {}, { bucket: 'nobody-has-this' }, 'NoSuchBucket', 'S3_REFUSED'],
    // Where Ceph also takes sessions, it does not tell what is wrong with keys.
    ['an unknown key', { access_key_id: 'AKIANOBODY' }, {}, 'AccessDenied', 'S3_REFUSED'],
    ['a wrong secret', { secret_access_key: 'wrong' }, {}, 'AccessDenied', 'S3_REFUSED'],
    ['a foreign session token', { session_token: 'bm9uc2Vuc2U=' }, {}, '', 'S3_'],
  ])('%s', (_, aws, s3, message, code) =>
    withOracle(async ({ put, source, slack }) => {
      const step = await put(link, { source: source({ aws, s3 }) });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(message);
      expect(step.stderr).toContain(`[${code}`);
      expect(step.stderr).not.toMatch(/unexpected|<|sensitive/);
      expect(slack.count()).toBe(0);
    }),
  );

  test("somebody else's bucket", () =>
    withOracle(async (oracle) => {
      await store(oracle, 'report.txt', 'a report');
      const aws = { access_key_id: STRANGER.accessKeyId, secret_access_key: STRANGER.secretAccessKey };
      const source = oracle.source({ aws });
      for (const artifact of [link.artifacts[0], { file: 'out/x.txt', as: 'link' }]) {
        const step = await oracle.put({ artifacts: [artifact] }, { source, files: { 'out/x.txt': 'x' } });
        expect(step).toMatchObject({ code: 1, stdout: '' });
        expect(step.stderr).toContain('AccessDenied [S3_REFUSED]');
      }
    }));
});
