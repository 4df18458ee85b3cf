import { randomBytes } from 'node:crypto';
import type { SlackApp } from '../apps.ts';
import type { Arguments } from '../arguments.ts';
import { isRecord } from '../arguments.ts';
import { blocksProblem } from '../blocks/blocks-problem.ts';
import { channelById, requireParent } from '../channels.ts';
import { renderFile } from '../files.ts';
import type { Method } from '../method.ts';
import { Refusal, refusalWith } from '../refusal.ts';
import { shareFiles } from '../share-files.ts';
import type { Channel, StoredFile, Workspace } from '../workspace.ts';

/** The product limit of one file. */
const maxFileSize = 1024 ** 3;
/** 14 files in one completion work, 15 do not (python-slack-sdk#1653). */
const maxFiles = 14;

export const fileMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    scope: 'files:write',
    json: false,
    args: ['filename', 'length', 'alt_txt', 'snippet_type'],
    run: getUploadUrl,
  },
  'files.completeUploadExternal': {
    scope: 'files:write',
    json: true,
    args: ['files', 'channel_id', 'channels', 'thread_ts', 'initial_comment', 'blocks'],
    run: completeUpload,
  },
  'files.info': {
    scope: 'files:read',
    json: false,
    args: ['file', 'cursor', 'limit', 'count', 'page'],
    run(args, slack) {
      const file = slack.files.get(args.required('file'));
      if (file === undefined) throw new Refusal('file_not_found');
      return { file: renderFile(file, slack), comments: [] };
    },
  },
};

function getUploadUrl(args: Arguments, slack: Workspace): Record<string, unknown> {
  const filename = args.text('filename');
  const length = args.integer('length');
  if (filename === undefined || length === undefined || length === 0) throw new Refusal('missing_argument');
  if (length < 0) throw refusalWith('invalid_arguments', ['[ERROR] must be positive [json-pointer:/length]']);
  if (length > maxFileSize) throw new Refusal('file_upload_size_restricted');
  const altText = args.text('alt_txt');
  if (altText !== undefined && altText.length > 1000) throw new Refusal('alt_txt_too_large');
  if (args.text('snippet_type') !== undefined && length > 1_000_000) throw new Refusal('snippet_too_large');
  const file: StoredFile = {
    id: slack.nextId('F'),
    filename,
    length,
    altText,
    uploadId: randomBytes(16).toString('hex'),
    title: filename,
    received: undefined,
    sha256: undefined,
    content: undefined,
    multipart: false,
    completed: false,
    readyAt: Number.POSITIVE_INFINITY,
    shares: [],
  };
  slack.files.set(file.id, file);
  return { upload_url: `${slack.origin}/upload/v1/${file.uploadId}`, file_id: file.id };
}

function completeUpload(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const files = uploadedFiles(args, slack);
  const channels = targets(args, slack, app);
  const threadTs = args.text('thread_ts');
  const [channel] = channels;
  if (threadTs !== undefined && channel !== undefined) requireParent(slack, channel, threadTs);
  const comment = args.text('initial_comment');
  const blocks = args.list('blocks', 'invalid_blocks_format') ?? [];
  const problem = blocksProblem(blocks, slack);
  if (problem !== undefined) throw problem;
  if (blocks.some((block) => isRecord(block) && block['type'] === 'markdown'))
    throw new Refusal('internal_error');
  for (const { file, title } of files) complete(file, title, slack);
  shareFiles(slack, {
    files: files.map(({ file }) => file),
    app,
    channels,
    threadTs,
    text: comment ?? '',
    // Blocks beside a comment are silently dropped (S6).
    blocks: comment === undefined ? blocks.filter(isRecord) : [],
  });
  return { files: files.map(({ file }) => ({ id: file.id, title: file.title })) };
}

function complete(file: StoredFile, title: string, slack: Workspace): void {
  file.completed = true;
  file.title = title;
  if (slack.options.neverReady !== true) file.readyAt = Date.now() + (slack.options.readyAfterMs ?? 30);
}

function uploadedFiles(args: Arguments, slack: Workspace): { file: StoredFile; title: string }[] {
  const list = args.list('files', 'invalid_arguments');
  if (list === undefined || list.length === 0)
    throw refusalWith('invalid_arguments', ['[ERROR] missing required field: files']);
  if (list.length > maxFiles) throw new Refusal('internal_error');
  const named = list.map((entry) => {
    const id = isRecord(entry) ? entry['id'] : undefined;
    const title = isRecord(entry) ? entry['title'] : undefined;
    const file = typeof id === 'string' ? slack.files.get(id) : undefined;
    if (file === undefined) throw new Refusal('file_not_found');
    return { file, title: typeof title === 'string' ? title : file.filename };
  });
  if (new Set(named.map(({ file }) => file)).size < named.length) throw new Refusal('invalid_arguments');
  for (const { file } of named) requireWhole(file);
  return named;
}

// A file without its bytes, with other bytes than declared, or completed before is no ticket any more.
function requireWhole(file: StoredFile): void {
  if (file.completed) throw new Refusal('file_not_found');
  if (file.received !== file.length) throw new Refusal('file_update_failed');
}

function targets(args: Arguments, slack: Workspace, app: SlackApp): Channel[] {
  const id = args.text('channel_id');
  const csv = args.text('channels');
  // The shape is checked before anything else: names and user ids are refused (S4).
  if (id !== undefined && !/^[CGDZ][A-Z0-9]{8,}$/.test(id))
    throw refusalWith('invalid_arguments', [
      '[ERROR] failed to match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]',
    ]);
  const ids = id === undefined ? (csv?.split(',') ?? []) : [id];
  return ids.map((one) => member(slack, one.trim(), app));
}

function member(slack: Workspace, id: string, app: SlackApp): Channel {
  const channel = channelById(slack, id, app);
  if (channel.archived) throw new Refusal('is_archived');
  // chat:write.public does not cover uploads (S5).
  if (!channel.apps.has(app.id)) throw new Refusal('not_in_channel');
  return channel;
}
