import type { SlackApp } from './apps.ts';
import { teamId } from './apps.ts';
import type { ClickOptions } from './click.ts';
import type { Control } from './interactions/controls.ts';
import { controlsOf, findControl, isRecord, withIds } from './interactions/controls.ts';
import { clickInMessage, clickInView } from './interactions/payloads.ts';
import { stateOf } from './interactions/state.ts';
import { named, originOf } from './origin.ts';
import { appOf, channelOf } from './people.ts';
import { renderMessage } from './render.ts';
import { addressOf, issueResponseUrl } from './response-url.ts';
import { issueTrigger } from './triggers.ts';
import { renderView } from './views.ts';
import type { Ephemeral, Message, View, Workspace } from './workspace.ts';

/** What a click hits, and what is sent for it. */
export interface Target {
  readonly app: SlackApp;
  readonly control: Control;
  readonly payload: Record<string, unknown>;
  readonly trigger: string;
  readonly responseUrl: string;
  readonly channel: string | undefined;
}

/** Finds what is clicked as it is now, and builds its payload; a button that is not there fails by name. */
export function clickTarget(slack: Workspace, options: ClickOptions): Target {
  return options.view === undefined ? inMessage(slack, options) : inView(slack, options, options.view);
}

function inMessage(slack: Workspace, options: ClickOptions): Target {
  const { message, ephemeral } = held(slack, options);
  const where = `message ${message.ts} of ${channelOf(slack, message.channel).name}`;
  const { control, blocks, attachment } = inBlocks(message, options.button, where);
  const app = appOf(slack, message.app ?? '');
  const trigger = issueTrigger(slack, { app: app.id, user: options.by }).id;
  const url = issueResponseUrl(slack, {
    app: app.id,
    user: options.by,
    channel: message.channel,
    ts: message.ts,
    ephemeral,
  });
  const responseUrl = addressOf(slack, url, teamId);
  const payload = clickInMessage(
    originOf(slack, app, options, trigger),
    {
      channel: named(channelOf(slack, message.channel)),
      ts: message.ts,
      threadTs: message.thread_ts,
      ephemeral,
      attachment,
      shown: 'via' in message ? undefined : shown(slack, message),
      responseUrl,
    },
    { control, value: options.value, ts: actionTs(slack) },
    stateOf(blocks, options.values ?? {}),
  );
  return { app, control, payload, trigger, responseUrl, channel: message.channel };
}

function inView(slack: Workspace, options: ClickOptions, view: View): Target {
  const blocks = Array.isArray(view.content['blocks']) ? view.content['blocks'] : [];
  if (!view.open) throw new Error(`the modal ${view.id} is closed`);
  const control = findControl(blocks, options.button, `modal ${view.id}`);
  const app = appOf(slack, view.app);
  const trigger = issueTrigger(slack, { app: app.id, user: options.by, view: view.id }).id;
  const state = { values: stateOf(blocks, options.values ?? {}) };
  const payload = clickInView(
    originOf(slack, app, options, trigger),
    { ...renderView(slack, view), state },
    { control, value: options.value, ts: actionTs(slack) },
  );
  return { app, control, payload, trigger, responseUrl: '', channel: undefined };
}

function held(slack: Workspace, options: ClickOptions): { message: Message | Ephemeral; ephemeral: boolean } {
  if (options.seen !== undefined) return { message: options.seen, ephemeral: false };
  const channel = channelOf(slack, options.message?.channel ?? options.channel ?? '').id;
  const ts = options.message?.ts ?? options.ts;
  const here = (one: Message | Ephemeral) => one.channel === channel && (ts === undefined || one.ts === ts);
  if (ts === undefined)
    return { message: onlyWith(slack.messages.filter(here), options.button, channel), ephemeral: false };
  const message = slack.messages.find(here);
  if (message !== undefined) return { message, ephemeral: false };
  const ephemeral = slack.ephemerals.find((one) => here(one) && !one.gone && one.user === options.by);
  if (ephemeral === undefined)
    throw new Error(`fake Slack shows ${options.by} no message ${ts} in ${channel}`);
  return { message: ephemeral, ephemeral: true };
}

function onlyWith(messages: readonly Message[], button: string, channel: string): Message {
  const having = messages.filter((message) =>
    allBlocks(message)
      .flatMap(({ blocks }) => controlsOf(withIds(blocks)))
      .some((control) => control.actionId === button || control.label === button),
  );
  const [only] = having;
  if (only === undefined) throw new Error(`no message of ${channel} has ${button}`);
  if (having.length > 1)
    throw new Error(`${having.length} messages of ${channel} have ${button}: name one by ts`);
  return only;
}

function allBlocks(
  message: Message | Ephemeral,
): { blocks: readonly unknown[]; attachment: number | undefined }[] {
  const attachments = 'attachments' in message ? message.attachments : [];
  return [
    { blocks: message.blocks, attachment: undefined },
    ...attachments.map((one, index) => ({
      blocks: isRecord(one) && Array.isArray(one['blocks']) ? one['blocks'] : [],
      attachment: index + 1,
    })),
  ];
}

function inBlocks(
  message: Message | Ephemeral,
  button: string,
  where: string,
): { control: Control; blocks: readonly unknown[]; attachment: number | undefined } {
  const lists = allBlocks(message).map((one) => ({ ...one, blocks: withIds(one.blocks) }));
  const list = lists.find(({ blocks }) =>
    controlsOf(blocks).some((control) => control.actionId === button || control.label === button),
  );
  const control = findControl(list?.blocks ?? lists.flatMap(({ blocks }) => blocks), button, where);
  return { control, blocks: list?.blocks ?? [], attachment: list?.attachment };
}

function shown(slack: Workspace, message: Message): Record<string, unknown> {
  const rendered = renderMessage(slack, message);
  return message.blocks.length === 0 ? rendered : { ...rendered, blocks: withIds(message.blocks) };
}

function actionTs(slack: Workspace): string {
  const ms = slack.now();
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`;
}
