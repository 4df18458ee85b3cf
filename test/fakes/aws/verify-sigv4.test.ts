import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { describe, expect, it } from 'vitest';
import type { WireRequest } from './canonical-request.ts';
import { sha256Hex } from './canonical-request.ts';
import { encodeKey, hostileKeys } from './testing.ts';
import type { Verdict, Verification } from './verify-sigv4.ts';
import { verifySigV4 } from './verify-sigv4.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'sensitive-secret', sessionToken: 'tok/en+=' };
const host = 's3.example:9000';
const scope = { service: 's3', region: 'eu-west-1' };

class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

interface Case {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
}

function queryText(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeKey(name)}=${encodeURIComponent(value)}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function wire(method: string, target: string, headers: Readonly<Record<string, string>>): WireRequest {
  return { method, target, rawHeaders: Object.entries(headers).flat().map(String) };
}

/** Each signer turns a case into a request on the wire. */
const signers: Readonly<Record<string, (one: Case, presign: boolean) => Promise<WireRequest>>> = {
  aws4: (one, presign) => {
    const result = aws4.sign(
      {
        ...scope,
        ...(one.service === undefined ? {} : { service: one.service }),
        host,
        method: one.method ?? 'GET',
        path: one.path + queryText({ ...one.query, ...(presign ? { 'X-Amz-Expires': '3600' } : {}) }),
        headers: { ...one.headers },
        ...(one.body === undefined ? {} : { body: one.body }),
        signQuery: presign,
      },
      keys,
    );
    return Promise.resolve(wire(one.method ?? 'GET', result.path, result.headers));
  },
  smithy: async (one, presign) => {
    const service = one.service ?? scope.service;
    const signer = new SignatureV4({
      credentials: keys,
      region: scope.region,
      service,
      sha256: Sha256,
      uriEscapePath: service !== 's3',
      applyChecksum: true,
    });
    const unsigned = presign && service === 's3' ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {};
    const request = {
      method: one.method ?? 'GET',
      protocol: 'https:',
      hostname: 's3.example',
      port: 9000,
      path: one.path,
      query: { ...one.query },
      headers: { host, ...one.headers, ...unsigned },
      ...(one.body === undefined ? {} : { body: one.body }),
    };
    const result = presign ? await signer.presign(request, { expiresIn: 3600 }) : await signer.sign(request);
    const query: Record<string, string> = {};
    for (const [name, value] of Object.entries(result.query ?? {})) query[name] = String(value);
    return wire(request.method, result.path + queryText(query), result.headers);
  },
};

function verify(request: WireRequest, more: Partial<Verification> = {}): Verdict {
  return verifySigV4(request, {
    service: scope.service,
    regions: [scope.region],
    secretOf: (id, token) =>
      id === keys.accessKeyId && token === keys.sessionToken
        ? { secretAccessKey: keys.secretAccessKey, sessionToken: keys.sessionToken }
        : undefined,
    ...more,
  });
}

function reason(verdict: Verdict): string {
  return verdict.ok ? 'accepted' : verdict.reason;
}

const ways = [
  ['aws4', false],
  ['aws4', true],
  ['smithy', false],
  ['smithy', true],
] as const;

async function signedBy(name: 'aws4' | 'smithy', one: Case, presign: boolean): Promise<WireRequest> {
  const signer = signers[name];
  if (signer === undefined) throw new Error(`no signer ${name}`);
  return signer(one, presign);
}

describe.each(ways)('SigV4 signed by %s, presigned: %s', (name, presign) => {
  const sign = (one: Case) => signedBy(name, one, presign);
  const target = { path: '/ci-artifacts/report.pdf' };

  it.each(hostileKeys)('accepts the key %s and no other (P5, P6, P7)', async (key) => {
    const request = await sign({ path: `/ci-artifacts/${encodeKey(key)}` });
    expect(verify(request)).toMatchObject({ ok: true, accessKeyId: 'AKIDEXAMPLE', presigned: presign });
    const other = request.target.replace('/ci-artifacts/', '/ci-artifacts/x');
    expect(reason(verify({ ...request, target: other }))).toBe('signature');
  });

  it('accepts a query in any order, with blanks, plus signs and empty values (P31)', async () => {
    const query = {
      b: '1',
      a: 'x y+z',
      A: '',
      'response-content-disposition': 'attachment; filename="a b.pdf"',
    };
    const request = await sign({ ...target, query });
    expect(reason(verify(request))).toBe('accepted');
    const [path = '', text = ''] = request.target.split('?');
    const turned = `${path}?${text.split('&').toReversed().join('&')}`;
    expect(reason(verify({ ...request, target: turned }))).toBe('accepted');
  });

  it('accepts signed headers with folded blanks, and other methods', async () => {
    const request = await sign({
      ...target,
      method: 'PUT',
      headers: { 'x-amz-meta-note': 'a   b', 'if-match': '"x"' },
    });
    expect(reason(verify(request))).toBe('accepted');
  });

  it.each([
    ['another method (P27)', (r: WireRequest) => ({ ...r, method: 'HEAD' })],
    [
      'another bucket',
      (r: WireRequest) => ({ ...r, target: r.target.replace('ci-artifacts', 'ci-secrets') }),
    ],
    [
      'one more query parameter',
      (r: WireRequest) => ({ ...r, target: `${r.target}${r.target.includes('?') ? '&' : '?'}versionId=2` }),
    ],
    [
      'another host',
      (r: WireRequest) => ({ ...r, rawHeaders: r.rawHeaders.map((h) => (h === host ? 'evil:9000' : h)) }),
    ],
    ['a dot segment', (r: WireRequest) => ({ ...r, target: r.target.replace('/report', '/./report') })],
    ['a doubled slash', (r: WireRequest) => ({ ...r, target: r.target.replace('/report', '//report') })],
  ])('refuses %s', async (_, tamper) => {
    expect(reason(verify(tamper(await sign(target))))).toBe('signature');
  });

  it('refuses an unsigned x-amz-* header', async () => {
    const request = await sign(target);
    const rawHeaders = [...request.rawHeaders, 'X-Amz-Acl', 'public-read'];
    expect(reason(verify({ ...request, rawHeaders }))).toBe('unsigned-header');
  });

  it('refuses another secret, an unknown key, another region and another service', async () => {
    const request = await sign(target);
    expect(reason(verify(request, { secretOf: () => ({ secretAccessKey: 'other' }) }))).toBe('signature');
    expect(reason(verify(request, { secretOf: () => undefined }))).toBe('unknown-key');
    expect(reason(verify(request, { secretOf: () => 'unknown-token' }))).toBe('unknown-token');
    expect(reason(verify(request, { regions: ['us-east-1'] }))).toBe('wrong-region');
    expect(reason(verify(request, { service: 'sts' }))).toBe('wrong-service');
  });

  it('refuses a token that has expired', async () => {
    const request = await sign(target);
    const expires = new Date(Date.now() - 1);
    const secretOf = () => ({ secretAccessKey: keys.secretAccessKey, expires });
    expect(reason(verify(request, { secretOf }))).toBe('expired-token');
  });

  it('refuses a request from the past or the future', async () => {
    const request = await sign(target);
    const at = (minutes: number) => reason(verify(request, { now: new Date(Date.now() + minutes * 60_000) }));
    expect([at(-14), at(14)]).toEqual(['accepted', 'accepted']);
    expect([at(-16), at(61)]).toEqual(presign ? ['not-yet-valid', 'expired'] : ['skewed', 'skewed']);
  });

  it('signs the path of other services normalised and encoded twice', async () => {
    const path = '/prod/deploy%20it/%40connections/a%2Bb';
    const request = await sign({ path, service: 'execute-api', query: { dry: 'true' } });
    expect(reason(verify(request, { service: 'execute-api', bodyHash: sha256Hex('') }))).toBe('accepted');
  });
});

describe('SigV4', () => {
  const target = { path: '/ci-artifacts/report.pdf' };

  it('binds the body of services that hash it', async () => {
    const one = {
      method: 'POST',
      path: '/',
      service: 'sts',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    };
    const request = await signedBy('aws4', one, false);
    const check = (body: string) => reason(verify(request, { service: 'sts', bodyHash: sha256Hex(body) }));
    expect([check(one.body), check('Action=AssumeRole')]).toEqual(['accepted', 'signature']);
  });

  it('tells the payload hash that S3 has to check', async () => {
    const request = await signedBy('aws4', { ...target, method: 'PUT', body: 'hello' }, false);
    expect(verify(request)).toMatchObject({ payloadHash: sha256Hex('hello') });
    expect(verify(await signedBy('aws4', target, true))).toMatchObject({ payloadHash: 'UNSIGNED-PAYLOAD' });
  });

  it.each(['604801', '0', '-1', 'soon'])('refuses a link that asks for %s seconds', async (seconds) => {
    const request = await signedBy('aws4', target, true);
    const changed = request.target.replace('X-Amz-Expires=3600', `X-Amz-Expires=${seconds}`);
    expect(reason(verify({ ...request, target: changed }))).toBe('bad-expires');
  });

  it('refuses what is not signed at all, signed twice, or broken', async () => {
    const header = await signedBy('aws4', target, false);
    const link = await signedBy('aws4', target, true);
    expect(reason(verify({ ...header, rawHeaders: ['host', host] }))).toBe('anonymous');
    expect(reason(verify({ ...header, target: link.target }))).toBe('two-mechanisms');
    expect(reason(verify({ ...link, target: link.target.replace(/&X-Amz-Date=[^&]+/, '') }))).toBe(
      'malformed',
    );
    expect(reason(verify({ ...link, target: `${link.target}&X-Amz-Date=x` }))).toBe('malformed');
    expect(reason(verify({ ...link, target: link.target.replace('report', '%zz') }))).toBe('bad-uri');
    const unsorted = header.rawHeaders.map((value) => value.replace('host;x-amz', 'x-amz;host'));
    expect(reason(verify({ ...header, rawHeaders: unsorted }))).toBe('malformed');
  });

  it('refuses a signature that leaves the host out', async () => {
    const request = await signedBy('aws4', target, false);
    const rawHeaders = request.rawHeaders.map((value) => value.replace('=host;', '='));
    expect(reason(verify({ ...request, rawHeaders }))).toBe('unsigned-header');
  });

  it('wants x-amz-content-sha256 with a signature in the header', async () => {
    const request = await signedBy('aws4', target, false);
    const raw = request.rawHeaders.map((value) => value.replace(/x-amz-content-sha256;/i, ''));
    const at = raw.findIndex((value) => value.toLowerCase() === 'x-amz-content-sha256');
    expect(reason(verify({ ...request, rawHeaders: raw.toSpliced(at, 2) }))).toBe('no-payload-hash');
  });
});
