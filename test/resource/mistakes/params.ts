import type { Mistake } from './mistake.ts';

/** Mistakes in the `params` of a put, or of a get. */
export const paramsMistakes: readonly Mistake[] = [
  { name: 'nothing-to-send-under-ensure', params: { channel: '#releases' } },
  { name: 'params-missing' },
  { name: 'key-mistyped', params: { text: 'Nightly report', chanel: '#releases', onerror: 'warn' } },
  { name: 'number-where-text-belongs', params: { text: 1.2, channel: 42 } },
  {
    name: 'version-without-quotes',
    // As JSON has it after YAML has read 1.20.
    params: { text: 'Release {{version}}', vars: { version: 1.2, builds: 41 } },
    code: 0,
    posted: 1,
  },
  { name: 'thread-without-quotes', params: { text: 'Done', thread: 1700000000.0001 } },
  { name: 'thread-with-a-permalink-id', params: { text: 'Done', thread: 'p1700000000000100' } },
  {
    name: 'update-with-a-channel-name',
    params: { text: 'Done', channel: '#releases', update: '1700000000.000100' },
  },
  { name: 'broadcast-without-a-thread', params: { text: 'Done', broadcast: true } },
  { name: 'text-and-text-file', params: { text: 'Done', text_file: 'notes/message.md' } },
  { name: 'channels-as-text', params: { text: 'Done', channels: '#releases' } },
  { name: 'channel-with-a-space', params: { text: 'Done', channel: '#releases, #ops' } },
  { name: 'channel-nowhere', source: { channel: undefined }, params: { text: 'Done' } },
  { name: 'artifacts-as-a-map', params: { artifacts: { key: 'reports/report.pdf', as: 'link' } } },
  { name: 'buttons-as-a-map', params: { text: 'Done', buttons: { text: 'Go', url: 'https://example.com' } } },
  { name: 'artifact-as-text', params: { artifacts: ['reports/report.pdf'] } },
  {
    name: 'artifact-with-key-and-key-file',
    params: { artifacts: [{ key: 'a.pdf', key_file: 'report/s3_uri' }] },
  },
  {
    name: 'link-for-30-days',
    params: { artifacts: [{ key: 'reports/report.pdf', as: 'link', expires_in: '30d' }] },
  },
  { name: 'mention-mistyped', params: { text: 'Done', mention: ['@heer', 'alice'] } },
  { name: 'reaction-with-a-space', params: { text: 'Done', react: 'white check mark' } },
  { name: 'button-without-a-url', params: { text: 'Done', buttons: [{ text: 'Dashboard' }] } },
  {
    name: 'button-with-an-action-but-no-listener',
    params: {
      text: 'Done',
      buttons: [{ text: 'Deploy', action: 'k8s_deploy', value: { deployment: 'app' } }],
    },
  },
  {
    name: 'button-url-without-https',
    params: { text: 'Done', buttons: [{ text: 'Dashboard', url: 'grafana.local/d/1' }] },
  },
  { name: 'template-name-mistyped', params: { text: 'Release {{verison}}', vars: { version: '1.2.3' } } },
  { name: 'template-name-unknown', params: { text: 'Release {{tag}}', vars: { sha: '1a2b3c' } } },
  { name: 'template-without-any-vars', params: { text: 'Release {{version}}' } },
  {
    name: 'template-that-would-forge-a-link',
    params: { text: 'See <{{url}}|the report>', vars: { url: '!channel' } },
  },
  {
    name: 'template-that-would-ping',
    params: { text: 'Thanks <@{{user}}>', vars: { user: 'alice> <!channel' } },
  },
  {
    name: 'button-url-that-is-a-script',
    params: {
      text: 'Done',
      buttons: [{ text: 'Open', url: '{{url}}' }],
      vars: { url: 'javascript:alert(1)' },
    },
  },
  { name: 'delete-with-text', params: { delete_from: 'release', text: 'Gone' } },
  {
    name: 'get-params-of-a-put',
    step: 'in',
    version: { channel: 'C0RELEASES1', ts: '1700000000.000100' },
    params: { text: 'Done' },
  },
  { name: 'get-without-a-version', step: 'in' },
  {
    name: 'pinned-version-of-another-resource',
    step: 'in',
    version: { digest: 'sha256:0123' },
  },
];
