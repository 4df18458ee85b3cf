import { Fault } from '../../src/kit/fault.ts';
import { stringAt } from '../../src/slack/answer.ts';
import type { Slack, SlackAnswer } from '../../src/slack/client.ts';

export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  /** The id in its metadata, by which it is found again. */
  readonly nonce: string;
  readonly text: string;
  readonly blocks: unknown;
}

/** A workspace behind the port of Slack: what was posted, as it reads now, and the forms that people were shown. */
export interface SlackPort extends Slack {
  readonly messages: PostedMessage[];
  /** The newest form: what it carries back. */
  readonly forms: string[];
}

/** Keeps messages as Slack does, and refuses what it does not know. */
export function slackPort(now: () => number): SlackPort {
  const messages: PostedMessage[] = [];
  const forms: string[] = [];
  let count = 0;
  const ok = (more: SlackAnswer): SlackAnswer => ({ ok: true, ...more });
  const listed = (list: readonly PostedMessage[]) =>
    ok({
      messages: list.map(({ ts, text, nonce }) => ({
        ts,
        text,
        metadata: { event_type: 'concourse_put', event_payload: { id: nonce } },
      })),
    });
  const METHODS: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => SlackAnswer>> = {
    'chat.postMessage'(args) {
      const ts = `${Math.floor(now() / 1000)}.${String(++count).padStart(6, '0')}`;
      const channel = textOf(args, 'channel');
      const thread = stringAt(args, 'thread_ts');
      const nonce = stringAt(args, 'metadata', 'event_payload', 'id') ?? '';
      const { blocks } = args;
      messages.push({ channel, ts, thread, nonce, text: textOf(args, 'text'), blocks });
      return ok({ channel, ts });
    },
    'chat.update'(args) {
      const ts = textOf(args, 'ts');
      const index = messages.findIndex((message) => message.ts === ts);
      const before = messages[index];
      if (before === undefined) throw new Fault('SLACK_REFUSED', 'Slack refused: message_not_found');
      messages[index] = { ...before, text: textOf(args, 'text'), blocks: args['blocks'] };
      return ok({ channel: before.channel, ts });
    },
    'chat.getPermalink': (args) => ok({ permalink: `https://slack.example/${textOf(args, 'message_ts')}` }),
    'conversations.history': (args) =>
      listed(messages.filter(({ channel, thread }) => channel === args['channel'] && thread === undefined)),
    'conversations.replies': (args) => listed(messages.filter(({ thread }) => thread === args['ts'])),
    'views.open'(args) {
      forms.push(stringAt(args, 'view', 'private_metadata') ?? '');
      return ok({ view: { id: `V${forms.length}`, hash: 'h' } });
    },
  };
  return {
    messages,
    forms,
    async call(method, args) {
      const answer = METHODS[method];
      if (answer === undefined) throw new Error(`the workspace does not know ${method}`);
      await Promise.resolve();
      return answer(args);
    },
  };
}

function textOf(args: Readonly<Record<string, unknown>>, key: string): string {
  const text = stringAt(args, key);
  if (text === undefined) throw new Error(`no ${key}`);
  return text;
}
