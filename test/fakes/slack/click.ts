import type { SlackApp } from './apps.ts';
import { clickTarget } from './click-target.ts';
import type { Control } from './interactions/controls.ts';
import { isRecord } from './interactions/controls.ts';
import type { Delivery, Notice, Tampering } from './interactions/deliver.ts';
import { interactionBody } from './interactions/payloads.ts';
import type { Filled } from './interactions/state.ts';
import type { Ephemeral, Message, View, Workspace } from './workspace.ts';

/** Sends a notice to an app, by HTTP or by socket. */
export type Deliver = (app: SlackApp, notice: Notice, tampering: Tampering) => Promise<Delivery>;

export interface ClickOptions extends Tampering {
  /** Where the message is; or the message, the ephemeral or the modal itself. */
  readonly channel?: string;
  /** Default: the only message of the channel that has the button. */
  readonly ts?: string;
  /** A message or ephemeral; what counts is its state of now. */
  readonly message?: { readonly channel: string; readonly ts: string };
  /** Clicks what a page that was not reloaded still shows, as `look` saw it. */
  readonly seen?: Message;
  readonly view?: View;
  /** The `action_id` or the text of the button. */
  readonly button: string;
  /** Id of who clicks; whoever is no seeded user must be given by `actor`. */
  readonly by: string;
  readonly actor?: { readonly username?: string; readonly team_id?: string };
  /** Chosen in a menu; of a button a value other than its own. */
  readonly value?: string | readonly string[];
  /** What else is filled in in that message or modal. */
  readonly values?: Filled;
  /** False: the person thinks better of it in the confirm dialog, and nothing is sent. */
  readonly confirm?: boolean;
  /** The app is installed for a whole organisation: `team` is null. Default: as the fake was started. */
  readonly org?: boolean;
  /** Changes the payload before it is signed. */
  readonly change?: (payload: Record<string, unknown>) => Record<string, unknown>;
}

/** The texts of a confirm dialog. */
export interface ConfirmDialog {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

/** A click, what was sent for it, and what came of it. */
export interface Click extends Delivery {
  readonly by: string;
  readonly app: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly triggerId: string;
  /** Empty for a click in a modal. */
  readonly responseUrl: string;
  /** What the person had to confirm first. */
  readonly dialog: ConfirmDialog | undefined;
  /** What the app has told this person alone since the click, here or by its response URL; grows. */
  readonly ephemerals: readonly Ephemeral[];
  /** The modal that the click opened, once it is. */
  readonly modal: View | undefined;
}

/** Clicks a button of a message, an ephemeral or a modal as Slack's client and servers do together. */
export async function click(slack: Workspace, options: ClickOptions, deliver: Deliver): Promise<Click> {
  const target = clickTarget(slack, options);
  const { app, control, payload } = target;
  const sent = options.change?.(payload) ?? payload;
  const dialog = dialogOf(control);
  const since = slack.nextTs();
  const delivery =
    options.confirm === false
      ? { status: undefined, headers: {}, body: '', ms: 0, warning: 'not confirmed', request: undefined }
      : await deliver(
          app,
          { kind: 'interactive', payload: sent, body: Buffer.from(interactionBody(sent)) },
          options,
        );
  return {
    ...delivery,
    by: options.by,
    app: app.id,
    payload: sent,
    triggerId: target.trigger,
    responseUrl: target.responseUrl,
    dialog,
    get ephemerals() {
      return slack.ephemerals.filter((one) => {
        const answers = one.responseUrl !== undefined && target.responseUrl.endsWith(one.responseUrl);
        const posted =
          one.via === 'chat.postEphemeral' && one.app === app.id && one.channel === target.channel;
        return !one.gone && one.user === options.by && (answers || (posted && one.ts > since));
      });
    },
    get modal() {
      return [...slack.views.values()].find((one) => one.trigger === target.trigger);
    },
  };
}

function dialogOf({ element }: Control): ConfirmDialog | undefined {
  const { confirm } = element;
  if (!isRecord(confirm)) return undefined;
  const text = (name: string, otherwise: string) => {
    const value = confirm[name];
    return isRecord(value) && typeof value['text'] === 'string' ? value['text'] : otherwise;
  };
  return {
    title: text('title', ''),
    text: text('text', ''),
    confirm: text('confirm', 'Yes'),
    deny: text('deny', 'No'),
  };
}
