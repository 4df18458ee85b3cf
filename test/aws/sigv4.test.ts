import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalQuery,
  createSigner,
  encodeRfc3986,
  sha256Hex,
  UNSIGNED_PAYLOAD,
} from '../../src/aws/sigv4.ts';
import type { Signable } from '../../src/aws/sigv4.ts';
import { independent, smithy } from './peer-signers.ts';
import type { Peer, Task } from './peer-signers.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'sensitive+secret/key' };
const S3 = { service: 's3', region: 'eu-west-1' };
const API = { service: 'execute-api', region: 'us-east-1' };
const NOON = Date.UTC(2026, 10, 21, 12);

const GET: Signable = {
  method: 'GET',
  host: 'bucket.s3.example',
  path: '/report.pdf',
  query: [],
  headers: {},
  payloadHash: sha256Hex(''),
};

const text = (more: fc.StringConstraints = {}) => fc.string({ unit: 'grapheme', maxLength: 12, ...more });
const odd = fc.constantFrom(...("+ %2F%25/&=?#'()!*@;,:$~[]é日".match(/%..|./gsu) ?? []));
const word = fc.oneof(
  text({ minLength: 1 }),
  fc.array(odd, { minLength: 1, maxLength: 6 }).map((all) => all.join('')),
);
// Both peers keep queries in plain objects, and trip over the names that those have by nature.
const name = word.filter((one) => !(one in {}));
const segments = (all: readonly string[]) => `/${all.map(encodeRfc3986).join('/')}`;
// A slash in a key is a slash in the path; in a value that an API takes by path it is not.
const key = fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => segments(all.join('/').split('/')));
const folder = word.filter((one) => one !== '.' && one !== '..');
const path = fc.array(folder, { minLength: 1, maxLength: 4 }).map(segments);

function tasks(service: string, paths: fc.Arbitrary<string>): fc.Arbitrary<Task> {
  const request = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
    host: fc.constantFrom('bucket.s3.eu-west-1.amazonaws.com', '127.0.0.1:9000', 'api.example'),
    path: paths,
    query: fc.uniqueArray(fc.tuple(name, text()), { maxLength: 4, selector: ([one]) => one }),
    headers: fc.dictionary(
      fc.stringMatching(/^x-(?:amz-meta-)?[a-z]{1,6}$/),
      fc.stringMatching(/^ {0,2}[!-~]{1,5}(?: {1,3}[!-~]{1,5}){0,2} {0,2}$/),
      { maxKeys: 3 },
    ),
    payloadHash: fc.constantFrom(sha256Hex(''), sha256Hex('body'), UNSIGNED_PAYLOAD),
  });
  return fc.record({
    request,
    scope: fc.record({ service: fc.constant(service), region: fc.constantFrom('eu-west-1', 'cn-north-1') }),
    credentials: fc.record({
      accessKeyId: fc.constantFrom('AKIDEXAMPLE', 'ASIDEXAMPLE'),
      secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+]{1,80}={0,2}$/), { nil: undefined }),
    }),
    now: fc.integer({ min: Date.UTC(2020, 0) / 1000, max: Date.UTC(2040, 0) / 1000 }).map((at) => at * 1000),
  });
}

const s3Tasks = tasks('s3', key);
const apiTasks = tasks('execute-api', path);

async function expectSame(peer: Peer, task: Task): Promise<void> {
  const ours = createSigner(task.credentials).sign(task.request, task.scope, task.now);
  expect(ours['authorization']).toBe(await peer(task));
}

async function expectSamePresigned(peer: Peer, task: Task, seconds: number): Promise<void> {
  const request = { ...task.request, headers: {}, payloadHash: UNSIGNED_PAYLOAD };
  const ours = createSigner(task.credentials).presign(request, task.scope, task.now, seconds);
  expect(/X-Amz-Signature=(\w+)$/.exec(ours)?.[1]).toBe(await peer({ ...task, request }, seconds));
}

const seconds = fc.integer({ min: 1, max: 604_800 });

describe.each([
  ['smithy', smithy],
  ['aws4', independent],
])('a signature is the same as that of %s', (_, peer) => {
  it('for S3, whose odd keys are encoded once (P6, P7)', () =>
    fc.assert(
      fc.asyncProperty(s3Tasks, (task) => expectSame(peer, task)),
      { numRuns: 500 },
    ));

  it('for execute-api, whose path is encoded twice (P30)', () =>
    fc.assert(
      fc.asyncProperty(apiTasks, (task) => expectSame(peer, task)),
      { numRuns: 500 },
    ));

  it('in a presigned address', () =>
    fc.assert(
      fc.asyncProperty(s3Tasks, seconds, (task, life) => expectSamePresigned(peer, task, life)),
      {
        numRuns: 500,
      },
    ));
});

describe('the query (P31)', () => {
  it('sorts a name given twice by its encoded value', async () => {
    const query = [
      ['b', 'z'],
      ['b', '~'],
      ['b', 'Z'],
      ['a-', '1'],
      ['a', '2'],
      ['B', '3'],
    ] as const;
    expect(canonicalQuery(query)).toBe('B=3&a=2&a-=1&b=Z&b=z&b=~');
    await expectSame(smithy, { request: { ...GET, query }, scope: S3, credentials: KEYS, now: NOON });
    await expectSame(independent, {
      request: { ...GET, query, path: '/x' },
      scope: API,
      credentials: KEYS,
      now: NOON,
    });
  });

  it('writes a flag without a value as `flag=`, a space as %20, and a plus as %2B', () => {
    expect(
      canonicalQuery([
        ['flag', ''],
        ['q', 'a b+c'],
        ["it's", '(*)!'],
      ]),
    ).toBe('flag=&it%27s=%28%2A%29%21&q=a%20b%2Bc');
  });
});

describe('the signing key (P25)', () => {
  it('changes at midnight UTC, also for a signer that has signed before', async () => {
    const signer = createSigner(KEYS);
    const midnight = Date.UTC(2026, 10, 22);
    for (const now of [midnight - 1000, midnight, midnight - 1000]) {
      const task = { request: GET, scope: S3, credentials: KEYS, now };
      expect(signer.sign(GET, S3, now)['authorization']).toBe(await smithy(task));
    }
  });

  it('is of one secret: two signers of one day and scope do not share it', async () => {
    for (const credentials of [KEYS, { ...KEYS, secretAccessKey: 'another-secret' }, KEYS]) {
      const task = { request: GET, scope: S3, credentials, now: NOON };
      expect(createSigner(credentials).sign(GET, S3, NOON)['authorization']).toBe(await smithy(task));
    }
  });

  it('differs by region and service, also for a signer that has signed before', async () => {
    const signer = createSigner(KEYS);
    for (const scope of [S3, { ...S3, region: 'us-east-1' }, API, { ...API, region: 'eu-west-1' }, S3]) {
      const task = { request: GET, scope, credentials: KEYS, now: NOON };
      expect(signer.sign(GET, scope, NOON)['authorization']).toBe(await independent(task));
    }
  });
});

describe('presign', () => {
  it.each([0, -1, 0.5, 604_801, Number.NaN])('refuses %d seconds (P24)', (life) => {
    expect(() => createSigner(KEYS).presign(GET, S3, NOON, life)).toThrow(RangeError);
  });

  it('adds neither checksums nor other headers, which a browser would have to send (P26)', () => {
    const link = createSigner({ ...KEYS, sessionToken: 'token' }).presign(GET, S3, NOON, 60);
    const names = [...new URLSearchParams(link).keys()].map((one) => one.toLowerCase());
    expect(names.toSorted()).toEqual(
      ['algorithm', 'credential', 'date', 'expires', 'security-token', 'signature', 'signedheaders'].map(
        (one) => `x-amz-${one}`,
      ),
    );
    expect(new URLSearchParams(link).get('X-Amz-SignedHeaders')).toBe('host');
  });
});
