import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FakeSlack } from '../../test/fakes/slack/server.ts';
import type { View } from '../../test/fakes/slack/workspace.ts';
import type { Outcome } from './model.ts';
import { NOT_CONFIGURED, warningWords } from './warning-words.ts';

const Click = Type.Object({
  /** Id of who clicks. */
  as: Type.String(),
  /** The button's `action_id`. */
  action: Type.String(),
  /** Of the message; absent for a button in a modal. */
  channel: Type.Optional(Type.String()),
  ts: Type.Optional(Type.String()),
  view: Type.Optional(Type.String()),
});

const Form = Type.Object({
  as: Type.String(),
  view: Type.String(),
  /** By block id; what is empty is left out. */
  values: Type.Optional(Type.Record(Type.String(), Type.String())),
});

/** What a person does on the page, as Slack's servers tell the app: signed, and answered within three seconds. */
export interface Act {
  click(body: unknown): Promise<Outcome>;
  submit(body: unknown): Promise<Outcome>;
  close(body: unknown): Promise<Outcome>;
}

/** Clicks, forms and closed modals of a workspace's page. They reject when the page sends something else. */
export function createAct(slack: FakeSlack): Act {
  return {
    async click(body) {
      const { as: by, action: button, channel, ts, view } = Value.Parse(Click, body);
      if (view !== undefined) {
        const modal = openView(slack, by, view);
        if (!modal) return { warning: GONE };
        return listens(slack, modal.app) ? told(await slack.click({ by, button, view: modal })) : DEAF;
      }
      const app = appOf(slack, by, channel, ts);
      if (app === undefined || channel === undefined || ts === undefined) return { warning: GONE };
      return listens(slack, app) ? told(await slack.click({ by, button, channel, ts })) : DEAF;
    },
    async submit(body) {
      const { as: by, view, values = {} } = Value.Parse(Form, body);
      const modal = openView(slack, by, view);
      if (!modal) return { warning: GONE };
      if (!listens(slack, modal.app)) return DEAF;
      const sent = await slack.submit(modal, { by, values });
      return sent.errors ? { errors: sent.errors } : told(sent);
    },
    async close(body) {
      const { as: by, view } = Value.Parse(Form, body);
      const modal = openView(slack, by, view);
      if (modal) await slack.closeView(modal);
      return {};
    },
  };
}

const GONE = 'This is not there any more.';
const DEAF: Outcome = { warning: NOT_CONFIGURED };

function told({ warning }: { readonly warning: string | undefined }): Outcome {
  return warning === undefined ? {} : { warning: warningWords(warning) };
}

function openView(slack: FakeSlack, by: string, id: string): View | undefined {
  return slack.views(by).find((one) => one.id === id);
}

function appOf(
  slack: FakeSlack,
  by: string,
  channel: string | undefined,
  ts: string | undefined,
): string | undefined {
  const all = [...slack.messages(), ...slack.ephemerals(by)];
  return all.find((one) => one.channel === channel && one.ts === ts)?.app;
}

function listens(slack: FakeSlack, id: string): boolean {
  const app = Object.values(slack.apps).find((one) => one.id === id);
  return app !== undefined && (app.socketMode || app.urls.interactions !== undefined);
}
