import type { Snapshot } from '../durable/machine.ts';
import { dateToken, escapeMrkdwn, splitMrkdwn, truncate, utc } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import { labelOf } from './decide-claim.ts';
import type { Approval, Terms } from './record.ts';
import { votesAgainst, votesFor } from './record.ts';

/** What the buttons of a card are called; the value is `id.nonce`. */
export const CARD_ACTIONS = {
  approve: 'approval:approve',
  deny: 'approval:deny',
  details: 'approval:details',
  takeBack: 'approval:take_back',
} as const;

const LONGEST_DETAILS = 6000;

/**
 * The card of a request: its state first, facts as plain text, buttons last and only while they do something. The top-level
 * text repeats state, who and what, for notifications and screen readers (slack.md 2.2).
 */
export function cardOf(approval: Snapshot<Approval>): Message {
  const { data, id } = approval;
  const { terms } = data;
  const state = stateOf(approval);
  const blocks = [
    plainHeader(`${state.icon} ${state.title} · ${terms.gate}`),
    section(plain(terms.title, 3000)),
    ...splitMrkdwn(truncate(terms.details ?? '', LONGEST_DETAILS)).map((text) => section(plain(text, 3000))),
    { type: 'section', fields: factsOf(terms) },
    ...linksOf(terms),
    context(state.line, ...(state.pings ? [terms.mention.map(mentionOf).join(' ')] : []), `#${shortId(id)}`),
    ...(state.reason === undefined ? [] : [section(plain(`“${state.reason}”`, 3000))]),
    ...buttonsOf(approval),
  ];
  // New ids for each state: Slack keeps what it knows of a block under its id (S30).
  const numbered = blocks.map((block, index) => ({
    ...block,
    block_id: `approval-${data.revision}-${index}`,
  }));
  return {
    text: truncate(
      `${state.icon} ${state.spoken}: ${escapeMrkdwn(terms.title)} (${escapeMrkdwn(terms.gate)})`,
      3000,
    ),
    blocks: numbered,
  };
}

/** `#a1b2c3`, by which people name a request. */
export function shortId(id: string): string {
  return id.slice(id.indexOf('/') + 1).slice(0, 6);
}

/** An id in `<@…>` or `<!…>`, as Slack shows and pings it; an address or name as plain text. */
export function mentionOf(who: string): string {
  if (/^[UW][A-Z0-9]+$/.test(who)) return `<@${who}>`;
  if (/^S[A-Z0-9]+$/.test(who)) return `<!subteam^${who}>`;
  if (who === '@here' || who === '@channel') return `<!${who.slice(1)}>`;
  return escapeMrkdwn(who);
}

type Block = Readonly<Record<string, unknown>>;

interface State {
  readonly icon: string;
  readonly title: string;
  /** The line below the facts, mrkdwn. */
  readonly line: string;
  /** For notifications and screen readers. */
  readonly spoken: string;
  readonly pings?: boolean;
  readonly reason?: string | undefined;
}

function stateOf({ status, data }: Snapshot<Approval>): State {
  const { decision, terms, claim } = data;
  const by = decision?.by.map(({ user }) => mentionOf(user)).join(', ') ?? '';
  const at = decision === undefined ? '' : ` · ${dateToken(decision.at / 1000)}`;
  const reason = decision?.reason;
  const note = decision?.note;
  switch (status) {
    case 'open':
      return {
        icon: '⏳',
        title: 'Approval needed',
        line: progressOf(data),
        spoken: spokenProgress(data),
        pings: true,
      };
    case 'approved': {
      const until =
        decision?.validUntil === undefined ? '' : ` · valid until ${dateToken(decision.validUntil / 1000)}`;
      const used =
        claim === undefined
          ? terms.wait
            ? ''
            : ' · not used yet'
          : ` · used by ${escapeMrkdwn(claim.label)}`;
      const who = by === '' ? `Approved: ${escapeMrkdwn(note ?? '')}` : `Approved by ${by}`;
      const valid = terms.wait || claim !== undefined ? '' : until;
      return { icon: '✅', title: 'Approved', line: `${who}${at}${valid}${used}`, spoken: who, reason };
    }
    case 'denied':
      return { icon: '⛔', title: 'Denied', line: `Denied by ${by}${at}`, spoken: `Denied by ${by}`, reason };
    case 'timed_out':
      return {
        icon: '⌛',
        title: 'Timed out',
        line: `No decision by ${dateToken(terms.endsAt / 1000)}, treated as denied`,
        spoken: 'No decision in time, treated as denied',
      };
    case 'expired':
      return {
        icon: '⌛',
        title: 'Expired',
        line: `Approved by ${by}${at} · not used in time`,
        spoken: 'Approved, but not used in time',
      };
    default: {
      const who = by === '' ? '' : ` by ${by}`;
      const line = `Withdrawn${who}: ${escapeMrkdwn(note ?? '')}`;
      return { icon: '↩️', title: 'Withdrawn', line: `${line}${at}`, spoken: line };
    }
  }
}

function progressOf(data: Approval): string {
  const { terms, detached } = data;
  const [pro, contra] = [votesFor(data), votesAgainst(data)];
  const named = (label: string, votes: typeof pro) =>
    votes.length === 0
      ? []
      : [`${label} ${votes.map(({ user, at }) => `${mentionOf(user)} ${dateToken(at / 1000)}`).join(', ')}`];
  return [
    ...(detached === true ? ['⏸ build stopped'] : []),
    `*${pro.length} of ${terms.quorum}*`,
    ...named('approved by', pro),
    ...named('denied by', contra),
  ].join(' · ');
}

function spokenProgress(data: Approval): string {
  const count = votesFor(data).length;
  return count === 0 ? 'Approval needed' : `Approval needed, ${count} of ${data.terms.quorum}`;
}

function factsOf(terms: Terms): unknown[] {
  const { origin, context: about } = terms;
  const asker =
    terms.requester !== undefined
      ? mentionOf(terms.requester)
      : origin.created_by === undefined
        ? 'automatic build, requester unknown'
        : `${escapeMrkdwn(origin.created_by)} (unknown in Slack)`;
  const deciders = [
    terms.approvers.map(mentionOf).join(', '),
    ...(terms.narrowed === undefined ? [] : [`who are also in ${terms.narrowed.map(mentionOf).join(', ')}`]),
    ...(terms.excluded.length === 0 ? [] : [`not ${terms.excluded.map(mentionOf).join(', ')}`]),
    ...(terms.raisedBy === 0
      ? []
      : [`${terms.raisedBy} more than usual, because not everybody involved is known`]),
  ].join(' · ');
  const named = Object.entries(about)
    .slice(0, 5)
    .map(([name, value]) => plain(`${name}: ${value.replaceAll('\n', ' ')}`, 300));
  const hidden = Object.keys(about).length - named.length;
  return [
    ...named,
    ...(hidden > 0 ? [plain(`and ${hidden} more, see Details`, 300)] : []),
    mrkdwn(`*Build:* ${buildOf(terms)}`),
    mrkdwn(`*Asked by:* ${asker}`),
    mrkdwn(`*Who may decide:* ${deciders}`),
    mrkdwn(`*Ends:* ${dateToken(terms.endsAt / 1000)} (${utc(terms.endsAt / 1000)})`),
  ];
}

function buildOf({ origin }: Terms): string {
  const label = escapeMrkdwn(labelOf(origin));
  const { url } = origin;
  return url !== undefined && /^https?:\/\/[^\s|>]+$/.test(url)
    ? `<${url.replaceAll('&', '&amp;')}|${label}>`
    : label;
}

function linksOf({ links }: Terms): Block[] {
  return links.map(({ title, url, note }) => {
    const name = escapeMrkdwn(truncate(title.replace(/\s+/g, ' '), 200));
    const text = `*<${url.replaceAll('&', '&amp;')}|${name}>*${note === undefined ? '' : `\n${escapeMrkdwn(note)}`}`;
    return text.length <= 3000
      ? section({ type: 'mrkdwn', text })
      : section(plain(`${title} (the link is too long to show)`, 300));
  });
}

function buttonsOf({ id, status, data }: Snapshot<Approval>): Block[] {
  const value = `${id.slice(id.indexOf('/') + 1)}.${data.nonce}`;
  const button = (action: string, text: string, more: object = {}) => ({
    type: 'button',
    action_id: action,
    text: plain(text, 75),
    value,
    ...more,
  });
  if (status === 'open')
    return [
      {
        type: 'actions',
        elements: [
          button(CARD_ACTIONS.approve, 'Approve', { style: 'primary' }),
          button(CARD_ACTIONS.deny, 'Deny', { style: 'danger' }),
          button(CARD_ACTIONS.details, 'Details'),
        ],
      },
    ];
  if (status !== 'approved' || data.claim !== undefined || data.terms.wait) return [];
  const confirm = {
    title: plain('Take it back?', 100),
    text: plain('The approval ends, unless a build uses it first.', 300),
    confirm: plain('Take back', 30),
    deny: plain('Keep', 30),
  };
  return [{ type: 'actions', elements: [button(CARD_ACTIONS.takeBack, 'Take back', { confirm })] }];
}

function plainHeader(text: string): Block {
  return { type: 'header', text: plain(text, 150) };
}

function section(text: object): Block {
  return { type: 'section', text };
}

function context(...texts: readonly string[]): Block {
  const elements = texts.filter((text) => text !== '').map(mrkdwn);
  return { type: 'context', elements };
}

function plain(text: string, max: number): { type: string; text: string; emoji: boolean } {
  return { type: 'plain_text', text: truncate(text, max), emoji: false };
}

function mrkdwn(text: string): { type: string; text: string } {
  return { type: 'mrkdwn', text: truncate(text, 2000) };
}
