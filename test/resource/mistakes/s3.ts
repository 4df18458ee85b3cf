import type { World } from '../../support/world.ts';
import type { Mistake } from './mistake.ts';

const params = { artifacts: [{ key: 'reports/report.pdf', as: 'link' }] };
const store = ({ aws }: World) => {
  aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', 'a report', { type: 'application/pdf' });
};
const session = (length: number, expires: Date) => {
  const token = `sensitive-session-${'x'.repeat(length)}`;
  const keys = { accessKeyId: 'AKIASENSITIVE0000001', secretAccessKey: 'sensitive-session-secret' };
  return {
    source: { aws: { secret_access_key: keys.secretAccessKey, session_token: token } },
    world: { aws: { sessions: new Map([[token, { ...keys, expires }]]) } },
  };
};
const role = 'arn:aws:iam::123456789012:role/pipelines';

/** Mistakes about S3 and the identity that reads it. */
export const s3Mistakes: readonly Mistake[] = [
  { name: 'object-missing', params },
  { name: 'object-missing-without-list-permission', params, world: { aws: { denyList: true } } },
  { name: 'object-forbidden', params, prepare: ({ aws }) => aws.s3.fault('*', { http: 403 }, 2) },
  {
    name: 'object-version-missing',
    params: { artifacts: [{ key: 'reports/report.pdf', as: 'link', version_id: 'v7' }] },
    prepare: store,
  },
  {
    name: 'object-version-with-a-line-break',
    params: {
      artifacts: [{ key: 'reports/report.pdf', as: 'link', version_id: '{{id}}' }],
      vars: { id: 'v7\n' },
    },
  },
  { name: 'key-encoded-by-hand', params: { artifacts: [{ key: 'reports/daily%20report.pdf', as: 'link' }] } },
  { name: 'key-with-the-prefix-twice', params: { artifacts: [{ key: 'slack-content/reports/report.pdf' }] } },
  { name: 'key-out-of-the-prefix', params: { artifacts: [{ key: '../private/payroll.csv' }] } },
  { name: 'key-out-of-the-prefix-encoded', params: { artifacts: [{ key: '%2e%2e/private/payroll.csv' }] } },
  { name: 'key-with-a-first-slash', params: { artifacts: [{ key: '/reports/report.pdf' }] } },
  {
    name: 'key-file-in-another-bucket',
    params: { artifacts: [{ key_file: 'report/s3_uri', as: 'link' }] },
    files: { 'report/s3_uri': 's3://other-bucket/slack-content/reports/report.pdf\n' },
  },
  {
    name: 'key-file-outside-the-prefix',
    params: { artifacts: [{ key_file: 'report/s3_uri', as: 'link' }] },
    files: { 'report/s3_uri': 's3://ci-artifacts/releases/report.pdf\n' },
  },
  {
    name: 'key-file-with-a-url',
    params: { artifacts: [{ key_file: 'report/url', as: 'link' }] },
    files: {
      'report/url': 'https://ci-artifacts.s3.eu-west-1.amazonaws.com/slack-content/reports/report.pdf\n',
    },
  },
  { name: 'bucket-missing', params, source: { s3: { bucket: 'ci-artefacts' } } },
  { name: 'region-wrong', params, source: { aws: { region: 'us-east-1' } }, prepare: store },
  {
    name: 'bucket-in-another-region',
    params,
    source: { s3: { bucket: 'ci-archive' } },
    world: { aws: { elsewhere: { 'ci-archive': 'eu-central-1' } } },
  },
  {
    name: 'access-key-unknown',
    params,
    source: { aws: { access_key_id: 'AKIASENSITIVE0000002' } },
    prepare: store,
  },
  {
    name: 'secret-key-wrong',
    params,
    source: { aws: { secret_access_key: 'sensitive-wrong-key' } },
    prepare: store,
  },
  { name: 'session-token-expired', params, ...session(20, new Date(0)), prepare: store },
  {
    name: 'session-token-of-another-key',
    params,
    source: { aws: { session_token: 'sensitive-unknown-session' } },
    prepare: store,
  },
  {
    name: 'link-longer-than-slack-takes',
    params,
    ...session(3000, new Date(Date.now() + 3_600_000)),
    prepare: store,
  },
  { name: 'endpoint-is-a-web-page', params, prepare: ({ aws }) => aws.s3.fault('*', 'html', 2) },
  {
    name: 'type-not-allowed',
    params,
    source: { s3: { allowed_types: ['image/*', 'text/csv'] } },
    prepare: store,
  },
  {
    name: 'object-larger-than-max-size',
    params,
    source: { s3: { max_size: '1MB' } },
    prepare: ({ aws }) =>
      void aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', { size: 3_000_000 }),
  },
  {
    name: 'upload-of-an-empty-object',
    params: { artifacts: [{ key: 'reports/empty.csv', as: 'upload' }] },
    prepare: ({ aws }) => void aws.s3.put('ci-artifacts', 'slack-content/reports/empty.csv', ''),
  },
  { name: 'role-refused', params, source: { aws: { role_arn: role, external_id: 'sensitive-external-id' } } },
  {
    name: 'web-identity-token-without-a-role',
    params: { ...params, aws: { web_identity_token: 'sensitive-web-identity' } },
    source: { aws: { access_key_id: undefined, secret_access_key: undefined } },
  },
  {
    name: 'web-identity-token-expired',
    params: { ...params, aws: { web_identity_token: 'sensitive-web-identity' } },
    source: { aws: { access_key_id: undefined, secret_access_key: undefined, role_arn: role } },
    world: { aws: { roles: { [role]: {} }, expiredWebIdentityToken: 'sensitive-web-identity' } },
  },
];
