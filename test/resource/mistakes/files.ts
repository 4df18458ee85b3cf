import type { Mistake } from './mistake.ts';

const uploads = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`out/part-${index}.txt`, 'part']));

/** Mistakes about the files of the build. */
export const fileMistakes: readonly Mistake[] = [
  {
    name: 'artifact-not-mounted',
    params: { text_file: 'notes/message.md' },
    files: { 'repo/readme.md': '' },
  },
  {
    name: 'artifact-in-vars-files-not-mounted',
    params: { text: 'Release {{sha}}', vars_files: { sha: 'repo/.git/ref' } },
  },
  { name: 'file-mistyped', params: { text_file: 'notes/mesage.md' }, files: { 'notes/message.md': 'Hello' } },
  { name: 'file-is-a-folder', params: { text_file: 'notes' }, files: { 'notes/message.md': 'Hello' } },
  {
    name: 'glob-without-a-match',
    params: { artifacts: [{ file: 'out/*.html', as: 'upload' }] },
    files: { 'out/a.txt': 'a' },
  },
  { name: 'glob-in-an-artifact-not-mounted', params: { artifacts: [{ file: 'out/*.html', as: 'upload' }] } },
  { name: 'absolute-path', params: { text_file: '/tmp/build/put/notes/message.md' } },
  { name: 'path-with-dots', params: { text_file: '../notes/message.md' } },
  {
    name: 'text-file-is-binary',
    params: { text_file: 'notes/logo' },
    files: { 'notes/logo': Buffer.from('89504e47ff', 'hex') },
  },
  {
    name: 'text-file-too-large',
    params: { text_file: 'notes/build.log' },
    files: { 'notes/build.log': 'x'.repeat(300 * 1024) },
  },
  { name: 'text-file-empty', params: { text_file: 'notes/message.md' }, files: { 'notes/message.md': '\n' } },
  {
    name: 'channel-file-with-two-lines',
    params: { text: 'Done', channel_file: 'team/channel' },
    files: { 'team/channel': '#releases\n#ops\n' },
  },
  {
    name: 'blocks-file-is-neither-json-nor-yaml',
    params: { blocks_file: 'notes/blocks.json' },
    files: { 'notes/blocks.json': '[{"type": "divider"},,\n{"type: "divider"}' },
  },
  {
    name: 'blocks-file-without-a-list',
    params: { blocks_file: 'notes/blocks.json' },
    files: { 'notes/blocks.json': '{"type": "divider"}' },
  },
  {
    name: 'upload-of-an-empty-file',
    params: { artifacts: [{ file: 'out/report.csv', as: 'upload' }] },
    files: { 'out/report.csv': '' },
  },
  {
    name: 'fifteen-uploads',
    params: { artifacts: [{ file: 'out/*.txt', as: 'upload' }] },
    files: uploads(15),
  },
  {
    name: 'webp-as-image',
    params: { artifacts: [{ file: 'out/chart.webp', as: 'image' }] },
    files: { 'out/chart.webp': 'RIFF' },
  },
  {
    name: 'several-files-for-one-key',
    params: { artifacts: [{ file: 'out/*.txt', as: 'link', key: 'reports/log.txt' }] },
    files: uploads(2),
  },
  {
    name: 'thread-from-a-folder-of-another-resource',
    params: { text: 'Done', thread_from: 'repo' },
    files: { 'repo/readme.md': '' },
  },
  {
    name: 'update-from-a-get-that-is-not-mounted',
    params: { text: 'Done', update_from: 'release' },
  },
];
