import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../kit/fault.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import { findFolder, readTextFile } from './files.ts';
import type { MessageParams } from './schema.ts';
import type { Source } from './source.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';

/** A message of an earlier step, as `in` wrote it. */
export interface EarlierMessage {
  readonly channel: string;
  readonly ts: string;
  /** The parent, when that message is itself a reply. */
  readonly thread: string | undefined;
}

/** Where this put writes to. */
export interface Targets {
  readonly channels: readonly string[];
  readonly thread: string | undefined;
  /** The message to rewrite, delete, or (with `react` alone) react to. */
  readonly message: EarlierMessage | undefined;
}

/**
 * Finds the channels and the message that a put is about, from params, files and earlier gets. Undefined when that message
 * was never sent, and nothing else says where to post instead. Faults: PARAMS_INVALID, FILE_*.
 */
export function findTargets(
  params: MessageParams,
  source: Source,
  vars: Vars,
  { dir, log }: { dir: string; log: Log },
): Targets | undefined {
  const earlier = (key: 'thread_from' | 'update_from' | 'delete_from') => {
    const folder = params[key];
    return folder === undefined ? undefined : earlierMessage(dir, folder, `params.${key}`, log);
  };
  const parent = earlier('thread_from');
  const rewritten = earlier('update_from') ?? earlier('delete_from');
  // A reply or a change goes where that message is, whatever the channel says.
  const from = rewritten ?? parent;
  const channels = from ? [from.channel] : channelsOf(params, source, vars, dir);
  const [first] = channels;
  if (first === undefined) {
    if (params.thread_from ?? params.update_from ?? params.delete_from) return undefined;
    throw new Fault('PARAMS_INVALID', 'params.channel: required, here or as source.channel', {
      hint: 'name a channel or its id',
    });
  }
  const message =
    rewritten ??
    (params.update === undefined
      ? undefined
      : { channel: idOf(first), ts: params.update, thread: undefined });
  return { channels, thread: params.thread ?? parent?.thread ?? parent?.ts, message };
}

function channelsOf(params: MessageParams, source: Source, vars: Vars, dir: string): readonly string[] {
  if (params.channels) {
    const all = params.channels.map((text, index) =>
      checkedChannel(fill(text, vars, 'plain'), `params.channels[${index}]`),
    );
    // `#name` and `name` are one channel, and get one message.
    return [...new Map(all.map((channel) => [channel.replace(/^#/, ''), channel])).values()];
  }
  if (params.channel !== undefined)
    return [checkedChannel(fill(params.channel, vars, 'plain'), 'params.channel')];
  if (params.channel_file !== undefined) {
    const named = readTextFile(dir, params.channel_file, 'params.channel_file').trim();
    return [checkedChannel(named, `params.channel_file (${params.channel_file})`)];
  }
  return source.channel === undefined ? [] : [checkedChannel(source.channel, 'source.channel')];
}

/** A channel as Slack takes it in `chat.postMessage`: name or id. Faults: PARAMS_INVALID. */
export function checkedChannel(text: string, where: string): string {
  if (/^#?[^\s<>@|,]{1,80}$/u.test(text)) return text;
  throw new Fault('PARAMS_INVALID', `${where}: ${JSON.stringify(text.slice(0, 80))} is not a channel`, {
    hint: 'name one channel, as #name or as its id (C0123ABCD, at the end of the channel’s details)',
  });
}

// Only posting takes names; every later call needs the id (S4).
function idOf(channel: string): string {
  if (/^[CGD][A-Z0-9]{8,}$/.test(channel)) return channel;
  throw new Fault('PARAMS_INVALID', `params.update needs a channel id, ${channel} is a name`, {
    hint: 'set channel to the id (C0123ABCD), or use update_from with the folder of the get',
  });
}

// Undefined when that message was never sent: the put that failed under on_error: warn must not fail the next one.
function earlierMessage(dir: string, folder: string, where: string, log: Log): EarlierMessage | undefined {
  findFolder(dir, folder, where);
  const read = (name: string) =>
    existsSync(join(dir, folder, name)) ? readTextFile(dir, `${folder}/${name}`, where).trim() : undefined;
  const version = tryParseJson(read('version.json') ?? '{}');
  const field = (name: string) => {
    const value = isRecord(version) ? version[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const channel = read('channel') ?? field('channel');
  const ts = read('ts') ?? field('ts');
  if (channel && ts) return { channel, ts, thread: field('thread') };
  const status = read('status') ?? field('status');
  if (status === 'not_sent' || status === 'dry_run') {
    log.warn(`${where}: that message was not sent (${status}), so there is nothing to reply to or change`);
    return undefined;
  }
  throw new Fault('FILE_INVALID', `${where}: ${folder} holds no ts and channel`, {
    hint: 'name the folder of a get (or of an earlier put) of this resource type',
  });
}
