import { extname } from 'node:path';
import { isRecord } from '../../src/kit/json.ts';
import type { Ephemeral, Message, StoredFile } from '../../test/fakes/slack/workspace.ts';
import { withIds } from '../../test/fakes/slack/interactions/controls.ts';
import type { Block, FileView, MessageView } from './model.ts';
import { showBlock } from './show-block.ts';

/** Names by id, and files by id, of what messages refer to. */
export interface Shown {
  readonly names: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, StoredFile>;
}

const INLINE = /^\.(?:png|jpe?g|gif)$/i;

/** A message as the page shows it: names instead of ids, file addresses that the page may load. */
export function showMessage(message: Message, { names, files }: Shown): MessageView {
  return {
    ts: message.ts,
    author: names[message.app ?? message.user] ?? message.user,
    isApp: message.app !== undefined,
    edited: message.edited,
    broadcast: message.reply_broadcast,
    onlyForMe: false,
    text: message.text,
    blocks: showBlocks(message.blocks),
    files: message.files.flatMap((id) => {
      const file = files.get(id);
      return file ? [showFile(file)] : [];
    }),
    reactions: message.reactions.map((name) => ({ name, count: 1 })),
  };
}

/** A message that one person sees, as the page shows it to them. */
export function showEphemeral(message: Ephemeral, { names }: Shown): MessageView {
  return {
    ts: message.ts,
    author: names[message.app] ?? message.app,
    isApp: true,
    edited: false,
    broadcast: false,
    onlyForMe: true,
    text: message.text,
    blocks: showBlocks(message.blocks),
    files: [],
    reactions: [],
  };
}

/** Blocks with the ids that Slack makes up where the app gave none: a click names them. */
export function showBlocks(blocks: unknown): Block[] {
  return withIds(Array.isArray(blocks) ? blocks : [])
    .filter(isBlock)
    .map(showBlock);
}

/** Whether browsers show this file as an image. */
export function isImage(filename: string): boolean {
  return INLINE.test(extname(filename));
}

function showFile(file: StoredFile): FileView {
  return {
    title: file.title,
    kind: extname(file.filename).slice(1).toUpperCase(),
    bytes: file.received ?? 0,
    url: `/files/${file.id}/${encodeURIComponent(file.filename)}`,
    isImage: isImage(file.filename),
  };
}

function isBlock(value: unknown): value is Block {
  return isRecord(value) && typeof value['type'] === 'string';
}
