import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withTempDir } from '../support/step.ts';
import { caFile } from '../support/tls.ts';
import { BUILD, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const TLS = { slack: { tls: true }, aws: { tls: true } };
const PARAMS = {
  text: 'Nightly',
  artifacts: [
    { key: 'report.pdf', as: 'link' },
    { key: 'report.pdf', as: 'upload' },
  ],
};
const ROLE = 'arn:aws:iam::123456789012:role/reports';

async function putThrough(
  { put, aws, source }: World,
  env: Readonly<Record<string, string>>,
  identity: object = {},
) {
  aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report');
  const { aws: own } = source();
  const change = { aws: { ...(typeof own === 'object' ? own : {}), ...identity } };
  return put(PARAMS, { env: { ...BUILD, ...env }, source: source(change) });
}

/** Gives a folder as a worker mounts it over /etc/ssl/certs, with the CA in it under these names. */
function withCertificates(names: readonly string[], use: (folder: string) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const folder = join(dir, 'certs');
    await mkdir(folder);
    for (const name of names) await copyFile(caFile, join(folder, name));
    await use(folder);
  });
}

describe.concurrent('a server whose certificate comes from a private CA (C18)', () => {
  test('that is S3 is not trusted without the CA, and the line says so', () =>
    withWorld(async (world) => {
      const step = await putThrough(world, {});
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toMatch(/put: no answer from localhost:\d+: .*certificate.* \[S3_UNREACHABLE\]/);
      expect(step.stderr).toContain("add the CA to the worker's certificates");
      expect(step.stderr).not.toContain('--use-system-ca');
    }, TLS));

  test('that is Slack is not trusted without the CA, and the token is never sent', () =>
    withWorld(async ({ put, slack }) => {
      const step = await put({ text: 'hello' });
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toMatch(/put: no answer from localhost:\d+: .*certificate.* \[SLACK_UNREACHABLE\]/);
      expect(step.stderr).toContain("add the CA to the worker's certificates");
      expect(slack.count()).toBe(0);
    }, TLS));

  test.each([
    ['a single bundle, as Debian has it', ['ca-certificates.crt']],
    ['a file for each CA', ['worker-ca.pem', 'README']],
    ['hash names only, as openssl rehash makes them', ['5ed36f99.0']],
  ])('is trusted for Slack, uploads and S3 by a replaced folder of certificates: %s', (_, names) =>
    withCertificates(names, (folder) =>
      withWorld(async (world) => {
        const step = await putThrough(world, { SSL_CERT_DIR: folder });
        expect(step.code, step.stderr).toBe(0);
        expect(world.slack.files()).toMatchObject([{ received: 8 }]);
      }, TLS),
    ),
  );

  test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('is trusted by %s', (name) =>
    withWorld(async (world) => {
      const step = await putThrough(world, { [name]: caFile });
      expect(step.code, step.stderr).toBe(0);
    }, TLS),
  );

  test('is trusted for STS as well, which the AWS SDK asks', () =>
    withWorld(
      async (world) => {
        const step = await putThrough(world, { SSL_CERT_FILE: caFile }, { role_arn: ROLE });
        expect(step.code, step.stderr).toBe(0);
        expect(world.aws.sts.count('AssumeRole')).toBe(1);
      },
      { ...TLS, aws: { tls: true, roles: { [ROLE]: { maxDuration: 43_200 } } } },
    ));

  test('does not lose its trust by what else lies in the folder', () =>
    withCertificates(['worker-ca.crt'], async (folder) => {
      await writeFile(join(folder, 'broken.crt'), '-----BEGIN CERTIFICATE-----\nno base64\n');
      await writeFile(join(folder, 'empty.pem'), '');
      await symlink('/nowhere', join(folder, 'dangling.pem'));
      await mkdir(join(folder, 'folder.pem'));
      await withWorld(async ({ put }) => {
        const step = await put({ text: 'hello' }, { env: { ...BUILD, SSL_CERT_DIR: folder } });
        expect(step.code, step.stderr).toBe(0);
      }, TLS);
    }));
});
