import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { createFreshCache } from '../kit/fresh-cache.ts';
import type { FreshCache } from '../kit/fresh-cache.ts';
import type { Home } from './admission.ts';
import type { Slack } from './client.ts';
import { isListed, judge, kindOfApprover, unfit } from './eligibility.ts';
import type { Eligibility, Lookups, Person } from './eligibility.ts';
import { readAddress, readGroup, readUser, sameCase } from './read-people.ts';

export interface PeopleOptions {
  readonly slack: Slack;
  readonly clock: Clock;
  /** The workspace whose members count; asked at each decision. */
  readonly home: () => Home;
  /** How old an answer of Slack may be; default 60 s. */
  readonly maxAgeMs?: number | undefined;
}

/** Who people are, asked of Slack. Everything rejects when it cannot be known: then nobody is let through. */
export interface People {
  /** Undefined when Slack knows nobody by this id. */
  user(id: string): Promise<Person | undefined>;
  /** The members of a user group; undefined when there is no such group. */
  group(id: string): Promise<ReadonlySet<string> | undefined>;
  /** The id of the member whose confirmed address this is exactly (S33). */
  byEmail(email: string): Promise<string | undefined>;
  /** The same from what is fresh, without asking. */
  cachedUser(id: string): { readonly value: Person | undefined } | undefined;
  cachedGroup(id: string): { readonly value: ReadonlySet<string> | undefined } | undefined;
  /** Whether somebody may decide, by a list of users, user groups and e-mail addresses. */
  eligible(user: string, approvers: readonly string[], rules?: Rules): Promise<Eligibility>;
  /** The same from what is fresh, without asking; undefined when that is not enough. */
  known(user: string, approvers: readonly string[], rules?: Rules): Eligibility | undefined;
  /** Everybody in the list who may decide. Entries that name nobody are left out, unless all do: then it rejects. */
  expand(approvers: readonly string[], rules?: Rules): Promise<ReadonlySet<string>>;
}

export interface Rules {
  /** Users who may not decide, listed or not. */
  readonly excluded?: readonly string[];
}

const MAX_AGE_MS = 60_000;
/** That somebody is not there is asked again soon: they may just be joining. */
const NOBODY_MS = 5_000;
const CAPACITY = 5_000;
/** Members of large groups beyond this are taken for active when they are counted; who clicks is always looked at. */
const MOST_EXAMINED = 50;

/** People with a memory of at most a minute, in which all who ask at once share one call: user groups allow 20 a minute. */
export function createPeople({ slack, clock, home, maxAgeMs = MAX_AGE_MS }: PeopleOptions): People {
  const cache = <T>(load: (key: string) => Promise<T>): FreshCache<T> =>
    createFreshCache({
      load,
      now: () => clock.now(),
      lifeMs: (value) => Math.min(maxAgeMs, value === undefined ? NOBODY_MS : maxAgeMs),
      capacity: CAPACITY,
    });
  const users = cache((id) => readUser(slack, id));
  const groups = cache((id) => readGroup(slack, id, home()));
  const addresses = cache((email) => readAddress(slack, email));

  const lookups: Lookups = {
    person: (id) => users.peek(id),
    group: (id) => groups.peek(id),
    address: (email) => addresses.peek(sameCase(email)),
  };

  const known = (user: string, approvers: readonly string[], rules: Rules = {}): Eligibility | undefined => {
    if (rules.excluded?.includes(user) === true) return { ok: false, reason: 'excluded' };
    const here = home();
    return isHome(here) ? judge(user, approvers, here, lookups) : undefined;
  };

  /** The users whom one entry of a list stands for; undefined when it names nobody. */
  const usersOf = async (entry: string): Promise<readonly string[] | undefined> => {
    const kind = kindOfApprover(entry);
    if (kind === 'user') return [entry];
    if (kind === 'group') {
      const members = await groups.get(entry);
      return members && [...members];
    }
    const id = kind === 'email' ? await addresses.get(sameCase(entry)) : undefined;
    return id === undefined ? undefined : [id];
  };

  return {
    user: (id) => users.get(id),
    group: (id) => groups.get(id),
    byEmail: (email) => addresses.get(sameCase(email)),
    cachedUser: (id) => users.peek(id),
    cachedGroup: (id) => groups.peek(id),
    known,

    async eligible(user, approvers, rules) {
      const now = known(user, approvers, rules);
      if (now !== undefined) return now;
      const here = homeOf(home);
      const { lookups: learned, failures } = await learn(user, approvers, { users, groups, addresses });
      const told = judge(user, approvers, here, learned);
      if (told !== undefined) return told;
      const [first] = failures;
      throw first instanceof Error ? first : new Error('Slack did not say who may decide');
    },

    async expand(approvers, { excluded = [] } = {}) {
      const found = await Promise.all(approvers.map(usersOf));
      if (approvers.length > 0 && found.every((one) => one === undefined))
        throw new Fault('SLACK_REFUSED', `Slack knows nobody of ${approvers.join(', ')}`, {
          hint: 'check the ids of users and user groups, and the e-mail addresses',
        });
      const listed = [...new Set(found.flatMap((one) => one ?? []))].filter((id) => !excluded.includes(id));
      const examined = await Promise.all(listed.slice(0, MOST_EXAMINED).map((id) => users.get(id)));
      const here = homeOf(home);
      const isFit = (person: Person | undefined) => person !== undefined && unfit(person, here) === undefined;
      return new Set(listed.filter((_, at) => at >= MOST_EXAMINED || isFit(examined[at])));
    },
  };
}

interface Caches {
  readonly users: FreshCache<Person | undefined>;
  readonly groups: FreshCache<ReadonlySet<string> | undefined>;
  readonly addresses: FreshCache<string | undefined>;
}

/** Asks Slack for all that a decision needs; what could not be had stays unknown, with the first reason. */
async function learn(
  user: string,
  approvers: readonly string[],
  { users, groups, addresses }: Caches,
): Promise<{ readonly lookups: Lookups; readonly failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const ask = async <T>(keys: readonly string[], cache: FreshCache<T>) => {
    const found = new Map<string, { readonly value: T }>();
    const one = async (key: string) => void found.set(key, { value: await cache.get(key) });
    await Promise.all(keys.map((key) => one(key).catch((error: unknown) => failures.push(error))));
    return (key: string) => found.get(key);
  };
  const of = (kind: string) => approvers.filter((entry) => kindOfApprover(entry) === kind);
  const [group, byAddress] = await Promise.all([
    ask(of('group'), groups),
    ask(of('email').map(sameCase), addresses),
  ]);
  const listing = { group, address: (email: string) => byAddress(sameCase(email)) };
  const isIn = approvers.some((entry) => isListed(user, entry, listing));
  return { lookups: { ...listing, person: await ask(isIn ? [user] : [], users) }, failures };
}

// Without a home nobody belongs to it; that is a failure to know, not a verdict on the person.
function homeOf(home: () => Home): Home {
  const here = home();
  if (isHome(here)) return here;
  throw new Fault('SLACK_FAILED', 'the workspace of the listener is not known yet', {
    hint: 'set slack.team_id, or check slack.bot_token',
  });
}

function isHome({ teamId, enterpriseId }: Home): boolean {
  return teamId !== undefined || enterpriseId !== undefined;
}
