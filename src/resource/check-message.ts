import { isRecord } from '../kit/json.ts';
import { checkArtifact, checkBucket, checkIdentity, needed } from './check-artifact.ts';
import type { Problem } from './problems.ts';
import type { Button, MessageParams } from './schema.ts';
import type { Source } from './source.ts';

export interface MessageContext {
  /** Undefined when the source itself is wrong. */
  readonly source: Source | undefined;
  readonly rawSource: unknown;
  /** Whether the put runs under a hook that gives it a line to write by itself. */
  readonly hasStatus: boolean;
}

const EXCLUSIVE: readonly (readonly (keyof MessageParams)[])[] = [
  ['text', 'text_file'],
  ['blocks', 'blocks_file'],
  ['channel', 'channels', 'channel_file'],
  ['thread', 'thread_from'],
  ['update', 'update_from', 'delete_from'],
  ['update', 'thread'],
  ['update', 'thread_from'],
  ['update_from', 'thread'],
  ['update_from', 'thread_from'],
];
const CONTENT = ['text', 'text_file', 'blocks', 'blocks_file', 'artifacts', 'buttons'] as const;

const NOTHING =
  'nothing to send: give text, blocks, artifacts or buttons; only under on_success, on_failure, on_error and on_abort (Concourse 8.2 or later) does a put write a line by itself, not under ensure';

/** What a schema cannot say of a message: keys that exclude or need each other, and the blocks of source it needs. */
export function checkMessage(
  params: MessageParams,
  context: MessageContext,
  told: readonly Problem[],
): Problem[] {
  if (
    isRecord(context.rawSource) &&
    context.rawSource['gate'] !== undefined &&
    context.rawSource['gate'] !== null
  ) {
    const message =
      'a gate resource accepts only approval (with wait: true) and claim: any other version would open the gate; use a second resource without gate';
    return [{ path: 'params', message }];
  }
  const has = (key: keyof MessageParams) => params[key] !== undefined;
  const problems: Problem[] = [];
  for (const group of EXCLUSIVE) {
    const both = group.filter(has);
    if (both.length > 1)
      problems.push({ path: `params.${both[1]}`, message: `cannot stand beside ${both[0]}` });
  }
  const content = CONTENT.filter(has);
  const acts = has('react') || has('delete_from');
  if (content.length === 0 && !acts && !context.hasStatus) {
    problems.push({ path: 'params', message: NOTHING });
  }
  const target = (['thread', 'thread_from', 'update', 'update_from'] as const).some(has);
  if (content.length === 0 && has('react') && !target) {
    const message = 'needs a message to react to: text, or thread_from, thread, update_from or update';
    problems.push({ path: 'params.react', message });
  }
  if (has('delete_from') && (content.length > 0 || has('react') || has('mention'))) {
    problems.push({
      path: 'params.delete_from',
      message: `only deletes; remove ${[...content, ...(has('react') ? ['react'] : [])].join(', ') || 'mention'}`,
    });
  }
  if (params.broadcast === true && !has('thread') && !has('thread_from')) {
    problems.push({ path: 'params.broadcast', message: 'needs thread or thread_from' });
  }
  if (has('channels') && (target || has('delete_from'))) {
    problems.push({
      path: 'params.channels',
      message: 'a thread or an update is in one channel: use channel',
    });
  }
  const knownParts = (list: unknown): list is readonly unknown[] => Array.isArray(list);
  if (knownParts(params.artifacts))
    params.artifacts.forEach((artifact, index) =>
      problems.push(...checkArtifact(artifact, `params.artifacts[${index}]`)),
    );
  if (knownParts(params.buttons))
    params.buttons.forEach((button, index) =>
      problems.push(...checkButton(button, `params.buttons[${index}]`)),
    );
  problems.push(...checkNeeds(params, context));
  return problems.filter(({ path }) => !told.some((other) => other.path === path));
}

function checkButton(button: Button, path: string): Problem[] {
  if (!isRecord(button)) return [];
  const problems: Problem[] = [];
  if ((button.url === undefined) === (button.action === undefined)) {
    problems.push({ path, message: 'needs either a url or an action' });
  }
  if (button.value !== undefined && button.action === undefined) {
    problems.push({ path: `${path}.value`, message: 'belongs to an action' });
  }
  if (typeof button.url === 'string' && !/^https?:\/\/|^\{\{/i.test(button.url)) {
    problems.push({ path: `${path}.url`, message: 'must begin with https:// or http://' });
  }
  return problems;
}

// Each feature asks only for the blocks it needs. A source that is wrong has told its own problems already.
function checkNeeds(params: MessageParams, { source, rawSource }: MessageContext): Problem[] {
  const problems: Problem[] = [];
  const given = isRecord(rawSource) ? rawSource : {};
  const need = (block: string, reason: string) => problems.push(...needed(given, block, reason));
  need('slack', 'to send a message');
  const artifacts = Array.isArray(params.artifacts) ? params.artifacts.filter(isRecord) : [];
  const fromS3 = artifacts.some(
    (item) => item['key'] !== undefined || item['key_file'] !== undefined || item['as'] === 'link',
  );
  if (fromS3) problems.push(...checkBucket(given, source));
  const buttons = Array.isArray(params.buttons) ? params.buttons.filter(isRecord) : [];
  if (buttons.some((button) => button['action'] !== undefined)) {
    need('listener', 'for buttons with an action: its token signs what they carry');
  }
  const target =
    params.channel ??
    params.channels ??
    params.channel_file ??
    params.thread_from ??
    params.update_from ??
    params.delete_from ??
    given['channel'];
  if (target === undefined || target === null)
    problems.push({ path: 'params.channel', message: 'required, here or as source.channel' });
  problems.push(...checkIdentity(params.aws, source));
  return problems;
}
