import type { File, Message, User } from './emulate-answers.ts';
import type { FileView, MessageView } from './model.ts';
import { showBlock } from './show-block.ts';

/** A message as the page shows it: names instead of ids, file addresses that the page may load. */
export function showMessage(message: Message, users: ReadonlyMap<string, User>): MessageView {
  const user = users.get(message.user);
  return {
    ts: message.ts,
    author: message.username ?? user?.real_name ?? message.user,
    isApp: user?.is_bot ?? false,
    edited: message.edited !== undefined,
    broadcast: message.reply_broadcast ?? false,
    text: message.text,
    blocks: (message.blocks ?? []).map(showBlock),
    files: (message.files ?? []).map(showFile),
    reactions: (message.reactions ?? []).map(({ name, count }) => ({ name, count })),
  };
}

function showFile(file: File): FileView {
  return {
    title: file.title,
    kind: file.pretty_type,
    bytes: file.size,
    url: `/files/${file.id}/${encodeURIComponent(file.name)}`,
    isImage: /^image\/(png|jpeg|gif)$/.test(file.mimetype),
  };
}
