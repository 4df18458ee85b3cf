import { describe, expect, test } from 'vitest';
import { linksIn, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const BUCKET = 'ci-artifacts';
const link = (of: object) => ({ artifacts: [{ as: 'link', ...of }] });

async function linked({ slack }: World): Promise<string[]> {
  const urls = linksIn(slack.messages('releases')[0]?.blocks);
  return Promise.all(urls.map(async (url) => (await fetch(url)).text()));
}

describe('a file of the build that is to be linked', () => {
  test('is stored at its key, with its type, and linked from there', () =>
    withWorld(async (world) => {
      const step = await world.put(link({ file: 'out/report.pdf', key: 'reports/{{BUILD_ID}}.pdf' }), {
        files: { 'out/report.pdf': 'a report' },
      });
      expect(step.code, step.stderr).toBe(0);
      const stored = world.aws.s3.object(BUCKET, 'slack-content/reports/4711.pdf');
      expect(stored).toMatchObject({ type: 'application/pdf', size: 8 });
      expect(await linked(world)).toEqual(['a report']);
      expect(world.aws.s3.calls.map(({ method, presigned }) => [method, presigned])).toEqual([
        ['PUT', false],
        ['GET', true],
      ]);
    }));

  test('gets a key of its build and its path where none is given, so that equal names do not meet', () =>
    withWorld(async (world) => {
      const files = { 'out/a/report.html': 'one', 'out/b/report.html': 'two' };
      await world.put(link({ file: './out/*/report.html' }), { files });
      expect(world.aws.s3.object(BUCKET, 'slack-content/builds/4711/out/a/report.html')).toBeDefined();
      expect(await linked(world)).toEqual(['one', 'two']);
    }));

  test('is refused where another file would be stored at the same key', () =>
    withWorld(async ({ put, aws, slack }) => {
      const files = { 'out/a/report.html': 'one', 'out/b/report.html': 'two' };
      const step = await put(link({ file: 'out/*/report.html', key: 'pages/' }), { files });
      expect(step.stderr).toContain(
        'put: params.artifacts[0].key: out/a/report.html and out/b/report.html would both be stored at slack-content/pages/report.html [KEY_REFUSED]',
      );
      expect(aws.s3.count() + slack.count()).toBe(0);
    }));

  test('may be several, below a key that ends in a slash', () =>
    withWorld(async (world) => {
      const files = { 'out/b (1).html': 'two', 'out/a+b.html': 'one', 'out/c.txt': 'other' };
      const step = await world.put(link({ file: 'out/*.html', key: 'pages/' }), { files });
      expect(step.code, step.stderr).toBe(0);
      expect(await linked(world)).toEqual(['one', 'two']);
      expect(world.aws.s3.object(BUCKET, 'slack-content/pages/a+b.html')?.type).toBe('text/html');
      expect(world.aws.s3.object(BUCKET, 'slack-content/pages/c.txt')).toBeUndefined();
    }));

  test('is stored again when S3 fails once, and posted once', () =>
    withWorld(async (world) => {
      world.aws.s3.fault('PUT', { http: 503 });
      const step = await world.put(link({ file: 'out/report.pdf' }), {
        files: { 'out/report.pdf': 'a report' },
      });
      expect(step.code, step.stderr).toBe(0);
      expect(world.aws.s3.count('PUT')).toBe(2);
      expect(world.slack.messages()).toHaveLength(1);
    }));

  test('may be empty, with a content-length of 0: only Slack takes no empty file (P17)', () =>
    withWorld(async (world) => {
      const step = await world.put(link({ file: 'out/empty.txt' }), { files: { 'out/empty.txt': '' } });
      expect(step.code, step.stderr).toBe(0);
      expect(await linked(world)).toEqual(['']);
    }));

  test('is not stored when anything else of the put is wrong', () =>
    withWorld(async ({ put, aws, slack }) => {
      const artifacts = [
        { file: 'out/report.pdf', as: 'link' },
        { key: 'missing.pdf', as: 'link' },
      ];
      const step = await put({ artifacts }, { files: { 'out/report.pdf': 'a report' } });
      expect(step.stderr).toContain('[S3_NOT_FOUND]');
      expect(aws.s3.count('PUT') + slack.count()).toBe(0);
    }));

  test('is neither stored nor posted on a dry run', () =>
    withWorld(async ({ put, aws, slack }) => {
      const params = { ...link({ file: 'out/report.pdf' }), dry_run: true };
      const step = await put(params, { files: { 'out/report.pdf': 'a report' } });
      expect(step.code, step.stderr).toBe(0);
      expect(aws.s3.count() + slack.count()).toBe(0);
      expect(step.stderr).toContain('X-Amz-Signature=***');
    }));

  test('tells in one line that it may not be stored, and posts nothing (P19)', () =>
    withWorld(async ({ put, aws, slack }) => {
      aws.s3.fault('PUT', { http: 403 });
      const step = await put(link({ file: 'out/report.pdf' }), { files: { 'out/report.pdf': 'a report' } });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(
        'put: S3 refused PUT s3://ci-artifacts/slack-content/builds/4711/out/report.pdf: AccessDenied [S3_REFUSED]',
      );
      expect(step.stderr).toContain('s3:PutObject to store');
      expect(step.stderr).not.toMatch(/<|RequestId|injected/);
      expect(slack.count()).toBe(0);
    }));
});

describe('what may be posted', () => {
  const s3 = {
    bucket: BUCKET,
    path_style: true,
    max_size: '10 KB',
    allowed_types: ['application/pdf', 'image/*'],
  };

  test.each([
    [
      'a type that is not allowed',
      'page.html',
      10,
      'text/html',
      'is text/html, which may not be posted [TYPE_REFUSED]',
    ],
    [
      'a type that the name tells, where S3 knows none',
      'page.html',
      10,
      'binary/octet-stream',
      '[TYPE_REFUSED]',
    ],
    [
      'an object that is too large',
      'report.pdf',
      10_241,
      'application/pdf',
      'is 10 KB, more than 10 KB [SIZE_REFUSED]',
    ],
  ])('is not %s, be it link, upload or image', (_, key, size, type, message) =>
    withWorld(async ({ put, slack, aws, source }) => {
      aws.s3.put(BUCKET, `slack-content/${key}`, { size }, { type });
      for (const as of ['link', 'upload', 'image']) {
        const step = await put({ artifacts: [{ key, as }] }, { source: source({ s3 }) });
        expect(step).toMatchObject({ code: 1, stdout: '' });
        expect(step.stderr).toContain(message);
      }
      expect(slack.count() + aws.s3.count('GET')).toBe(0);
    }),
  );

  test.each([
    ['application/pdf; charset=binary', 'report.pdf'],
    ['image/png', 'cpu.png'],
    ['binary/octet-stream', 'photo.JPEG'],
  ])('is %s', (type, key) =>
    withWorld(async ({ put, aws, source }) => {
      aws.s3.put(BUCKET, `slack-content/${key}`, { size: 10_240 }, { type });
      const step = await put({ artifacts: [{ key, as: 'link' }] }, { source: source({ s3 }) });
      expect(step.code, step.stderr).toBe(0);
    }),
  );

  test('is checked of files of the build as well', () =>
    withWorld(async ({ put, slack, source }) => {
      const files = { 'out/page.html': '<h1>hello</h1>' };
      const step = await put(
        { artifacts: [{ file: 'out/page.html', as: 'upload' }] },
        { files, source: source({ s3 }) },
      );
      expect(step.stderr).toContain('[TYPE_REFUSED]');
      expect(slack.count()).toBe(0);
    }));
});
