import { randomBytes } from 'node:crypto';
import { isRecord } from './arguments.ts';
import { blocksProblem } from './blocks/blocks-problem.ts';
import { Refusal } from './refusal.ts';
import { aging } from './triggers.ts';
import type { Ages } from './triggers.ts';
import type { Block, Ephemeral, Message, ResponseUrl, Workspace } from './workspace.ts';

const maxUses = 5;
const lifeMs = 30 * 60_000;

/** The path under which response URLs are served. */
export const responsePath = /^\/(?:actions|commands)\/T[A-Z0-9]+\/\d+\/([A-Za-z0-9]+)$/;

/** A new response URL of a click or command. */
export function issueResponseUrl(
  slack: Ages & Pick<Workspace, 'responseUrls'>,
  given: Pick<ResponseUrl, 'app' | 'user' | 'channel' | 'ts' | 'ephemeral'>,
): ResponseUrl {
  const url: ResponseUrl = { ...given, id: randomBytes(12).toString('hex'), at: aging(slack), uses: 0 };
  slack.responseUrls.set(url.id, url);
  return url;
}

/** The address of a response URL. */
export function addressOf(slack: Pick<Workspace, 'origin'>, url: ResponseUrl, teamId: string): string {
  const kind = url.ts === undefined ? 'commands' : 'actions';
  return `${slack.origin}/${kind}/${teamId}/${Math.floor(url.at / 1000)}/${url.id}`;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Does what is posted to a response URL: five times within 30 minutes; after that 404 `used_url` or `expired_url`. */
export function useResponseUrl(slack: Workspace, id: string, body: Buffer): Answer {
  try {
    const url = usable(slack, id);
    if (typeof url === 'string') return refused(404, url);
    const message = parse(body);
    const { text, blocks } = contentOf(slack, message);
    url.uses += 1;
    apply(slack, url, { ...message, text, blocks });
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (error instanceof Refusal) return refused(error.code === 'no_text' ? 500 : 400, error.code);
    throw error;
  }
}

/** The response URL of an id while it may be used, else the code of Slack's refusal. */
export function usable(
  slack: Ages & Pick<Workspace, 'responseUrls'>,
  id: string,
): ResponseUrl | 'expired_url' | 'used_url' {
  const url = slack.responseUrls.get(id);
  if (url === undefined || aging(slack) - url.at > lifeMs) return 'expired_url';
  return url.uses >= maxUses ? 'used_url' : url;
}

interface Posted {
  readonly responseType: string;
  readonly replace: boolean;
  readonly remove: boolean;
  readonly threadTs: string | undefined;
  readonly text: unknown;
  readonly blocks: unknown;
}

function parse(body: Buffer): Posted {
  const value = json(body.toString('utf8'));
  if (!isRecord(value)) throw new Refusal('invalid_payload');
  const flag = (name: string) => value[name] === true || value[name] === 'true';
  return {
    responseType: typeof value['response_type'] === 'string' ? value['response_type'] : 'ephemeral',
    replace: flag('replace_original'),
    remove: flag('delete_original'),
    threadTs: typeof value['thread_ts'] === 'string' ? value['thread_ts'] : undefined,
    text: value['text'],
    blocks: value['blocks'],
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function contentOf(slack: Workspace, posted: Posted): { text: string; blocks: readonly Block[] } {
  const text = typeof posted.text === 'string' ? posted.text : '';
  const blocks = Array.isArray(posted.blocks) ? posted.blocks : [];
  const problem = blocksProblem(blocks, slack);
  // The limit over all blocks does not hold here (bolt-js#2509).
  if (problem !== undefined && problem.code !== 'msg_blocks_too_long') throw problem;
  if (text === '' && blocks.length === 0 && !posted.remove) throw new Refusal('no_text');
  return { text, blocks: blocks.filter(isRecord) };
}

type Ready = Posted & { readonly text: string; readonly blocks: readonly Block[] };

function apply(slack: Workspace, url: ResponseUrl, posted: Ready): void {
  const original = originalOf(slack, url);
  if (posted.remove) return remove(slack, original);
  if (posted.replace && original !== undefined) {
    original.text = posted.text;
    original.blocks = posted.blocks;
    return;
  }
  if (posted.responseType === 'in_channel') return post(slack, url, posted);
  slack.ephemerals.push({
    channel: url.channel,
    user: url.user,
    ts: slack.nextTs(),
    thread_ts: posted.threadTs,
    app: url.app,
    text: posted.text,
    blocks: posted.blocks,
    via: 'response_url',
    responseUrl: url.id,
    gone: false,
  });
}

function originalOf(slack: Workspace, url: ResponseUrl): Message | Ephemeral | undefined {
  const of = (one: Message | Ephemeral) => one.channel === url.channel && one.ts === url.ts;
  return url.ephemeral ? slack.ephemerals.find(of) : slack.messages.find(of);
}

function remove(slack: Workspace, original: Message | Ephemeral | undefined): void {
  if (original === undefined) return;
  if ('via' in original) original.gone = true;
  else slack.messages.splice(slack.messages.indexOf(original), 1);
}

function post(slack: Workspace, url: ResponseUrl, posted: Ready): void {
  const app = slack.apps.find((one) => one.id === url.app);
  slack.messages.push({
    channel: url.channel,
    ts: slack.nextTs(),
    thread_ts: posted.threadTs,
    user: app?.botUser ?? '',
    app: url.app,
    text: posted.text,
    blocks: posted.blocks,
    attachments: [],
    metadata: undefined,
    reactions: [],
    reply_broadcast: false,
    unfurl_links: undefined,
    unfurl_media: undefined,
    files: [],
    edited: false,
  });
}

function refused(status: number, error: string): Answer {
  return { status, body: { ok: false, error } };
}
