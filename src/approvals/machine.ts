import { Later } from '../durable/machine.ts';
import type { Machine, Task } from '../durable/machine.ts';
import type { Records } from '../durable/keeper.ts';
import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import { postMessage } from '../slack/post.ts';
import { isForGood } from '../slack/for-good.ts';
import { threadLine } from './card-lines.ts';
import { countedBy } from './counted.ts';
import { decideApproval } from './decide.ts';
import type { ApprovalEvent, ApprovalRefusal } from './decide.ts';
import { needsReason, othersToCall } from './decide-vote.ts';
import type { Roll } from './decide-vote.ts';
import { gateId } from './gate.ts';
import type { Gate, GateEvent } from './gate.ts';
import { tellOldCard } from './old-card.ts';
import { APPROVAL_SCHEMA, openedTerms, readApproval, writeApproval } from './record.ts';
import type { Approval, Unresolved } from './record.ts';
import { findPermalink, showCard } from './show-card.ts';
import type { CardPorts } from './show-card.ts';
import { subjectId } from './subject.ts';
import type { Subject, SubjectEvent } from './subject.ts';
import type { OpenSlots } from './take-slots.ts';
import { underPolicy } from './tighten.ts';
import type { OperatorsWord } from './tighten.ts';
import { mayDecide, rollCall } from './voters.ts';
import type { Directory, Eligibility } from './voters.ts';
import { alreadyWords, clickWords, refusalWords } from './words.ts';

export interface ApprovalPorts extends CardPorts, OperatorsWord {
  readonly directory: Directory;
  readonly gates: Records<Gate, GateEvent, 'known'>;
  readonly subjects: Records<Subject, SubjectEvent, 'known'>;
  readonly slots: Pick<OpenSlots, 'leave'>;
  /** Asks Concourse to check the gate's resources now. Rejects when that is worth another try. */
  readonly poke: (gate: string, signal: AbortSignal) => Promise<void>;
  /** Tells one person something; lost when Slack does not take it. */
  readonly respond: (responseUrl: string, text: string) => Promise<void>;
  /** Since when people and builds could reach the listener without a break, as far as this process knows. */
  readonly servingSince: () => number;
}

export type Approvals = Records<Approval, ApprovalEvent, ApprovalRefusal>;

const MOST_POKES = 8;
const CARD_SOON_MS = 2000;
/** About a day: a line is news, and old news at last. */
const MOST_LINE_TRIES = 300;
/** Longer than this nobody waits for Slack to say who a person is. */
const RESOLVE_MS = 20_000;

/** Approvals: the table of `decideApproval`, and what it asks for. */
export function approvalMachine(ports: ApprovalPorts): Machine<Approval, ApprovalEvent, ApprovalRefusal> {
  return {
    kind: 'approval',
    schema: APPROVAL_SCHEMA,
    // Whatever is asked of a request goes by the gate's policy as it is now.
    parse: (data) => underPolicy(readApproval(data), ports),
    write: writeApproval,
    decide: decideApproval,
    restored: (epoch) => ({ type: 'restored', epoch }),
    effects: {
      card: { lane: 'slack', share: channelOf, run: (task) => showCard(task, ports) },
      permalink: { lane: 'slack', run: (task) => findPermalink(task, ports) },
      line: { lane: 'slack', share: channelOf, run: (task) => writeLine(task, ports) },
      old_card: { lane: 'slack', share: channelOf, run: (task) => tellOldCard(task, ports) },
      answer: { lane: 'slack', run: (task) => answer(task, ports) },
      // Its own: a vote that is saved waits for no card.
      resolve: { lane: 'people', run: (task) => resolve(task, ports) },
      publish: { lane: 'store', run: (task) => publish(task, ports) },
      supersede: { lane: 'store', run: (task) => supersede(task, ports) },
      leave: { lane: 'store', run: (task) => leave(task, ports) },
      webhook: { lane: 'concourse', run: (task) => webhook(task, ports) },
      card_due: { timer: () => ({ type: 'card_overdue' }) },
      timeout: { timer: () => ({ type: 'time_out', servingSince: ports.servingSince() }) },
      remind: { timer: () => ({ type: 'remind' }) },
      abandon: { timer: () => ({ type: 'abandon', servingSince: ports.servingSince() }) },
      validity: { timer: () => ({ type: 'validity_over' }) },
    },
  };
}

/** The id of an approval's record. */
export function recordId(approval: string): string {
  return `approval/${approval}`;
}

// Slack takes about one message a second in a channel: what waits there holds up no other channel.
function channelOf({ terms }: Approval): string {
  return terms.channel;
}

async function writeLine(task: Task<Approval>, ports: ApprovalPorts): Promise<undefined> {
  const { card } = task.snapshot.data;
  if (card === undefined) {
    if (task.snapshot.status !== 'open') return undefined;
    throw new Later(CARD_SOON_MS, 'the card is not posted yet');
  }
  task.stillMine();
  const { signal } = task;
  const target = { channel: card.channel, thread: card.ts };
  const call = { slack: ports.slackFor(signal), clock: ports.clock, signal };
  const line = threadLine(task.data ?? {}, task.snapshot.data.terms.mention);
  try {
    await postMessage(line, target, `${task.snapshot.id}:${task.key}`, call);
  } catch (error) {
    // Its card or channel is gone: there is no place left for it.
    if (!isForGood(error) && task.attempts < MOST_LINE_TRIES) throw error;
    ports.gone(task.snapshot.id, messageOf(error));
  }
  return undefined;
}

// A click that was saved before Slack could say who the person is. What cannot be read at the second try is refused.
async function resolve(task: Task<Approval>, ports: ApprovalPorts): Promise<ApprovalEvent | undefined> {
  const [click] = task.snapshot.data.inbox;
  if (click === undefined) return undefined;
  const { user, actionTs, responseUrl } = click;
  const tell = async (text: string) => {
    if (responseUrl !== undefined) await ports.respond(responseUrl, text);
  };
  try {
    const { found, roll } = await inTime(judged(click, task.snapshot.data, ports), ports.clock);
    if (found.ok && click.reason === undefined && needsReason(task.snapshot.data, click.vote)) {
      await tell(clickWords({ code: 'no_reason' }, undefined) ?? '');
      return {
        type: 'resolved',
        user,
        actionTs,
        verdict: { eligible: false, why: 'no reason', unsure: true },
      };
    }
    if (found.ok)
      return { type: 'resolved', user, actionTs, verdict: { eligible: true, name: found.name, roll } };
    await tell(refusalWords(found.reason));
    return { type: 'resolved', user, actionTs, verdict: { eligible: false, why: found.reason } };
  } catch (error) {
    // After the end nobody can click again: it is tried for as long as the request waits.
    if (task.attempts === 0 || ports.clock.now() >= task.snapshot.data.terms.endsAt) throw error;
    await tell('Slack did not say whether you may decide. Nothing changed: click again.');
    return {
      type: 'resolved',
      user,
      actionTs,
      verdict: { eligible: false, why: messageOf(error), unsure: true },
    };
  }
}

async function judged(
  click: Unresolved,
  data: Approval,
  { directory }: ApprovalPorts,
): Promise<{ readonly found: Eligibility; readonly roll: Roll }> {
  const [found, roll] = await Promise.all([
    mayDecide(click.user, data.terms, directory),
    rollCall(othersToCall(data, click), data.terms, directory),
  ]);
  return { found, roll };
}

async function answer({ snapshot, data }: Task<Approval>, { respond }: ApprovalPorts): Promise<undefined> {
  const urls: readonly unknown[] = Array.isArray(data?.['urls']) ? data['urls'] : [];
  await Promise.all(urls.map((url) => respond(String(url), alreadyWords(snapshot))));
  return undefined;
}

async function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(RESOLVE_MS, over.signal).then(() => {
    throw new Error('Slack did not answer in time');
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

async function publish(task: Task<Approval>, ports: ApprovalPorts): Promise<ApprovalEvent | undefined> {
  const { id, status, data } = task.snapshot;
  if (countedBy(task.key) !== undefined || !isFinal(status)) return undefined;
  const { terms, decision, claim, revision } = data;
  const until = decision?.validUntil ?? (decision?.at ?? 0) + terms.validForMs;
  const used = claim !== undefined && openedTerms(data).use === 'once';
  const approval = id.slice(id.indexOf('/') + 1);
  await ports.gates.send(gateId(terms.gate), {
    type: 'decided',
    entry: { approval, status, revision, until, used },
  });
  // Nobody waits for news of a claim.
  return task.key === 'publish' ? { type: 'published' } : undefined;
}

function isFinal(status: string): status is 'approved' | 'denied' | 'timed_out' | 'withdrawn' | 'expired' {
  return ['approved', 'denied', 'timed_out', 'withdrawn', 'expired'].includes(status);
}

async function supersede({ snapshot }: Task<Approval>, { subjects }: ApprovalPorts): Promise<undefined> {
  const { terms } = snapshot.data;
  const { id, createdAt: at } = snapshot;
  await subjects.send(subjectId(terms), { type: 'opened', id, at, supersedes: terms.supersede });
  return undefined;
}

async function leave(
  { snapshot: { id, data } }: Task<Approval>,
  { slots }: ApprovalPorts,
): Promise<undefined> {
  await slots.leave(id.slice(id.indexOf('/') + 1), data.terms);
  return undefined;
}

// A poke only makes check come sooner: it is not tried for ever.
async function webhook(task: Task<Approval>, ports: ApprovalPorts): Promise<undefined> {
  if (task.attempts < MOST_POKES) await ports.poke(task.snapshot.data.terms.gate, task.signal);
  return undefined;
}
