import { extname } from 'node:path';
import { teamId } from './apps.ts';
import type { StoredFile, Workspace } from './workspace.ts';
import { botUser } from './workspace.ts';

const mimetypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.zip': 'application/zip',
};

/** True once the scan is over; before that Slack shows no type and refuses the file in blocks (S9). */
function isReady(file: StoredFile): boolean {
  return file.completed && Date.now() >= file.readyAt;
}

/** The content type by file name, once the file is ready; the empty string before. */
export function mimetypeOf(file: StoredFile): string {
  if (!isReady(file)) return '';
  return mimetypes[extname(file.filename).toLowerCase()] ?? 'application/octet-stream';
}

/** The `file` object of files.info. */
export function renderFile(file: StoredFile, slack: Workspace): Record<string, unknown> {
  const mimetype = mimetypeOf(file);
  const extension = extname(file.filename).slice(1).toLowerCase();
  const ready = mimetype !== '';
  const url = privateUrl(file);
  return {
    id: file.id,
    name: file.filename,
    title: file.title,
    user: botUser,
    size: file.received ?? 0,
    mimetype,
    filetype: ready ? extension : '',
    pretty_type: ready ? extension.toUpperCase() : '',
    mode: 'hosted',
    is_external: false,
    is_public: publicShares(file, slack).length > 0,
    url_private: url,
    permalink: permalink(file),
    ...(mimetype.startsWith('image/') ? { thumb_64: `${url}/thumb_64`, thumb_360: `${url}/thumb_360` } : {}),
    channels: publicShares(file, slack).map((share) => share.channel),
    groups: sharesOf(file, slack, 'private').map((share) => share.channel),
    ims: sharesOf(file, slack, 'im').map((share) => share.channel),
    shares: renderShares(file, slack),
  };
}

export function privateUrl(file: StoredFile): string {
  return `https://files.slack.com/files-pri/${teamId}-${file.id}/${encodeURIComponent(file.filename)}`;
}

export function permalink(file: StoredFile): string {
  return `https://fake.slack.com/files/${botUser}/${file.id}/${encodeURIComponent(file.filename)}`;
}

function publicShares(file: StoredFile, slack: Workspace): StoredFile['shares'] {
  return sharesOf(file, slack, 'public');
}

function sharesOf(file: StoredFile, slack: Workspace, kind: string): StoredFile['shares'] {
  return file.shares.filter(
    (share) => slack.channels.find((channel) => channel.id === share.channel)?.kind === kind,
  );
}

function renderShares(file: StoredFile, slack: Workspace): Record<string, unknown> {
  const open = publicShares(file, slack);
  const closed = file.shares.filter((share) => !open.includes(share));
  return {
    ...(open.length === 0 ? {} : { public: byChannel(open) }),
    ...(closed.length === 0 ? {} : { private: byChannel(closed) }),
  };
}

function byChannel(shares: StoredFile['shares']): Record<string, unknown[]> {
  const all: Record<string, unknown[]> = {};
  for (const { channel, ts, thread_ts } of shares) {
    (all[channel] ??= []).push({ ts, ...(thread_ts === undefined ? {} : { thread_ts }) });
  }
  return all;
}
