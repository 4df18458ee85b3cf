import { randomBytes } from 'node:crypto';
import type { SlackApp } from './apps.ts';
import { teamId } from './apps.ts';
import { viewProblem } from './blocks/blocks-problem.ts';
import { withBlockIds } from './interactions/controls.ts';
import { initialState } from './interactions/state.ts';
import { Refusal } from './refusal.ts';
import type { View, Workspace } from './workspace.ts';

/** Where modals are kept. */
export type Views = Pick<Workspace, 'views' | 'apps' | 'files' | 'nextId'>;

/** A modal and those pushed onto it. */
const maxStack = 3;

export interface NewView {
  readonly app: SlackApp;
  readonly user: string;
  readonly trigger: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The modal it is pushed onto. */
  readonly onto?: View | undefined;
}

/** Opens a modal; one that is open already for this person and app gives way unless the new one is pushed onto it. */
export function openView(slack: Views, given: NewView): View {
  requireValid(slack, given.content);
  requireUnusedExternalId(slack, given.content);
  const { onto } = given;
  if (onto !== undefined && stackOf(slack, onto).length >= maxStack) throw new Refusal('push_limit_reached');
  if (onto === undefined) closeAll(slack, given.app.id, given.user);
  const id = slack.nextId('V');
  const view: View = {
    id,
    app: given.app.id,
    user: given.user,
    trigger: given.trigger,
    root: onto?.root ?? id,
    previous: onto?.id,
    content: withBlockIds(given.content),
    hash: newHash(),
    open: true,
  };
  slack.views.set(id, view);
  return view;
}

/** Replaces the content of a modal, which gets a new hash. */
export function replaceView(slack: Views, view: View, content: Readonly<Record<string, unknown>>): void {
  requireValid(slack, content);
  requireUnusedExternalId(slack, content, view);
  view.content = withBlockIds(content);
  view.hash = newHash();
}

/** Closes every modal of an app that a person sees. */
export function closeAll(slack: Views, app: string, user: string): void {
  for (const view of slack.views.values()) if (view.app === app && view.user === user) view.open = false;
}

/** The open modals of a stack, the lowest first. */
export function stackOf(slack: Views, view: View): View[] {
  return [...slack.views.values()].filter((one) => one.root === view.root && one.open);
}

/** A modal as the Web API and payloads show it. */
export function renderView(slack: Views, view: View): Record<string, unknown> {
  const app = slack.apps.find((one) => one.id === view.app);
  return {
    id: view.id,
    team_id: teamId,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    submit_disabled: false,
    submit: null,
    close: null,
    ...view.content,
    state: { values: initialState(view.content) },
    hash: view.hash,
    previous_view_id: view.previous ?? null,
    root_view_id: view.root,
    app_id: view.app,
    app_installed_team_id: teamId,
    bot_id: app?.botId,
  };
}

function requireValid(slack: Views, content: Readonly<Record<string, unknown>>): void {
  const problem = viewProblem(content, slack);
  if (problem !== undefined) throw problem;
}

function requireUnusedExternalId(slack: Views, content: Readonly<Record<string, unknown>>, own?: View): void {
  const id = content['external_id'];
  if (id === undefined || id === '') return;
  const taken = [...slack.views.values()].some(
    (one) => one !== own && one.open && one.content['external_id'] === id,
  );
  if (taken) throw new Refusal('duplicate_external_id');
}

function newHash(): string {
  return `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString('hex')}`;
}
