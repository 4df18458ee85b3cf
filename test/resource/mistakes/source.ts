import type { Mistake } from './mistake.ts';

const link = { artifacts: [{ key: 'reports/report.pdf', as: 'link' }] };

/** Mistakes in the `source` of the resource. */
export const sourceMistakes: readonly Mistake[] = [
  {
    name: 'bucket-directly-under-source',
    source: { s3: undefined, bucket: 'ci-artifacts', expires_in: '24h' },
    params: link,
  },
  {
    name: 'token-directly-under-source',
    source: { slack: undefined, token: 'xoxb-sensitive-misplaced-token' },
    params: { text: 'Nightly report' },
  },
  {
    name: 'webhook-url-of-another-resource-type',
    source: { slack: undefined, url: 'https://hooks.slack.com/services/T00/B00/sensitive-webhook' },
    params: { text: 'Nightly report' },
  },
  {
    name: 'webhook-as-api-url',
    source: { slack: { api_url: 'https://hooks.slack.com/services/T00/B00/sensitive-webhook' } },
    params: { text: 'Nightly report' },
  },
  { name: 'source-missing', source: null, params: { text: 'Nightly report' } },
  { name: 's3-missing', source: { s3: undefined }, params: link },
  { name: 'region-not-filled-in', source: { aws: { region: '<region>' } }, params: link },
  { name: 'region-missing', source: { aws: { region: undefined, endpoint: undefined } }, params: link },
  {
    name: 'params-in-source',
    source: { text: 'Nightly report', on_error: 'warn' },
    params: { text: 'Nightly report' },
  },
  {
    name: 'secret-with-a-line-break',
    source: {
      slack: { token: 'xoxb-sensitive-token\n' },
      aws: { access_key_id: 'AKIASENSITIVE0000001\n', secret_access_key: 'sensitive-secret-access-key\n' },
    },
    params: link,
  },
  {
    name: 'half-of-the-aws-keys',
    source: { aws: { secret_access_key: undefined, external_id: 'sensitive-external-id' } },
    params: link,
  },
  { name: 'prefix-with-a-first-slash', source: { prefix: '/slack-content' }, params: link },
  { name: 'expires-in-30-days', source: { s3: { expires_in: '30d' } }, params: link },
  {
    name: 'durations-and-sizes-in-words',
    source: { s3: { expires_in: '2 days', max_size: '10 megabytes' } },
    params: { artifacts: [{ key: 'reports/report.pdf', as: 'link', expires_in: '1 week' }] },
  },
  {
    name: 'custom-api-not-meant',
    source: { slack: { api_url: 'https://slack.example.com/api/' } },
    params: { text: 'Nightly report' },
  },
  {
    name: 'many-things-at-once',
    source: { chanel: '#releases', s3: { path_style: 'yes', region: 'eu-west-1' }, slack: { tokn: 'x' } },
    params: { txt: 'Nightly report', artifacts: [{ kee: 'reports/report.pdf', as: 'attachment' }] },
  },
  { name: 'check-with-a-mistyped-source', step: 'check', source: { prefx: 'slack-content/' } },
];
