import { allScopes } from '../../fakes/slack/options.ts';
import type { Mistake } from './mistake.ts';

const params = { text: 'Nightly report' };
const without = (...scopes: readonly string[]) => ({
  slack: { scopes: allScopes.filter((scope) => !scopes.includes(scope)) },
});

/** Mistakes about the Slack app and its workspace. */
export const slackMistakes: readonly Mistake[] = [
  {
    name: 'bot-not-in-the-channel',
    params: { ...params, channel: '#public' },
    world: without('chat:write.public'),
  },
  {
    name: 'bot-not-in-the-channel-of-an-upload',
    params: { channel: 'C0PUBLIC001', artifacts: [{ file: 'out/report.txt', as: 'upload' }] },
    files: { 'out/report.txt': 'a report' },
  },
  { name: 'private-channel-not-visible', params: { ...params, channel: '#secret-room' } },
  { name: 'channel-mistyped', params: { ...params, channel: '#relaeses' } },
  { name: 'channel-archived', params: { ...params, channel: '#old' } },
  {
    name: 'one-of-two-channels-mistyped',
    params: { ...params, channels: ['#releases', '#relaeses'] },
    posted: 1,
  },
  { name: 'token-mistyped', source: { slack: { token: 'xoxb-sensitive-tokne' } }, params },
  {
    name: 'token-of-another-kind',
    params,
    source: { slack: { token: 'xapp-1-sensitive' } },
    prepare: ({ slack }) => slack.fault('chat.postMessage', { error: 'not_allowed_token_type' }),
  },
  { name: 'scope-to-post-missing', params, world: without('chat:write') },
  {
    name: 'scope-to-upload-missing',
    params: { artifacts: [{ file: 'out/report.txt', as: 'upload' }] },
    files: { 'out/report.txt': 'a report' },
    world: without('files:write'),
  },
  {
    name: 'scope-to-react-missing',
    params: { ...params, react: 'rocket' },
    world: without('reactions:write'),
    posted: 1,
  },
  {
    name: 'scope-to-look-up-people-missing',
    params: { ...params, mention: ['alice@example.com'] },
    world: without('users:read.email'),
  },
  {
    name: 'person-not-in-the-workspace',
    params: { ...params, mention: ['carol@example.com'] },
    code: 0,
    posted: 1,
  },
  {
    name: 'files-read-missing-for-an-upload',
    params: { artifacts: [{ file: 'out/report.txt', as: 'upload' }] },
    files: { 'out/report.txt': 'a report' },
    world: { slack: { ...without('files:read').slack, shareAfterMs: 0 } },
    code: 0,
    posted: 2,
  },
  { name: 'thread-gone', params: { ...params, thread: '1700000000.000100' } },
  {
    name: 'update-of-a-message-that-is-gone',
    params: { ...params, channel: 'C0RELEASES1', update: '1700000000.000100' },
  },
  { name: 'warned-instead-of-failed', params: { ...params, channel: '#old', on_error: 'warn' }, code: 0 },
  {
    name: 'bad-blocks-that-only-slack-knows',
    params: { blocks: [{ type: 'divider' }] },
    prepare: ({ slack }) =>
      slack.fault('chat.postMessage', {
        error: 'invalid_blocks',
        messages: ['[ERROR] unsupported type: divider [json-pointer:/blocks/0/type]'],
      }),
  },
];
