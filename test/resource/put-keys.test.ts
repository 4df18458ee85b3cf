import { describe, expect, test } from 'vitest';
import { hostileKeys, send } from '../fakes/aws/testing.ts';
import { linksIn, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const BUCKET = 'ci-artifacts';
const PREFIX = 'slack-content/';
/** Keys that could leave the prefix where a proxy in front of S3 folds dot segments, or that begin with a slash. */
const REFUSED = /^\/|(?:^|\/)\.\.?(?:\/|$)/;
const allowed = hostileKeys.filter((key) => !REFUSED.test(key));
const refused = hostileKeys.filter((key) => REFUSED.test(key));

function urlOf({ slack }: World): string {
  return linksIn(slack.messages('releases')[0]?.blocks)[0] ?? '';
}

/** Follows a link byte for byte: `fetch` would fold what looks like dots. */
async function follow(url: string): Promise<{ status: number; body: string }> {
  const { origin } = new URL(url);
  return send(origin, { path: url.slice(origin.length) });
}

describe.each(allowed)('the key %j', (key) => {
  test('works as a link and as an upload, untouched (P5, P6, P7)', () =>
    withWorld(async (world) => {
      world.aws.s3.put(BUCKET, PREFIX + key, `content of ${key}`, { type: 'text/plain' });
      const step = await world.put({
        text: 'Here',
        artifacts: [
          { key, as: 'link' },
          { key, as: 'upload' },
        ],
      });
      expect(step.code, step.stderr).toBe(0);
      expect(await follow(urlOf(world))).toMatchObject({ status: 200, body: `content of ${key}` });
      expect(world.slack.files()).toMatchObject([{ content: Buffer.from(`content of ${key}`) }]);
      expect(new Set(world.aws.s3.calls.map((call) => call.key))).toEqual(new Set([PREFIX + key]));
    }));
});

test.each([...refused, 'a/%2e%2e/x', 'a%2F..%2Fx', 'a\\..\\x'])(
  'refuses the key %j before any call (P4, P5)',
  (key) =>
    withWorld(async ({ put, slack, aws }) => {
      const step = await put({ artifacts: [{ key, as: 'link' }] });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('[KEY_REFUSED]');
      expect(slack.count() + aws.s3.count()).toBe(0);
    }),
);

describe('key_file', () => {
  const link = { artifacts: [{ key_file: 'report/s3_uri', as: 'link' }] };

  test.each([
    ['an s3:// address, as the s3 resource writes it', `s3://${BUCKET}/${PREFIX}reports/report 1.pdf\n`],
    ['a key relative to the prefix', 'reports/report 1.pdf\n'],
  ])('may hold %s', (_, content) =>
    withWorld(async (world) => {
      world.aws.s3.put(BUCKET, `${PREFIX}reports/report 1.pdf`, 'a report', { type: 'application/pdf' });
      const step = await world.put(link, { files: { 'report/s3_uri': content } });
      expect(step.code, step.stderr).toBe(0);
      expect(await follow(urlOf(world))).toMatchObject({ body: 'a report' });
    }),
  );

  test.each([
    ['another bucket', `s3://other/${PREFIX}report.pdf`, 'is not in bucket ci-artifacts'],
    ['outside of the prefix', `s3://${BUCKET}/secrets/report.pdf`, 'is outside source.prefix'],
    [
      'a prefix that only looks alike',
      `s3://${BUCKET}/slack-content-2/report.pdf`,
      'is outside source.prefix',
    ],
    ['out of the prefix by dots', `s3://${BUCKET}/${PREFIX}../secrets`, 'has a "." or ".." segment'],
    ['two lines', 'report.pdf\nsecrets/report.pdf', 'holds control characters'],
  ])('may not name %s', (_, content, message) =>
    withWorld(async ({ put, slack, aws }) => {
      const step = await put(link, { files: { 'report/s3_uri': content } });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(message);
      expect(step.stderr).toContain('[KEY_REFUSED]');
      expect(slack.count() + aws.s3.count()).toBe(0);
    }),
  );
});

test('links to the version that is asked for', () =>
  withWorld(async (world) => {
    world.aws.s3.put(BUCKET, `${PREFIX}report.pdf`, 'one', { versionId: 'v1' });
    world.aws.s3.put(BUCKET, `${PREFIX}report.pdf`, 'second', { versionId: 'v2' });
    const step = await world.put({ artifacts: [{ key: 'report.pdf', as: 'link', version_id: 'v1' }] });
    expect(step.stdout).toContain('report.pdf (link, 3 bytes');
    expect(await follow(urlOf(world))).toMatchObject({ body: 'one' });
  }));
