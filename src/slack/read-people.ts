import { Fault } from '../kit/fault.ts';
import type { Home } from './admission.ts';
import { stringAt, valueAt } from './answer.ts';
import type { Slack } from './client.ts';
import type { Person } from './eligibility.ts';
import { slackErrorOf } from './refusal.ts';

/** The user with an id, or undefined when Slack knows or shows nobody. */
export async function readUser(slack: Slack, id: string): Promise<Person | undefined> {
  const answer = await orNobody(slack.call('users.info', { user: id }, 'read'), [
    'user_not_found',
    'user_not_visible',
  ]);
  return answer && personOf(valueAt(answer, 'user'));
}

/** The members of a user group, or undefined when there is none. */
export async function readGroup(
  slack: Slack,
  id: string,
  home: Home,
): Promise<ReadonlySet<string> | undefined> {
  // A token of a whole organization must say whose group it means.
  const team = home.enterpriseId === undefined ? undefined : home.teamId;
  const answer = await orNobody(
    slack.call('usergroups.users.list', { usergroup: id, team_id: team }, 'read'),
    ['no_such_subteam', 'subteam_not_found'],
  );
  if (answer === undefined) return undefined;
  const users = valueAt(answer, 'users');
  if (!Array.isArray(users))
    throw new Fault('SLACK_FAILED', "Slack's answer names no members of the user group");
  return new Set(users.filter((user) => typeof user === 'string'));
}

/** The id of the member who has confirmed exactly this address; `email` in lower case. */
export async function readAddress(slack: Slack, email: string): Promise<string | undefined> {
  const answer = await orNobody(slack.call('users.lookupByEmail', { email }, 'read'), ['users_not_found']);
  const user = answer && valueAt(answer, 'user');
  const isConfirmed = valueAt(user, 'is_email_confirmed') !== false;
  const told = stringAt(user, 'profile', 'email');
  // Another address of the same person is another address: no secondary domains, no guesses (S33).
  return isConfirmed && told !== undefined && sameCase(told) === email ? stringAt(user, 'id') : undefined;
}

async function orNobody<T>(call: Promise<T>, errors: readonly string[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const slackError = slackErrorOf(error);
    if (slackError !== undefined && errors.includes(slackError)) return undefined;
    throw error;
  }
}

function personOf(user: unknown): Person {
  const id = stringAt(user, 'id');
  if (id === undefined) throw new Fault('SLACK_FAILED', "Slack's answer names no user");
  const is = (name: string) => valueAt(user, name) === true;
  return {
    id,
    teamId: stringAt(user, 'team_id'),
    enterpriseId: stringAt(user, 'enterprise_user', 'enterprise_id'),
    deleted: is('deleted'),
    bot: is('is_bot') || is('is_workflow_bot') || id === 'USLACKBOT',
    guest: is('is_restricted') || is('is_ultra_restricted'),
    stranger: is('is_stranger'),
    name:
      stringAt(user, 'profile', 'display_name') ??
      stringAt(user, 'profile', 'real_name') ??
      stringAt(user, 'name') ??
      id,
    email: stringAt(user, 'profile', 'email'),
  };
}

/** Slack keeps addresses in lower case. */
export function sameCase(email: string): string {
  return email.trim().toLowerCase();
}
