import { describe, expect, test } from 'vitest';
import { startMappingProxy } from './mapping-proxy.ts';
import { follow, origin, ROLE, withOracle } from './oracle.ts';
import type { Oracle, SourceChange } from './oracle.ts';

const FILES = { 'out/report.pdf': 'a report', 'out/other.pdf': 'another report' };
const LINK = { artifacts: [{ file: 'out/report.pdf', as: 'link', key: 'report.pdf' }] };

/** Posts a link to a report, with another report beside it that nobody is to reach. */
async function linked({ put, source, links }: Oracle, change: SourceChange = {}, params: object = LINK) {
  const options = { files: FILES, source: source(change) };
  const other = await put({ artifacts: [{ file: 'out/other.pdf', as: 'link', key: 'other.pdf' }] }, options);
  expect(other.code, other.stderr).toBe(0);
  const step = await put(params, options);
  expect(step.code, step.stderr).toBe(0);
  const [url = ''] = links();
  return { url, stderr: step.stderr };
}

describe('a link', () => {
  test('works for GET, with the name and type that were signed', () =>
    withOracle(async (oracle) => {
      const { url } = await linked(oracle);
      const answer = await follow(url);
      expect(answer).toMatchObject({
        status: 200,
        body: 'a report',
        headers: {
          'content-type': 'application/pdf',
          'content-disposition': 'inline; filename="report.pdf"',
        },
      });
      expect(await (await fetch(url)).text()).toBe('a report');
    }));

  test.each([
    ['another key', 'report.pdf?', 'other.pdf?'],
    ['another end', 'X-Amz-Expires=86400', 'X-Amz-Expires=604800'],
    ['another date', /X-Amz-Date=\d{8}/, 'X-Amz-Date=20200101'],
    ['another name of the file', 'filename%3D%22report', 'filename%3D%22virus'],
    ['another type', 'application%2Fpdf', 'text%2Fhtml'],
    ['another signature', /X-Amz-Signature=\w{4}/, 'X-Amz-Signature=0000'],
    ['a further parameter', '?', '?versionId=null&'],
  ])('that is tampered with to have %s is refused', (_, from, to) =>
    withOracle(async (oracle) => {
      const { url } = await linked(oracle);
      const tampered = url.replace(from, to);
      expect(tampered).not.toBe(url);
      expect(await follow(tampered)).toMatchObject({ status: 403 });
      expect(await follow(url)).toMatchObject({ status: 200 });
    }),
  );

  test.each(['HEAD', 'PUT', 'DELETE'])('is refused for %s (P27)', (method) =>
    withOracle(async (oracle) => {
      const { url } = await linked(oracle);
      expect(await follow(url, method)).toMatchObject({ status: 403 });
      expect(await follow(url)).toMatchObject({ status: 200 });
    }),
  );

  test('ends when it says', () =>
    withOracle(async (oracle) => {
      const { url } = await linked(oracle, {}, { artifacts: [{ ...LINK.artifacts[0], expires_in: '2s' }] });
      expect(await follow(url)).toMatchObject({ status: 200 });
      await expect.poll(() => follow(url)).toMatchObject({ status: 403 });
    }));
});

describe('a link of a role session', () => {
  const role = { aws: { role_arn: ROLE } };

  test('works with its token, and not without or with another', () =>
    withOracle(async (oracle) => {
      const { url, stderr } = await linked(oracle, role);
      expect(stderr).toContain(`AWS identity: role ${ROLE}, session concourse-main-app-4711, until 20`);
      // This role gives an hour, and a day was asked for (S10).
      expect(stderr).toContain('ends with the AWS credentials that signed it');
      expect(Number(new URL(url).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(3600);
      expect(await follow(url)).toMatchObject({ status: 200, body: 'a report' });
      const token = /X-Amz-Security-Token=[^&]+/;
      expect(url).toMatch(token);
      for (const tampered of [
        url.replace(token, 'X-Amz-Security-Token=bm9uc2Vuc2U%3D'),
        url.replace(/&?X-Amz-Security-Token=[^&]+/, ''),
      ]) {
        expect((await follow(tampered)).status).toBeGreaterThanOrEqual(400);
      }
    }));

  test('comes with uploads and images by the same session', () =>
    withOracle(async (oracle) => {
      const artifacts = [...LINK.artifacts, { key: 'report.pdf', as: 'upload' }];
      await linked(oracle, role);
      const step = await oracle.put(
        { text: 'Here', artifacts },
        { files: FILES, source: oracle.source(role) },
      );
      expect(step.code, step.stderr).toBe(0);
      expect(oracle.slack.files()).toMatchObject([{ content: Buffer.from('a report') }]);
    }));
});

describe('an address that readers reach', () => {
  test('may be a host that is the bucket, as on a private network (P5)', () =>
    withOracle(async (oracle) => {
      const { bucket } = oracle;
      const { url } = await linked(oracle, { s3: { public_endpoint: `http://${bucket}` } });
      expect(url).toMatch(new RegExp(`^http://${bucket}/slack-content/report\\.pdf\\?`));
      expect(await follow(url, 'GET', origin)).toMatchObject({ status: 200, body: 'a report' });
      expect(await follow(url.replace(bucket, 'another-host'), 'GET', origin)).toMatchObject({ status: 403 });
    }));

  test('has the bucket in its name where path style is off, for our own calls too', () =>
    withOracle(async (oracle) => {
      const proxy = await startMappingProxy(origin);
      const change = { aws: { endpoint: 'http://s3.test' }, s3: { path_style: false } };
      const options = {
        files: FILES,
        source: oracle.source(change),
        env: { http_proxy: proxy.url, no_proxy: '127.0.0.1' },
      };
      const artifacts = [...LINK.artifacts, { file: 'out/other.pdf', as: 'upload' }];
      const step = await oracle.put({ text: 'Here', artifacts }, options);
      expect(step.code, step.stderr).toBe(0);
      const [url = ''] = oracle.links();
      expect(url).toContain(`http://${oracle.bucket}.s3.test/slack-content/report.pdf?`);
      expect(await follow(url, 'GET', origin)).toMatchObject({ status: 200, body: 'a report' });
      expect(proxy.hosts).toEqual(new Set([`${oracle.bucket}.s3.test`]));
      await proxy.close();
    }));
});
