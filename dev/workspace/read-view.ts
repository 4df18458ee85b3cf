import type { FakeSlack } from '../../test/fakes/slack/server.ts';
import type { Ephemeral, Message } from '../../test/fakes/slack/workspace.ts';
import type { MessageView, PersonView, ThreadView, WorkspaceView } from './model.ts';
import { APP_NAMES, GROUP, PEOPLE } from './seed.ts';
import type { SeededChannel } from './seed.ts';
import { showEphemeral, showMessage } from './show-message.ts';
import type { Shown } from './show-message.ts';
import { showModal } from './show-modal.ts';

const LATEST = 200;
const people: readonly PersonView[] = PEOPLE.map(({ id, realName, note }) => ({ id, name: realName, note }));

/** The workspace as one person sees it: the latest 200 threads of a channel, oldest first. Both may be named by id or name. */
export function readView(
  slack: FakeSlack,
  channels: readonly SeededChannel[],
  wanted: { readonly channel: string | null; readonly as: string | null },
): WorkspaceView {
  const channel = channels.find(({ id, name }) => name === wanted.channel || id === wanted.channel);
  const open = channel ?? channels[0];
  const me = personOf(wanted.as);
  if (!open || !me) throw new Error('the workspace is empty');
  const names = namesOf(slack, channels);
  const shown: Shown = { names, files: new Map(slack.files().map((file) => [file.id, file])) };
  const modal = slack.views(me.id).at(-1);
  const seen = {
    messages: slack.messages(open.id),
    ephemerals: slack.ephemerals(me.id).filter((one) => one.channel === open.id),
  };
  return {
    workspace: 'Local workspace',
    channels,
    channel: open,
    threads: threadsOf(seen, shown).slice(-LATEST),
    names,
    people,
    me,
    ...(modal && { modal: showModal(modal) }),
  };
}

/** The person of an id or short name; the first one where nobody is meant. */
export function personOf(wanted: string | null): PersonView | undefined {
  const found = PEOPLE.find(({ id, name }) => id === wanted || name === wanted) ?? PEOPLE[0];
  return people.find(({ id }) => id === found.id);
}

interface Seen {
  readonly messages: readonly Message[];
  readonly ephemerals: readonly Ephemeral[];
}

function threadsOf({ messages, ephemerals }: Seen, shown: Shown): ThreadView[] {
  const all = [
    ...messages.map((one) => ({ in: one.thread_ts, view: showMessage(one, shown) })),
    ...ephemerals.map((one) => ({ in: one.thread_ts, view: showEphemeral(one, shown) })),
  ].toSorted((a, b) => Number(a.view.ts) - Number(b.view.ts));
  const of = (thread: string | undefined): MessageView[] =>
    all.filter((one) => one.in === thread).map(({ view }) => view);
  return of(undefined).map((message) => ({ message, replies: of(message.ts) }));
}

function namesOf(slack: FakeSlack, channels: readonly SeededChannel[]): Record<string, string> {
  const { pipelines, listener } = slack.apps;
  return {
    ...Object.fromEntries(channels.map(({ id, name }) => [id, name])),
    ...Object.fromEntries(people.map(({ id, name }) => [id, name])),
    [GROUP.id]: GROUP.handle,
    [pipelines.id]: APP_NAMES.pipelines,
    [pipelines.botUser]: APP_NAMES.pipelines,
    [listener.id]: APP_NAMES.listener,
    [listener.botUser]: APP_NAMES.listener,
  };
}
