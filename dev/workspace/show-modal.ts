import { isRecord } from '../../src/kit/json.ts';
import type { View } from '../../test/fakes/slack/workspace.ts';
import type { ModalView } from './model.ts';
import { showBlocks } from './show-message.ts';

/** A modal as the page shows it, with the words that Slack puts where the app gave none. */
export function showModal({ id, content }: View): ModalView {
  const submit = textOf(content['submit']);
  return {
    id,
    title: textOf(content['title']) ?? '',
    ...(submit !== undefined && { submit }),
    close: textOf(content['close']) ?? 'Cancel',
    blocks: showBlocks(content['blocks']),
  };
}

function textOf(value: unknown): string | undefined {
  return isRecord(value) && typeof value['text'] === 'string' ? value['text'] : undefined;
}
