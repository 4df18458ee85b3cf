import type { Mistake } from './mistake.ts';

const listener = { url: 'https://listener.test', token: 'sensitive-listener-token' };
const gate = { gate: 'release', listener };
const ask = { gate: 'release', title: 'Ship 1.2.3?' };

/** Mistakes in puts that ask for an approval or claim one, and around gates. */
export const approvalMistakes: readonly Mistake[] = [
  { name: 'approval-without-a-listener', params: { approval: { title: 'Ship it?' } } },
  { name: 'approval-and-text', params: { approval: { title: 'Ship it?' }, text: 'Please look' } },
  { name: 'approval-without-a-title', source: { listener }, params: { approval: { gate: 'release' } } },
  { name: 'approval-as-text', source: gate, params: { approval: 'Ship it?' } },
  {
    name: 'approval-with-keys-one-level-off',
    source: gate,
    params: { approval: ask, approvers: ['U123'], quorum: 2, context: { version: '1.2.3' } },
  },
  { name: 'approval-of-nobody', source: gate, params: { approval: { ...ask, quorum: 0, approvers: [] } } },
  {
    name: 'approval-with-a-timeout-in-words',
    source: gate,
    params: { approval: { ...ask, timeout: '2 hours', remind_every: '400d' } },
  },
  {
    name: 'approval-with-an-upload',
    source: { listener },
    params: { approval: ask, artifacts: [{ key: 'reports/report.pdf', as: 'upload' }, { graph: 'cpu' }] },
  },
  {
    name: 'approval-with-artifacts-but-no-bucket',
    source: { listener, s3: undefined },
    params: { approval: ask, artifacts: [{ file: 'out/report.html' }] },
  },
  {
    name: 'approval-context-that-is-no-file-name',
    source: gate,
    params: {
      approval: {
        ...ask,
        context: { 'image/digest': 'x', digest: 'x' },
        context_files: { digest: 'image/digest', '..': 'image/digest' },
      },
    },
  },
  {
    name: 'approval-details-twice',
    source: gate,
    params: { approval: { ...ask, details: 'See notes', details_file: 'release/notes.md' } },
  },
  {
    name: 'approval-details-too-long',
    source: gate,
    params: { approval: { ...ask, details_file: 'release/notes.md' } },
    files: { 'release/notes.md': 'All that has changed. '.repeat(500) },
  },
  {
    name: 'approval-context-too-large',
    source: gate,
    params: { approval: { ...ask, context_files: { changes: 'release/changes' } } },
    files: { 'release/changes': 'x'.repeat(9000) },
  },
  {
    name: 'approval-title-empty-once-filled',
    source: gate,
    params: { approval: { ...ask, title: '{{title}}' }, vars: { title: '' } },
  },
  {
    name: 'approval-title-with-an-unknown-name',
    source: gate,
    params: { approval: { ...ask, title: 'Ship {{tag}}?', context: { version: '1.2.3' } } },
  },
  {
    name: 'approval-file-not-mounted',
    source: gate,
    params: { approval: { ...ask, context_files: { digest: 'image/digest' } } },
  },
  {
    name: 'approval-not-by-an-empty-file',
    source: gate,
    params: { approval: { ...ask, not_by_files: ['repo/.git/committer'] } },
    files: { 'repo/.git/committer': '\n' },
  },
  {
    name: 'gate-resource-that-does-not-wait',
    source: gate,
    params: { approval: { ...ask, wait: false } },
  },
  {
    name: 'gate-resource-asked-about-another-gate',
    source: gate,
    params: { approval: { ...ask, gate: 'staging' } },
  },
  { name: 'gate-resource-given-a-message', source: { gate: 'release' }, params: { text: 'Nightly report' } },
  {
    name: 'gate-resource-given-a-call',
    source: { ...gate, gateway: { url: 'https://api.test/prod' } },
    params: { call: { path: '/deploy' } },
  },
  { name: 'gate-resource-checked', step: 'check', source: { gate: 'release' } },
  {
    name: 'gate-resource-with-an-unknown-decision',
    step: 'check',
    source: { ...gate, emit: ['approved', 'rejected'] },
  },
  {
    name: 'gate-resource-given-a-message-to-get',
    step: 'in',
    source: gate,
    version: { channel: 'C0RELEASES1', ts: '1700000000.000100' },
  },
  {
    name: 'get-of-a-request-at-a-gate',
    step: 'in',
    source: gate,
    version: { approval: 'a1b2c3d4', status: 'requested' },
  },
  {
    name: 'get-of-a-decision-without-a-listener',
    step: 'in',
    version: { approval: 'a1b2c3d4', status: 'approved' },
  },
  { name: 'claim-without-a-gate', source: { listener }, params: { claim: 'release-gate' } },
  {
    name: 'claim-of-a-get-that-is-not-mounted',
    source: gate,
    params: { claim: 'release-gate', expect: { version: '1.2.3' } },
  },
  {
    name: 'claim-of-a-request',
    source: gate,
    params: { claim: 'ask' },
    files: { 'ask/version.json': '{"approval":"a1b2c3d4","status":"requested"}' },
  },
  {
    name: 'claim-of-a-message',
    source: gate,
    params: { claim: 'slack' },
    files: { 'slack/version.json': '{"channel":"C0RELEASES1","ts":"1700000000.000100"}' },
  },
  {
    name: 'claim-with-context-instead-of-expect',
    source: gate,
    params: { claim: 'release-gate', context: { version: '1.2.3' } },
  },
];
