import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sessions } from '../aws/sessions.ts';
import { encodeKey, hostileKeys, send, signed } from '../aws/testing.ts';
import type { Answer, Outgoing, SignOptions } from '../aws/testing.ts';
import type { FakeS3 } from './server.ts';
import { startFakeS3 } from './server.ts';

let s3: FakeS3;
afterEach(() => s3.close());

function ask(outgoing: Outgoing, options: SignOptions = {}): Promise<Answer> {
  return send(s3.url, signed(s3.url, outgoing, options));
}

function get(key: string, headers: Record<string, string> = {}): Promise<Answer> {
  return ask({ path: `/ci-artifacts/${encodeKey(key)}`, headers });
}

function code(answer: Answer): string {
  return `${answer.status} ${/<Code>([^<]+)<\/Code>/.exec(answer.body)?.[1] ?? '-'}`;
}

describe('objects', () => {
  it.each(hostileKeys)('round-trips the key %s by header and by link (P5, P6, P7)', async (key) => {
    s3 = await startFakeS3();
    const path = `/ci-artifacts/${encodeKey(key)}`;
    const put = await ask({
      method: 'PUT',
      path,
      body: `content of ${key}`,
      headers: { 'content-type': 'text/plain' },
    });
    expect(put.status).toBe(200);
    expect(s3.object('ci-artifacts', key)).toMatchObject({ key, type: 'text/plain' });
    expect(await ask({ path })).toMatchObject({ status: 200, body: `content of ${key}` });
    expect(await ask({ path }, { presign: true })).toMatchObject({ status: 200, body: `content of ${key}` });
    expect(s3.calls.map((call) => [call.method, call.key, call.presigned])).toEqual([
      ['PUT', key, false],
      ['GET', key, false],
      ['GET', key, true],
    ]);
    s3.expectNoUnknown();
  });

  it('keeps type, length, metadata and ETag', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a.pdf', 'hello', { type: 'application/pdf', metadata: { build: '7' } });
    const { headers } = await get('a.pdf');
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': '5',
      'x-amz-meta-build': '7',
      etag: '"5d41402abc4b2a76b9719d911017c592"',
    });
  });

  it('answers HEAD without a body, errors too (P10)', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    const found = await ask({ method: 'HEAD', path: '/ci-artifacts/a' });
    expect([found.status, found.headers['content-length'], found.body]).toEqual([200, '5', '']);
    const missing = await ask({ method: 'HEAD', path: '/ci-artifacts/b' });
    expect([missing.status, missing.body]).toEqual([404, '']);
  });

  it('serves versions by id', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'old', { versionId: 'v1' });
    s3.put('ci-artifacts', 'a', 'new', { versionId: 'v2' });
    expect(await get('a')).toMatchObject({ body: 'new', headers: { 'x-amz-version-id': 'v2' } });
    expect(await ask({ path: '/ci-artifacts/a?versionId=v1' })).toMatchObject({ body: 'old' });
    expect(code(await ask({ path: '/ci-artifacts/a?versionId=v3' }))).toBe('404 NoSuchVersion');
  });

  it('makes large content while it is read', async () => {
    s3 = await startFakeS3();
    const size = 512 * 1024 ** 2;
    s3.put('ci-artifacts', 'big', { size, fill: 7 });
    const { path, headers } = signed(s3.url, { path: '/ci-artifacts/big' });
    let length = 0;
    await new Promise((resolve, reject) => {
      request(s3.url + path, { headers }, (res) => {
        res.on('data', (chunk: Buffer) => void (length += chunk.length)).on('end', resolve);
      })
        .on('error', reject)
        .end();
    });
    expect(length).toBe(size);
    // What was read stays until it is collected: less than all of it shows that it was never made at once.
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(0.9 * size);
    expect(await get('big', { range: 'bytes=5-8' })).toMatchObject({ status: 206, body: '\x07\x07\x07\x07' });
  });

  it.each([
    ['bytes=0-1', 206, 'he', 'bytes 0-1/5'],
    ['bytes=0-', 206, 'hello', 'bytes 0-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-9', 206, 'hello', 'bytes 0-4/5'],
    ['bytes=3-99', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=3-1', 200, 'hello', undefined],
    ['bytes=0-0,2-3', 200, 'hello', undefined],
    ['lines=1-2', 200, 'hello', undefined],
  ])('answers the range %s with %i (P12)', async (range, status, body, contentRange) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    const answer = await get('a', { range });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([
      status,
      body,
      contentRange,
    ]);
  });

  it.each([
    ['hello', 'bytes=5-', 'bytes */5'],
    ['', 'bytes=0-', 'bytes */0'],
  ])('refuses a range outside of %j', async (content, range, contentRange) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', content);
    const answer = await get('a', { range });
    expect(code(answer)).toBe('416 InvalidRange');
    expect(answer.headers['content-range']).toBe(contentRange);
  });

  it('honours conditions', async () => {
    s3 = await startFakeS3();
    const lastModified = new Date('2026-01-02T03:04:05Z');
    const { etag } = s3.put('ci-artifacts', 'a', 'hello', { lastModified });
    const before = new Date('2026-01-01T00:00:00Z').toUTCString();
    const after = new Date('2026-02-01T00:00:00Z').toUTCString();
    const status = async (headers: Record<string, string>) => (await get('a', headers)).status;
    expect(await status({ 'if-none-match': etag })).toBe(304);
    expect(await status({ 'if-none-match': '"other"' })).toBe(200);
    expect(await status({ 'if-modified-since': after })).toBe(304);
    expect(await status({ 'if-modified-since': before })).toBe(200);
    expect(await status({ 'if-match': '"other"' })).toBe(412);
    expect(await status({ 'if-unmodified-since': before })).toBe(412);
  });

  it('overrides response headers on signed requests only', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    const path = '/ci-artifacts/a?response-content-disposition=attachment&response-content-type=text%2Fx';
    const answer = await ask({ path }, { presign: true });
    expect(answer.headers).toMatchObject({ 'content-disposition': 'attachment', 'content-type': 'text/x' });
    expect(code(await send(s3.url, { path }))).toBe('400 InvalidRequest');
  });
});

describe('uploads', () => {
  it.each([
    ['no length', { 'transfer-encoding': 'chunked' }, '411 MissingContentLength'],
    ['a wrong MD5', { 'content-md5': 'AAAA' }, '400 BadDigest'],
    ['the checksum of an empty body', { 'x-amz-checksum-crc32': 'AAAAAA==' }, '400 BadDigest'],
    ['an existing key that must not exist', { 'if-none-match': '*' }, '412 PreconditionFailed'],
  ])('refuses %s', async (_, headers, expected) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'old');
    const link = signed(s3.url, { method: 'PUT', path: '/ci-artifacts/a', headers }, { presign: true });
    const answer = await send(s3.url, { ...link, body: 'hello' });
    expect(code(answer)).toBe(expected);
    expect(s3.object('ci-artifacts', 'a')?.body?.toString()).toBe('old');
  });

  it('refuses a body that is not the one whose hash was signed', async () => {
    s3 = await startFakeS3();
    const request = signed(s3.url, { method: 'PUT', path: '/ci-artifacts/a', body: 'hello' });
    expect(code(await send(s3.url, { ...request, body: 'jello' }))).toBe('400 XAmzContentSHA256Mismatch');
    expect(s3.object('ci-artifacts', 'a')).toBeUndefined();
  });
});

describe('refusals', () => {
  const path = '/ci-artifacts/a';

  it.each([
    [
      'another secret',
      { keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' } },
      '403 SignatureDoesNotMatch',
    ],
    [
      'an unknown key',
      { keys: { accessKeyId: 'AKIDOTHER', secretAccessKey: 'x' } },
      '403 InvalidAccessKeyId',
    ],
    [
      'an unknown token',
      { keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x', sessionToken: 't' } },
      '400 InvalidToken',
    ],
    ['another region', { region: 'us-east-1' }, '400 AuthorizationHeaderMalformed'],
    [
      'another region in a link',
      { region: 'us-east-1', presign: true },
      '400 AuthorizationQueryParametersError',
    ],
    ['another host', { host: 's3.example' }, '200 -'],
  ])('answers %s', async (_, options, expected) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    expect(code(await ask({ path }, options))).toBe(expected);
  });

  it('names the right region when the signature has another', async () => {
    s3 = await startFakeS3();
    const answer = await ask({ path }, { region: 'us-east-1' });
    expect(answer.body).toContain('<Region>eu-west-1</Region>');
    expect(answer.headers['x-amz-bucket-region']).toBe('eu-west-1');
  });

  it('points to the region of a bucket elsewhere', async () => {
    s3 = await startFakeS3({ elsewhere: { 'far-away': 'ap-southeast-2' } });
    const answer = await ask({ path: '/far-away/a' });
    expect(code(answer)).toBe('301 PermanentRedirect');
    expect(answer.headers['x-amz-bucket-region']).toBe('ap-southeast-2');
  });

  it('knows temporary credentials until they expire', async () => {
    let now = Date.now();
    const keys = { accessKeyId: 'ASIA1', secretAccessKey: 'temporary' };
    const sessions: Sessions = new Map([['tok', { ...keys, expires: new Date(now + 60_000) }]]);
    s3 = await startFakeS3({ sessions, now: () => now });
    s3.put('ci-artifacts', 'a', 'hello');
    const link = signed(s3.url, { path }, { presign: true, keys: { ...keys, sessionToken: 'tok' } });
    expect(code(await send(s3.url, link))).toBe('200 -');
    now += 61_000;
    expect(code(await send(s3.url, link))).toBe('400 ExpiredToken');
    expect(code(await ask({ path }, { keys }))).toBe('403 InvalidAccessKeyId');
  });

  it('refuses a link past its time, one from the future, and a wrong clock', async () => {
    let now = Date.now();
    s3 = await startFakeS3({ now: () => now });
    s3.put('ci-artifacts', 'a', 'hello');
    const link = signed(s3.url, { path: `${path}?X-Amz-Expires=60` }, { presign: true });
    const request = signed(s3.url, { path });
    now += 61_000;
    expect((await send(s3.url, link)).body).toContain('Request has expired');
    now -= 20 * 60_000;
    expect((await send(s3.url, link)).body).toContain('Request is not yet valid');
    expect(code(await send(s3.url, request))).toBe('403 RequestTimeTooSkewed');
  });

  it('refuses a HEAD by the link of a GET (P27)', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    const link = signed(s3.url, { path }, { presign: true });
    expect((await send(s3.url, { ...link, method: 'HEAD' })).status).toBe(403);
  });

  it('tells a missing object only to those who may list', async () => {
    s3 = await startFakeS3();
    expect(code(await get('nowhere'))).toBe('404 NoSuchKey');
    expect(code(await ask({ path: '/no-bucket/a' }))).toBe('404 NoSuchBucket');
    await s3.close();
    s3 = await startFakeS3({ denyList: true });
    expect(code(await get('nowhere'))).toBe('403 AccessDenied');
  });

  it('refuses a stranger, a broken path and what it does not know', async () => {
    s3 = await startFakeS3();
    expect(code(await send(s3.url, { path }))).toBe('403 AccessDenied');
    expect(code(await send(s3.url, { path: '/ci-artifacts/%ff' }))).toBe('400 InvalidURI');
    expect(code(await send(s3.url, { path: '/ci-artifacts/%zz' }))).toBe('400 InvalidURI');
    s3.expectNoUnknown();
    expect(code(await ask({ path: '/ci-artifacts?list-type=2' }))).toBe('501 NotImplemented');
    expect(() => s3.expectNoUnknown()).toThrow('unknown operation GET ci-artifacts/ list-type');
  });
});

describe('virtual hosts', () => {
  it.each([
    ['the bucket as a subdomain', 'ci-artifacts.s3.eu-west-1.amazonaws.com'],
    ['a VPC endpoint', 'ci-artifacts.bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com'],
    ['the longest bucket name', 'ci-artifacts.eu.localhost:9000', 'ci-artifacts.eu'],
    ['a custom domain that is the bucket', 'files.corp.example', 'files.corp.example'],
  ])('finds %s', async (_, host, bucket = 'ci-artifacts') => {
    const buckets = ['ci-artifacts', 'ci-artifacts.eu', 'files.corp.example'];
    s3 = await startFakeS3({ virtualHosts: true, buckets });
    s3.put(bucket, 'dir//a', 'hello');
    expect(await ask({ path: '/dir//a' }, { host })).toMatchObject({ status: 200, body: 'hello' });
    expect(await ask({ path: `/${bucket}/dir//a` })).toMatchObject({ status: 200, body: 'hello' });
  });
});

describe('faults', () => {
  it.each([
    [{ http: 500 }, '500 InternalError'],
    [{ http: 503 }, '503 SlowDown'],
    [{ http: 403 }, '403 AccessDenied'],
    [{ http: 400, code: 'ExpiredToken' }, '400 ExpiredToken'],
    ['html', '200 -'],
  ] as const)('%j once', async (kind, expected) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', 'hello');
    s3.fault('GET', kind);
    expect(code(await get('a'))).toBe(expected);
    expect(await get('a')).toMatchObject({ status: 200, body: 'hello' });
    expect(s3.count('GET')).toBe(2);
  });

  it('resets the connection', async () => {
    s3 = await startFakeS3();
    s3.fault('*', 'reset');
    await expect(get('a')).rejects.toThrow(/ECONNRESET|hang up/);
  });

  it('cuts a body in the middle', async () => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', { size: 1_000_000 });
    s3.fault('GET', 'cut');
    await expect(get('a')).rejects.toThrow(/aborted/);
  });

  it.each(['hang', 'stall'] as const)('never ends a request under %s', async (kind) => {
    s3 = await startFakeS3();
    s3.put('ci-artifacts', 'a', { size: 1_000_000 });
    s3.fault('GET', kind);
    const { path, headers = {} } = signed(s3.url, { path: '/ci-artifacts/a' });
    const { host: _, Host: __, ...rest } = headers;
    const read = fetch(s3.url + path, { headers: rest, signal: AbortSignal.timeout(150) });
    await expect(read.then((response) => response.text())).rejects.toThrow('timeout');
  });
});
