import { cardOf } from '../../src/approvals/card.ts';
import { gateId } from '../../src/approvals/gate.ts';
import { readApproval } from '../../src/approvals/record.ts';
import type { Approval } from '../../src/approvals/record.ts';
import { createAuditChain } from '../../src/durable/audit.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { isRecord } from '../../src/kit/json.ts';
import type { StoredRecord } from '../../src/store/store.ts';
import type { Surroundings } from '../durable/crash/crash-test.ts';
import { auditKey } from '../durable/jobs.ts';
import { watchedStore } from '../durable/watched-store.ts';
import { manualClock } from '../support/manual-clock.ts';
import { NOON } from './samples.ts';
import { slackPort } from './slack-port.ts';
import type { PostedMessage, SlackPort } from './slack-port.ts';

/** What no crash of the listener reaches: its store, the workspace, Concourse, and what people and builds were told. */
export interface World extends Surroundings {
  readonly watched: ReturnType<typeof watchedStore>;
  readonly slack: SlackPort;
  /** Gates, once for each call of their webhooks. */
  readonly poked: string[];
  /** Votes that were acknowledged: `U0ANA000001 approve`. */
  readonly votes: string[];
  /** Builds that were told that they may go on. */
  readonly claims: string[];
  /** What people were told in private. */
  readonly told: string[];
  /** How long Slack takes to say who somebody is. */
  directoryMs: number;
}

export function makeWorld(): World {
  const clock = manualClock(NOON);
  return {
    clock,
    watched: watchedStore(),
    slack: slackPort(() => clock.now()),
    poked: [],
    votes: [],
    claims: [],
    told: [],
    directoryMs: 0,
  };
}

/** The requests, oldest first, as they are stored. */
export function requestsIn({ watched }: World): readonly Snapshot<Approval>[] {
  return watched.store
    .all()
    .filter(({ kind }) => kind === 'approval')
    .map(({ data, ...record }) => ({ ...record, data: readApproval(data) }))
    .toSorted((a, b) => a.createdAt - b.createdAt);
}

/** The card of a request, where it is posted and the listener knows it. */
export function cardIn(world: World, nth = 0): PostedMessage | undefined {
  const card = requestsIn(world)[nth]?.data.card;
  return world.slack.messages.find(({ ts }) => ts === card?.ts);
}

/** Every card says what its request is now. */
export function isShown(world: World): boolean {
  return requestsIn(world).every((request) => cardProblems(request, world).length === 0);
}

/** Nothing is left to do but to wait for the end of an approval's validity. */
export function isQuiet({ watched }: World): boolean {
  return watched.store.all().every(({ effects }) => effects.every(({ key }) => key === 'validity'));
}

/** Everything in the world that is not as it was promised to be once all is quiet. */
export async function problemsIn(world: World): Promise<readonly string[]> {
  const { watched } = world;
  const chain = createAuditChain(auditKey);
  const found = [...watched.wrong];
  for (const record of watched.store.all()) {
    found.push(...chain.problems(record, await watched.store.readAudit(record.id)));
    if (record.audit.pending.length > 0) found.push(`${record.id}: audit left in the record`);
  }
  for (const request of requestsIn(world))
    found.push(
      ...cardProblems(request, world),
      ...lineProblems(request, world),
      ...decisionProblems(request),
      ...gateProblems(request, world),
      ...(request.data.card?.permalink === undefined ? [`${request.id}: no link to its card`] : []),
    );
  for (const { kind, id, data } of watched.store.all())
    if (kind === 'slots' && JSON.stringify(data) !== '{"taken":[]}')
      found.push(`${id} still has ${JSON.stringify(data['taken'])}`);
  const missing = requestsIn(world).length - world.poked.length;
  if (missing > 0) found.push(`${missing} webhooks were never called`);
  return [...found, ...answerProblems(world)];
}

function cardProblems(request: Snapshot<Approval>, { slack }: World): readonly string[] {
  const cards = slack.messages.filter(({ nonce }) => nonce.startsWith(`${request.id}:card`));
  const [card] = cards;
  if (card === undefined || cards.length > 1) return [`${request.id}: ${cards.length} cards`];
  const truth = cardOf(request);
  const isTrue = card.text === truth.text && read(card.blocks) === read(truth.blocks);
  return isTrue ? [] : [`${request.id}: its card says ${card.text}, the truth is ${truth.text}`];
}

// What people read: the ids of blocks differ from one drawing to the next.
function read(blocks: unknown): string {
  return JSON.stringify(blocks, (key, value: unknown) => (key === 'block_id' ? undefined : value));
}

function lineProblems({ id, data }: Snapshot<Approval>, { slack }: World): readonly string[] {
  return Array.from({ length: data.lines }, (_, index) => `${id}:line:${index + 1}`)
    .filter((nonce) => !slack.messages.some((message) => message.nonce === nonce))
    .map((nonce) => `${nonce} was never written`);
}

function decisionProblems({ id, status, data }: Snapshot<Approval>): readonly string[] {
  const { votes, decision, terms } = data;
  const by = decision?.by
    .map(({ user }) => user)
    .toSorted()
    .join();
  const users = (vote: string) =>
    votes
      .filter((each) => each.vote === vote)
      .map(({ user }) => user)
      .toSorted();
  if (status === 'approved' && (by !== users('approve').join() || users('approve').length < terms.quorum))
    return [`${id}: approved by ${by}, the votes are of ${users('approve').join()}`];
  if (status === 'denied' && by !== users('deny').join())
    return [`${id}: denied by ${by}, the votes are of ${users('deny').join()}`];
  return status === 'open' ? [`${id} is still open`] : [];
}

// The gate's record says each decision once, as the request's own record does.
function gateProblems({ id, status, data }: Snapshot<Approval>, { watched }: World): readonly string[] {
  const gate = watched.store.all().find((record) => record.id === gateId(data.terms.gate));
  const entries = entriesOf(gate);
  const own = entries.filter(({ approval }) => id === `approval/${String(approval)}`);
  const used = data.claim !== undefined && data.terms.use === 'once';
  return [
    ...(own.length === 1 && own[0]?.['status'] === status && own[0]['used'] === used
      ? []
      : [`${id}: its gate says ${JSON.stringify(own)}`]),
    ...(new Set(entries.map(({ seq }) => seq)).size === entries.length ? [] : [`${id}: a number twice`]),
  ];
}

function entriesOf(gate: StoredRecord | undefined): readonly Readonly<Record<string, unknown>>[] {
  const decisions: unknown = gate?.data['decisions'];
  return Array.isArray(decisions) ? decisions.filter(isRecord) : [];
}

// What was acknowledged is kept; who was told to go on is the one who claimed.
function answerProblems(world: World): readonly string[] {
  const requests = requestsIn(world);
  const kept = requests.flatMap(({ data }) => data.votes.map(({ user, vote }) => `${user} ${vote}`));
  const claimed = requests.flatMap(({ data }) => data.claim?.build ?? []);
  const builds = [...new Set(world.claims)];
  return [
    ...world.votes.filter((vote) => !kept.includes(vote)).map((vote) => `the vote ${vote} is lost`),
    ...(builds.length > 1 ? [`claimed by ${builds.join(' and ')}`] : []),
    ...builds
      .filter((build) => !claimed.some((each) => each.endsWith(`#${build}`)))
      .map((build) => `the claim of ${build} is lost`),
  ];
}
