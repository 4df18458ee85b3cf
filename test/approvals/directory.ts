import type { Directory, Eligibility } from '../../src/approvals/voters.ts';
import { Fault } from '../../src/kit/fault.ts';

export interface FakeDirectory extends Directory {
  /** Members by user group. */
  readonly groups: Map<string, readonly string[]>;
  /** Users by address. */
  readonly addresses: Map<string, string>;
  /** Users whom Slack knows; undefined: whoever has an id. */
  users: ReadonlySet<string> | undefined;
  /** Slack does not say. */
  away: boolean;
  readonly calls: Record<'eligible' | 'known' | 'expand' | 'byEmail', number>;
}

/** Knows people at once, and counts how often it is asked. */
export function fakeDirectory(groups: Record<string, readonly string[]> = {}): FakeDirectory {
  const calls = { eligible: 0, known: 0, expand: 0, byEmail: 0 };
  const directory: FakeDirectory = {
    groups: new Map(Object.entries(groups)),
    addresses: new Map(),
    users: undefined,
    away: false,
    calls,
    async eligible(user, approvers) {
      calls.eligible++;
      if (directory.away) throw new Fault('SLACK_UNREACHABLE', 'no answer from slack.com', { hint: 'wait' });
      return judge(user, approvers);
    },
    known() {
      calls.known++;
      return undefined;
    },
    async expand(approvers) {
      calls.expand++;
      if (directory.away) throw new Fault('SLACK_UNREACHABLE', 'no answer from slack.com', { hint: 'wait' });
      return new Set(approvers.flatMap(usersOf));
    },
    async user(id) {
      if (directory.away) throw new Fault('SLACK_UNREACHABLE', 'no answer from slack.com', { hint: 'wait' });
      return directory.users?.has(id) === false ? undefined : { id };
    },
    async group(id) {
      if (directory.away) throw new Fault('SLACK_UNREACHABLE', 'no answer from slack.com', { hint: 'wait' });
      const members = directory.groups.get(id);
      return members && new Set(members);
    },
    async byEmail(email) {
      calls.byEmail++;
      return directory.addresses.get(email);
    },
  };
  const usersOf = (who: string): readonly string[] => {
    if (/^[UW]/.test(who)) return [who];
    return directory.groups.get(who) ?? [directory.addresses.get(who) ?? ''].filter((user) => user !== '');
  };
  const judge = (user: string, approvers: readonly string[]): Eligibility =>
    approvers.some((who) => usersOf(who).includes(user))
      ? { ok: true, name: user.toLowerCase() }
      : { ok: false, reason: 'not_listed' };
  return directory;
}
