import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { openBucket } from '../../src/s3/objects.ts';
import { createHttp } from '../../src/kit/http.ts';
import { hostileKeys } from '../fakes/aws/testing.ts';
import { defaultKeys } from '../fakes/aws/sessions.ts';
import { listen } from '../fakes/http/listen.ts';
import type { S3Fault } from '../fakes/s3/fault.ts';
import { instantClock } from '../support/instant-clock.ts';
import { BUCKET, withBucket } from './with-bucket.ts';
import type { OpenBucket } from './with-bucket.ts';

const KEY = 'reports/report.pdf';
const BODY = Buffer.from('a report');
const METHODS = ['HEAD', 'GET', 'PUT'] as const;

/** Does one of the three calls, and gives the bytes that S3 has or gave. */
async function act(
  { objects, fake }: OpenBucket,
  method: (typeof METHODS)[number],
  key = KEY,
): Promise<Buffer> {
  if (method === 'HEAD') {
    const { size } = await objects.head(key);
    return Buffer.alloc(size, 'x');
  }
  if (method === 'GET') return buffer((await objects.get(key)).stream);
  await objects.put(key, 'application/pdf', () => ({ stream: Readable.from([BODY]), length: BODY.length }));
  return fake.object(BUCKET, key)?.body ?? Buffer.alloc(0);
}

describe('objects', () => {
  it.each(hostileKeys)('stores, looks at and reads %j as it is (P5, P6, P7)', (key) =>
    withBucket(async (open) => {
      await act(open, 'PUT', key);
      expect(open.fake.object(BUCKET, key)).toMatchObject({ body: BODY, type: 'application/pdf' });
      expect(await open.objects.head(key)).toEqual({ size: BODY.length, contentType: 'application/pdf' });
      expect(await act(open, 'GET', key)).toEqual(BODY);
    }),
  );

  it('asks for the size without the bytes (P10)', () =>
    withBucket(async ({ objects, fake }) => {
      fake.put(BUCKET, KEY, { size: 5_000_000 });
      expect(await objects.head(KEY)).toMatchObject({ size: 5_000_000 });
      expect(fake.calls.map(({ method }) => method)).toEqual(['HEAD']);
    }));

  it('takes the version it is told, and no other', () =>
    withBucket(async ({ objects, fake }) => {
      fake.put(BUCKET, KEY, 'one', { versionId: 'v+1/=' });
      fake.put(BUCKET, KEY, 'second', { versionId: 'v2' });
      expect(await objects.head(KEY, 'v+1/=')).toMatchObject({ size: 3 });
      expect(await buffer((await objects.get(KEY, 'v+1/=')).stream)).toEqual(Buffer.from('one'));
      expect(await objects.head(KEY)).toMatchObject({ size: 6 });
    }));

  it('stores an empty object with its length (P17)', () =>
    withBucket(async ({ objects, fake }) => {
      await objects.put(KEY, 'text/plain', () => ({ stream: Readable.from([]), length: 0 }));
      expect(fake.object(BUCKET, KEY)?.size).toBe(0);
      expect(fake.calls[0]?.headers).toMatchObject({ 'content-length': '0' });
    }));
});

describe.each(METHODS)('%s', (method) => {
  it.each<S3Fault>(['reset', { http: 500 }, { http: 502 }, { http: 503 }])(
    'is asked again after %j (P20)',
    (fault) =>
      withBucket(async (open) => {
        open.fake.put(BUCKET, KEY, BODY);
        open.fake.fault(method, fault, 2);
        expect(await act(open, method)).toHaveLength(BODY.length);
        expect(open.fake.count(method)).toBe(3);
        expect(open.clock.sleeps).toHaveLength(2);
      }),
  );

  it.each<readonly [S3Fault, string, RegExp]>([
    [{ http: 500 }, 'S3_FAILED', /S3 failed on .*: InternalError, three times in a row$/],
    [{ http: 503 }, 'S3_FAILED', /SlowDown, three times in a row$/],
    ['reset', 'S3_UNREACHABLE', /^no answer from 127\.0\.0\.1:\d+: .*ECONNRESET/],
  ])('that fails by %j each time ends after three tries in one line (P20)', (fault, code, message) =>
    withBucket(async (open) => {
      open.fake.put(BUCKET, KEY, BODY);
      open.fake.fault(method, fault, 3);
      // A HEAD has no body: a GET tells why.
      open.fake.fault('GET', fault);
      await expect(act(open, method)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      expect(open.fake.count(method)).toBe(3);
    }),
  );

  it('that hangs is given up after its silence, and not tried for minutes', () =>
    withBucket(async (open) => {
      open.fake.fault(method, 'hang');
      await expect(act(open, method)).rejects.toMatchObject({
        code: 'S3_UNREACHABLE',
        message: expect.stringMatching(/^no answer from 127\.0\.0\.1:\d+: no answer for 1\.5 s$/),
        hint: expect.stringContaining('proxy'),
      });
      expect(open.fake.count(method)).toBe(1);
    }));

  it('that is answered by a web page is not believed', () =>
    withBucket(async (open) => {
      open.fake.fault(method, 'html');
      await expect(act(open, method)).rejects.toMatchObject({
        code: 'S3_FAILED',
        message: expect.stringContaining(
          `answered ${method} s3://${BUCKET}/${KEY} with something that is not S3's answer`,
        ),
        hint: expect.stringContaining('login page'),
      });
    }));

  it.each([
    [403, 'AccessDenied', 'S3_REFUSED', 's3:GetObject'],
    [400, 'ExpiredToken', 'S3_EXPIRED', 'renew source.aws.session_token'],
    [400, 'InvalidToken', 'S3_REFUSED', 'renew all three together'],
    [403, 'InvalidAccessKeyId', 'S3_REFUSED', 'source.aws.access_key_id'],
    [403, 'SignatureDoesNotMatch', 'S3_REFUSED', 'source.aws.secret_access_key'],
    [403, 'RequestTimeTooSkewed', 'S3_REFUSED', 'clock'],
    [404, 'NoSuchBucket', 'S3_REFUSED', 'source.s3.bucket'],
    [400, 'KMS.DisabledException', 'S3_REFUSED', 'settings'],
  ])(
    'refused with %i %s says so once, with its remedy, and nothing else of the answer (P19, P20)',
    (http, error, code, remedy) =>
      withBucket(async (open) => {
        open.fake.put(BUCKET, KEY, BODY);
        open.fake.fault('*', { http, code: error }, 2);
        await expect(act(open, method)).rejects.toMatchObject({
          code,
          message: `S3 refused ${method} s3://${BUCKET}/${KEY}: ${error}`,
          hint: expect.stringContaining(remedy),
        });
        // HEAD has no body, so a GET of one byte asks for the reason (P10).
        expect(open.fake.calls.map((call) => call.method)).toEqual(
          method === 'HEAD' ? ['HEAD', 'GET'] : [method],
        );
        expect(open.fake.calls[1]?.headers.range).toBe(method === 'HEAD' ? 'bytes=0-0' : undefined);
      }),
  );

  it('in another region names the right one', () =>
    withBucket(
      async (open) => {
        await expect(act(open, method)).rejects.toMatchObject({
          code: 'S3_REFUSED',
          message: `S3 refused ${method} s3://${BUCKET}/${KEY}: PermanentRedirect`,
          hint: 'the bucket is in us-west-2: set source.aws.region to it (now eu-west-1)',
        });
      },
      { elsewhere: { [BUCKET]: 'us-west-2' } },
    ));

  it('signed for another region names the right one', () =>
    withBucket(
      async (open) => {
        await expect(act(open, method)).rejects.toMatchObject({
          message: `S3 refused ${method} s3://${BUCKET}/${KEY}: AuthorizationHeaderMalformed`,
          hint: 'the bucket is in eu-north-1: set source.aws.region to it (now eu-west-1)',
        });
      },
      { region: 'eu-north-1' },
    ));

  it('ends at once with the step', () =>
    withBucket(async (open) => {
      open.fake.fault(method, 'hang');
      const call = act(open, method);
      await expect.poll(() => open.fake.count()).toBe(1);
      const reason = new Error('stopped by SIGTERM');
      open.stop(reason);
      await expect(call).rejects.toBe(reason);
    }));
});

describe('a missing object', () => {
  it.each(['HEAD', 'GET'] as const)('is told by %s', (method) =>
    withBucket(async (open) => {
      await expect(act(open, method)).rejects.toMatchObject({
        code: 'S3_NOT_FOUND',
        message: `no object s3://${BUCKET}/${KEY}`,
      });
    }),
  );

  it('may look like a forbidden one, and the hint says so (P10)', () =>
    withBucket(
      async (open) => {
        await expect(act(open, 'HEAD')).rejects.toMatchObject({
          code: 'S3_REFUSED',
          hint: expect.stringContaining(
            'without s3:ListBucket S3 gives this answer also for a missing object',
          ),
        });
      },
      { denyList: true },
    ));
});

describe('bytes that break off (P15)', () => {
  it.each(['cut', 'stall'] as const)(
    'by a %s are an error of the stream, which the object can explain',
    (fault) =>
      withBucket(async ({ objects, fake }) => {
        fake.put(BUCKET, KEY, { size: 1_000_000 });
        fake.fault('GET', fault);
        const { stream, unreadable } = await objects.get(KEY);
        const broken = await buffer(stream).catch((error: unknown) => error);
        expect(broken).toBeInstanceOf(Error);
        expect(unreadable(new Error('aborted'))).toMatchObject({
          code: 'S3_FAILED',
          message: `reading s3://${BUCKET}/${KEY} broke off: aborted`,
        });
      }),
  );
});

it('reads the answer to a bad signature no further than its code (P19)', () =>
  withBucket(async ({ fake, address }) => {
    fake.put(BUCKET, KEY, BODY);
    const stranger = openBucket(address, {
      http: createHttp({}),
      clock: instantClock(),
      credentials: { ...defaultKeys, secretAccessKey: 'another-secret' },
    });
    const failure = await stranger.get(KEY).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: `S3 refused GET s3://${BUCKET}/${KEY}: SignatureDoesNotMatch` });
    expect(JSON.stringify(failure)).not.toMatch(/CanonicalRequest|HostId|RequestId/);
  }));

it('does not read an endless error page to its end', async () => {
  const endless = await listen((_, res) => {
    res.on('drain', () => res.write('x'.repeat(65_536)));
    res.writeHead(403).write('x'.repeat(65_536));
  });
  const address = { bucket: BUCKET, region: 'eu-west-1', endpoint: endless.origin, pathStyle: true };
  const objects = openBucket(address, {
    http: createHttp({}),
    clock: instantClock(),
    credentials: defaultKeys,
  });
  await expect(objects.get(KEY)).rejects.toMatchObject({
    code: 'S3_REFUSED',
    message: `S3 refused GET s3://${BUCKET}/${KEY}: HTTP 403`,
  });
  await endless.close();
});

it('does not take an answer without a length for an object', async () => {
  const server = await listen((_req, res) => {
    res.writeHead(200, { etag: '"x"', 'transfer-encoding': 'chunked' }).end();
  });
  const address = { bucket: BUCKET, region: 'eu-west-1', endpoint: server.origin, pathStyle: true };
  const objects = openBucket(address, {
    http: createHttp({}),
    clock: instantClock(),
    credentials: defaultKeys,
  });
  try {
    await expect(objects.head(KEY)).rejects.toMatchObject({ code: 'S3_FAILED' });
  } finally {
    await server.close();
  }
});
