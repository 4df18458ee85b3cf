import type { Terms } from './record.ts';
import type { Parties } from './narrow.ts';
import type { OpenRequest } from './contract.ts';
import { distinctPeople } from './distinct-people.ts';
import type { Roll } from './decide-vote.ts';

/** Whether somebody may decide, and if not, why, as a word. */
export type Eligibility =
  | { readonly ok: true; readonly name: string }
  | {
      readonly ok: false;
      readonly reason: 'not_listed' | 'guest' | 'deactivated' | 'foreign' | 'bot' | 'excluded' | 'gate_gone';
    };

/** What is asked of Slack about people. Rejects when it cannot be known: then nobody is let through. */
export interface Directory {
  /** At most 60 s old. */
  eligible(user: string, approvers: readonly string[]): Promise<Eligibility>;
  /** The same from what is known already, without asking; undefined when that is not enough. */
  known(user: string, approvers: readonly string[]): Eligibility | undefined;
  /** Everybody in the list who may decide. */
  expand(approvers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The user with this id; undefined when Slack knows none. */
  user(id: string): Promise<object | undefined>;
  /** The members of the user group with this id; undefined when Slack knows none. */
  group(id: string): Promise<ReadonlySet<string> | undefined>;
  /** The user with this address, if there is one. */
  byEmail(email: string): Promise<string | undefined>;
}

/** Whether a person may decide on these terms: in the gate's list, then and now, in the request's own, and not barred. */
export async function mayDecide(user: string, terms: Terms, directory: Directory): Promise<Eligibility> {
  const known = mayDecideKnown(user, terms, directory);
  if (known !== undefined) return known;
  let last: Eligibility = { ok: false, reason: 'not_listed' };
  for (const list of listsOf(terms)) {
    last = await directory.eligible(user, list);
    if (!last.ok) return last;
  }
  return last;
}

/** The same without asking Slack; undefined when it must be asked. */
export function mayDecideKnown(user: string, terms: Terms, directory: Directory): Eligibility | undefined {
  if (terms.present?.gone === true) return { ok: false, reason: 'gate_gone' };
  if (terms.excluded.includes(user)) return { ok: false, reason: 'excluded' };
  const all = listsOf(terms).map((list) => directory.known(user, list));
  // One list that does not name them is enough to know.
  const no = all.find((known) => known?.ok === false);
  return no ?? (all.includes(undefined) ? undefined : all[0]);
}

/** Who of those who have voted may still decide. Rejects when Slack does not say so of everybody. */
export async function rollCall(users: readonly string[], terms: Terms, directory: Directory): Promise<Roll> {
  const all = await Promise.all(
    users.map(async (user) => ({ user, ...(await mayDecide(user, terms, directory)) })),
  );
  const who = (may: boolean) => all.filter(({ ok }) => ok === may).map(({ user }) => user);
  return { may: who(true), mayNot: who(false) };
}

// Whoever decides is in each of them.
function listsOf({ approvers, narrowed, present }: Terms): readonly (readonly string[])[] {
  return [approvers, narrowed, present?.approvers].filter((list) => list !== undefined);
}

/** How many people could approve on these terms (A12). */
export async function countVoters(terms: Terms, directory: Directory): Promise<number> {
  const [all, own] = await Promise.all([
    directory.expand(terms.approvers),
    terms.narrowed === undefined ? undefined : directory.expand(terms.narrowed),
  ]);
  const barred = new Set(terms.excluded);
  return [...all].filter((user) => !barred.has(user) && (own === undefined || own.has(user))).length;
}

/**
 * Who a request's names stand for. `people` maps names of Concourse and git, in lower case, to Slack users. Whom Slack does not
 * know is nobody, whatever the name looks like; rejects when it does not say.
 */
export async function partiesOf(
  { origin, not_by: named = [] }: OpenRequest,
  people: ReadonlyMap<string, string>,
  directory: Directory,
): Promise<Parties> {
  // Several commits of one person are one person.
  const notBy = distinctPeople(named);
  const { created_by: by } = origin;
  const asker = by === undefined ? undefined : people.get(by.toLowerCase());
  const [isAsker, ...found] = await Promise.all([
    asker !== undefined && isUser(asker, directory),
    ...notBy.map((name) => usersOf(name, people, directory)),
  ]);
  return {
    requester: isAsker ? asker : undefined,
    barred: found.flatMap((users) => users ?? []),
    unknown: notBy.filter((_, index) => found[index] === undefined),
  };
}

async function usersOf(
  name: string,
  people: ReadonlyMap<string, string>,
  directory: Directory,
): Promise<readonly string[] | undefined> {
  const known = people.get(name.toLowerCase()) ?? name;
  // A name in capitals looks like an id.
  if (/^[UW][A-Z0-9]{2,}$/.test(known)) return (await isUser(known, directory)) ? [known] : undefined;
  if (/^S[A-Z0-9]{2,}$/.test(known)) {
    const members = await directory.group(known);
    return members && [...members];
  }
  const email = /[^\s<>]+@[^\s<>]+/.exec(known)?.[0];
  const user = email === undefined ? undefined : await directory.byEmail(email);
  return user === undefined ? undefined : [user];
}

async function isUser(id: string, directory: Directory): Promise<boolean> {
  return (await directory.user(id)) !== undefined;
}
