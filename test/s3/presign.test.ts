import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../src/aws/sigv4.ts';
import { presignLink } from '../../src/s3/presign.ts';
import type { LinkRequest } from '../../src/s3/presign.ts';
import { defaultKeys } from '../fakes/aws/sessions.ts';
import { hostileKeys, send } from '../fakes/aws/testing.ts';
import { BUCKET, withBucket } from './with-bucket.ts';
import type { OpenBucket } from './with-bucket.ts';

const KEY = 'reports/report.pdf';
const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3600;
const REQUEST: LinkRequest = {
  key: KEY,
  fileName: 'report.pdf',
  contentType: 'application/pdf',
  seconds: HOUR,
};
const ADDRESS = {
  bucket: BUCKET,
  region: 'eu-west-1',
  endpoint: 'https://files.corp.example',
  pathStyle: true,
};

function linkTo({ address }: Pick<OpenBucket, 'address'>, more: Partial<LinkRequest> = {}, now = Date.now()) {
  return presignLink(address, defaultKeys, { ...REQUEST, ...more }, now);
}

/** Asks for exactly these bytes: `fetch` would fold the dot segments of a key. */
function get(url: string, method = 'GET') {
  const { origin } = new URL(url);
  return send(origin, { method, path: url.slice(origin.length) });
}

describe('a link', () => {
  it('gives the object, with the name and type that it was signed with', () =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, KEY, 'a report', { type: 'binary/octet-stream' });
      const answer = await fetch(linkTo(open, { fileName: 'Report 1.pdf' }).url);
      expect(await answer.text()).toBe('a report');
      expect(answer.headers.get('content-type')).toBe('application/pdf');
      expect(answer.headers.get('content-disposition')).toBe('inline; filename="Report 1.pdf"');
    }));

  it.each(hostileKeys)('reaches %j (P5, P6, P7)', (key) =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, key, 'found');
      expect(await get(linkTo(open, { key }).url)).toMatchObject({ status: 200, body: 'found' });
    }),
  );

  it('gives the version that it was signed for', () =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, KEY, 'one', { versionId: 'v1' });
      open.fake.put(BUCKET, KEY, 'two', { versionId: 'v2' });
      expect(await (await fetch(linkTo(open, { versionId: 'v1' }).url)).text()).toBe('one');
    }));

  it('is refused once it is tampered with, or used for anything but GET (P27)', () =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, KEY, 'a report');
      open.fake.put(BUCKET, 'reports/secret', 'a secret');
      const { url } = linkTo(open);
      const changes: readonly (readonly [string, string])[] = [
        ['report.pdf?', 'secret?'],
        ['inline', 'attachment'],
        ['X-Amz-Expires=3600', 'X-Amz-Expires=360000'],
        ['X-Amz-Signature=', 'X-Amz-Signature=0'],
        ['SignedHeaders=host', 'SignedHeaders='],
      ];
      for (const [from, to] of changes) {
        expect(url).toContain(from);
        expect((await get(url.replace(from, to))).status, `${from} → ${to}`).toBeGreaterThanOrEqual(400);
      }
      expect(await get(url, 'HEAD')).toMatchObject({ status: 403 });
      expect(await get(url, 'PUT')).toMatchObject({ status: 403 });
    }));

  it('holds no checksum parameters, which readers would have to satisfy (P26)', () => {
    expect(presignLink(ADDRESS, defaultKeys, REQUEST, NOW).url).not.toMatch(/checksum|sdk/i);
  });

  it('names the host that readers reach, signed for it', () => {
    const { url } = presignLink(ADDRESS, defaultKeys, REQUEST, NOW);
    expect(url).toMatch(/^https:\/\/files\.corp\.example\/ci-artifacts\/reports\/report\.pdf\?/);
  });
});

describe('the end of a link', () => {
  const credentials = (lifeSeconds?: number): Credentials => ({
    ...defaultKeys,
    sessionToken: 'token',
    ...(lifeSeconds !== undefined && { expiresAt: NOW + lifeSeconds * 1000 }),
  });

  it.each([
    ['asked for, where the credentials have no end', undefined, HOUR, HOUR, false],
    ['asked for, where the credentials live longer', 2 * HOUR, HOUR, HOUR, false],
    ['that of the credentials, where they end earlier (S10, P24)', 600, HOUR, 600, true],
    ['seven days, where more is asked for', undefined, 30 * 86_400, 604_800, true],
    ['a second away, where the credentials have just ended', -5, HOUR, 1, true],
  ])('is %s', (_, life, seconds, real, cutShort) => {
    const link = presignLink(ADDRESS, credentials(life), { ...REQUEST, seconds }, NOW);
    expect(link).toMatchObject({ expiresAt: NOW / 1000 + real, cutShort });
    expect(new URL(link.url).searchParams.get('X-Amz-Expires')).toBe(String(real));
  });

  it('is kept by S3 to the second', () => {
    let now = NOW;
    return withBucket(
      async (open) => {
        open.fake.put(BUCKET, KEY, 'a report');
        const { url } = linkTo(open, { seconds: 90 }, NOW);
        now = NOW + 90_000;
        expect(await get(url)).toMatchObject({ status: 200 });
        now += 1000;
        expect(await get(url)).toMatchObject({
          status: 403,
          body: expect.stringContaining('Request has expired'),
        });
      },
      { now: () => now },
    );
  });
});

describe('what a browser makes of it (P29)', () => {
  it.each([
    ['image/png', 'inline'],
    ['application/pdf', 'inline'],
    ['text/plain', 'inline'],
    ['text/html', 'attachment'],
    ['image/svg+xml', 'attachment'],
    ['application/xml', 'attachment'],
    ['application/octet-stream', 'attachment'],
  ])('%s is sent as %s: what runs must not run on S3’s origin', (contentType, kind) => {
    const { url } = presignLink(ADDRESS, defaultKeys, { ...REQUEST, contentType }, NOW);
    expect(new URL(url).searchParams.get('response-content-disposition')).toBe(
      `${kind}; filename="report.pdf"`,
    );
  });

  it.each([
    ['quotes', 'a"b\\c.pdf', `filename="a_b_c.pdf"; filename*=UTF-8''a%22b%5Cc.pdf`],
    [
      'other writing',
      'Größe 日本.pdf',
      `filename="Gr__e __.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E6%97%A5%E6%9C%AC.pdf`,
    ],
    ['line breaks', 'a\r\nSet-Cookie: x.pdf', 'filename="a__Set-Cookie: x.pdf"'],
    ['percent signs', '100%.pdf', `filename="100_.pdf"; filename*=UTF-8''100%25.pdf`],
    ['RFC 5987’s own marks', "it's (1)*.pdf", `filename="it's (1)*.pdf"`],
    ['both', "é'(*).pdf", `filename="_'(*).pdf"; filename*=UTF-8''%C3%A9%27%28%2A%29.pdf`],
  ])('a name with %s reaches the header whole', (_, fileName, disposition) =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, KEY, 'a report');
      const answer = await get(linkTo(open, { fileName }).url);
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'content-disposition': `inline; ${disposition}` },
      });
    }),
  );
});
