import type { SlackApp } from '../apps.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method.ts';
import { Refusal, refusalWith } from '../refusal.ts';
import { exchangeTrigger } from '../triggers.ts';
import { openView, renderView, replaceView } from '../views.ts';
import type { View, Workspace } from '../workspace.ts';

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    json: true,
    args: ['trigger_id', 'view'],
    run(args, slack, app) {
      const content = viewOf(args);
      const { id, user } = exchangeTrigger(slack, args.required('trigger_id'), app);
      return { view: renderView(slack, openView(slack, { app, user, trigger: id, content })) };
    },
  },
  'views.push': {
    json: true,
    args: ['trigger_id', 'view'],
    run(args, slack, app) {
      const content = viewOf(args);
      const { id, user, view } = exchangeTrigger(slack, args.required('trigger_id'), app);
      const onto = slack.views.get(view ?? '');
      if (onto === undefined || !onto.open) throw new Refusal('not_found');
      return { view: renderView(slack, openView(slack, { app, user, trigger: id, content, onto })) };
    },
  },
  'views.update': {
    json: true,
    args: ['view_id', 'external_id', 'hash', 'view'],
    run(args, slack, app) {
      const content = viewOf(args);
      const view = existing(args, slack, app);
      const hash = args.text('hash');
      if (hash !== undefined && hash !== view.hash) throw new Refusal('hash_conflict');
      replaceView(slack, view, content);
      return { view: renderView(slack, view) };
    },
  },
};

function viewOf(args: Arguments): Readonly<Record<string, unknown>> {
  const view = args.object('view', 'invalid_arguments');
  if (view === undefined) throw refusalWith('invalid_arguments', ['[ERROR] missing required field: view']);
  return view;
}

function existing(args: Arguments, slack: Workspace, app: SlackApp): View {
  const id = args.text('view_id');
  const externalId = args.text('external_id');
  if (id === undefined && externalId === undefined)
    throw refusalWith('invalid_arguments', ['[ERROR] missing required field: view_id']);
  const view = [...slack.views.values()].find(
    (one) =>
      one.app === app.id &&
      (one.id === id || (id === undefined && one.content['external_id'] === externalId)),
  );
  // A closed modal is gone.
  if (view === undefined || !view.open) throw new Refusal('not_found');
  return view;
}
