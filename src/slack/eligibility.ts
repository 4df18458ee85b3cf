import type { Home } from './admission.ts';

/** A member, guest or stranger, as users.info tells. */
export interface Person {
  readonly id: string;
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  readonly deleted: boolean;
  readonly bot: boolean;
  readonly guest: boolean;
  /** From another workspace, met in a shared channel. */
  readonly stranger: boolean;
  /** For display alone (S21). */
  readonly name: string;
  readonly email: string | undefined;
}

export type Ineligible = 'not_listed' | 'guest' | 'deactivated' | 'foreign' | 'bot' | 'excluded';

/** Whether somebody may decide; `via` is the entry of the list that says so. */
export type Eligibility =
  | { readonly ok: true; readonly name: string; readonly via: string }
  | { readonly ok: false; readonly reason: Ineligible };

/** A value that is known, or undefined where Slack would have to be asked. */
export type Known<T> = { readonly value: T } | undefined;

/** What is known of Slack. */
export interface Lookups {
  readonly person: (id: string) => Known<Person | undefined>;
  /** The members of a user group; its value is undefined when there is no such group. */
  readonly group: (id: string) => Known<ReadonlySet<string> | undefined>;
  /** The id of the member with an address. */
  readonly address: (email: string) => Known<string | undefined>;
}

/**
 * Whether a person may decide by a list of users (`U…`, `W…`), user groups (`S…`) and e-mail addresses: listed, and a full,
 * active member of this workspace (A11, A14). Undefined when what is known does not tell.
 */
export function judge(
  user: string,
  approvers: readonly string[],
  home: Home,
  lookups: Lookups,
): Eligibility | undefined {
  const answers = approvers.map((entry) => ({ entry, listed: isListed(user, entry, lookups) }));
  const via = answers.find(({ listed }) => listed === true)?.entry;
  if (via === undefined) {
    // Who is not listed needs no look-up: a crowd that clicks costs Slack nothing.
    const isSure = answers.every(({ listed }) => listed === false);
    return isSure ? { ok: false, reason: 'not_listed' } : undefined;
  }
  const known = lookups.person(user);
  if (known === undefined) return undefined;
  const person = known.value;
  if (person === undefined) return { ok: false, reason: 'foreign' };
  const reason = unfit(person, home);
  return reason === undefined ? { ok: true, name: person.name, via } : { ok: false, reason };
}

/** Whether an entry of a list stands for the person; undefined when that is not known. */
export function isListed(
  user: string,
  entry: string,
  { group, address }: Pick<Lookups, 'group' | 'address'>,
): boolean | undefined {
  const kind = kindOfApprover(entry);
  if (kind === 'user') return entry === user;
  if (kind === 'other') return false;
  if (kind === 'group') {
    const members = group(entry);
    return members && members.value?.has(user) === true;
  }
  const member = address(entry);
  return member && member.value === user;
}

/** What an entry of a list of approvers names. */
export function kindOfApprover(entry: string): 'user' | 'group' | 'email' | 'other' {
  if (/^[UW][A-Z0-9]+$/.test(entry)) return 'user';
  if (/^S[A-Z0-9]+$/.test(entry)) return 'group';
  return /^[^\s@<>]+@[^\s@<>]+$/.test(entry) ? 'email' : 'other';
}

/** Why a person may decide nothing here, listed or not. */
export function unfit(person: Person, home: Home): Ineligible | undefined {
  if (person.deleted) return 'deactivated';
  if (person.bot) return 'bot';
  if (person.stranger || !belongs(person, home)) return 'foreign';
  return person.guest ? 'guest' : undefined;
}

function belongs(person: Person, home: Home): boolean {
  const { teamId, enterpriseId } = home;
  if (enterpriseId !== undefined && [person.enterpriseId, person.teamId].includes(enterpriseId)) return true;
  return teamId !== undefined && person.teamId === teamId;
}
