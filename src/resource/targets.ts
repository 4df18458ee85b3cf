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

/** Finds the channels and the message that a put is about, from params, files and earlier gets. */
export function findTargets(
  params: MessageParams,
  source: Source,
  vars: Vars,
  { dir, log }: { dir: string; log: Log },
): Targets {
  const earlier = (key: 'thread_from' | 'update_from' | 'delete_from') => {
    const folder = params[key];
    return folder === undefined ? undefined : earlierMessage(dir, folder, `params.${key}`, log);
  };
  const parent = earlier('thread_from');
  const rewritten = earlier('update_from') ?? earlier('delete_from');
  const channels = channelsOf(params, source, vars, dir) ?? (parent ?? rewritten)?.channel;
  const list = typeof channels === 'string' ? [channels] : (channels ?? []);
  const [first] = list;
  if (first === undefined) {
    throw new Fault('PARAMS_INVALID', 'params.channel: required, here or as source.channel', {
      hint: 'name a channel or its id',
    });
  }
  const message =
    rewritten ??
    (params.update === undefined
      ? undefined
      : { channel: idOf(first), ts: params.update, thread: undefined });
  // A reply goes to the parent's channel, whatever the default channel is.
  const own =
    params.channel === undefined && params.channels === undefined && params.channel_file === undefined;
  const from = rewritten ?? parent;
  return {
    channels: own && from ? [from.channel] : list,
    thread: params.thread ?? parent?.thread ?? parent?.ts,
    message,
  };
}

function channelsOf(
  params: MessageParams,
  source: Source,
  vars: Vars,
  dir: string,
): readonly string[] | undefined {
  const check = (text: string, where: string) => checkedChannel(text, where);
  if (params.channels)
    return [
      ...new Set(
        params.channels.map((text, index) => check(fill(text, vars, 'plain'), `params.channels[${index}]`)),
      ),
    ];
  if (params.channel !== undefined) return [check(fill(params.channel, vars, 'plain'), 'params.channel')];
  if (params.channel_file !== undefined) {
    return [
      check(
        readTextFile(dir, params.channel_file, 'params.channel_file').trim(),
        `params.channel_file (${params.channel_file})`,
      ),
    ];
  }
  return source.channel === undefined ? undefined : [check(source.channel, 'source.channel')];
}

function checkedChannel(text: string, where: string): string {
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
