import type { SlackApp } from './apps.ts';
import type { UserSeed } from './options.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** What happens in a workspace without any app doing it. Channels are named by id or name, apps by id or name. */
export interface Happenings {
  /** Adds a person, or replaces one of the same id; newcomers are in every channel that names no people of its own. */
  addUser(user: UserSeed): void;
  /** Changes a person: `{ deleted: true }` deactivates, `{ restricted: true }` makes a guest. */
  changeUser(id: string, change: Partial<UserSeed>): void;
  /** Gives a user group exactly these members. */
  setGroup(id: string, users: readonly string[], more?: { handle?: string; disabled?: boolean }): void;
  removeGroup(id: string): void;
  join(channel: string, user: string): void;
  leave(channel: string, user: string): void;
  renameChannel(channel: string, name: string): void;
  archive(channel: string, archived?: boolean): void;
  /** Takes the bots, or one app's bot, out of a channel. */
  removeBot(channel: string, app?: string): void;
  addBot(channel: string, app?: string): void;
  /** Deletes a message as an administrator does. */
  deleteMessage(channel: string, ts: string): void;
  /** From now on chat.update of this message is `edit_window_closed`. */
  closeEditWindow(channel: string, ts: string): void;
  /** Uninstalls an app: its tokens are `token_revoked`. */
  revoke(app: string, revoked?: boolean): void;
}

export function happenings(slack: Workspace): Happenings {
  const bots = (given: string | undefined) => (given === undefined ? slack.apps : [appOf(slack, given)]);
  return {
    addUser(user) {
      slack.users = [...slack.users.filter((one) => one.id !== user.id), user];
      for (const channel of slack.channels) if (channel.everyone) channel.people.add(user.id);
    },
    changeUser(id, change) {
      if (!slack.users.some((one) => one.id === id)) throw new Error(`fake Slack has no user ${id}`);
      slack.users = slack.users.map((one) => (one.id === id ? { ...one, ...change } : one));
    },
    setGroup(id, users, more = {}) {
      const handle = more.handle ?? slack.groups.get(id)?.handle ?? id.toLowerCase();
      slack.groups.set(id, { id, handle, users, disabled: more.disabled ?? false });
    },
    removeGroup: (id) => void slack.groups.delete(id),
    join: (channel, user) => void channelOf(slack, channel).people.add(user),
    leave: (channel, user) => void channelOf(slack, channel).people.delete(user),
    renameChannel(channel, name) {
      channelOf(slack, channel).name = name;
    },
    archive(channel, archived = true) {
      channelOf(slack, channel).archived = archived;
    },
    removeBot(channel, app) {
      for (const each of bots(app)) channelOf(slack, channel).apps.delete(each.id);
    },
    addBot(channel, app) {
      for (const each of bots(app)) channelOf(slack, channel).apps.add(each.id);
    },
    deleteMessage(channel, ts) {
      slack.messages.splice(slack.messages.indexOf(messageOf(slack, channel, ts)), 1);
    },
    closeEditWindow(channel, ts) {
      messageOf(slack, channel, ts).frozen = true;
    },
    revoke(app, revoked = true) {
      appOf(slack, app).revoked = revoked;
    },
  };
}

/** The channel of an id, a name, or the person of a direct conversation; a test that names none fails. */
export function channelOf(slack: Workspace, given: string): Channel {
  const name = given.replace(/^#/, '');
  const channel = slack.channels.find(
    (one) => one.id === given || (one.kind !== 'im' && one.name === name) || one.user === given,
  );
  if (channel === undefined) throw new Error(`fake Slack has no channel ${given}`);
  return channel;
}

export function messageOf(slack: Workspace, channel: string, ts: string): Message {
  const { id } = channelOf(slack, channel);
  const message = slack.messages.find((one) => one.channel === id && one.ts === ts);
  if (message === undefined) throw new Error(`fake Slack has no message ${ts} in ${channel}`);
  return message;
}

export function appOf(slack: Workspace, given: string): SlackApp {
  const app = slack.apps.find((one) => one.id === given || one.name === given);
  if (app === undefined) throw new Error(`fake Slack has no app ${given}`);
  return app;
}
