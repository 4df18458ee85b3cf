import type { Snapshot } from '../durable/machine.ts';
import { dateToken, escapeMrkdwn, splitMrkdwn, truncate, utc } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import {
  context,
  header,
  linked,
  mentionOf,
  mentionsOf,
  mrkdwn,
  plain,
  section,
  weightOf,
} from './card-parts.ts';
import type { Block } from './card-parts.ts';
import { stateOf } from './card-state.ts';
import { labelOf } from './decide-claim.ts';
import type { Approval, Terms } from './record.ts';

/** What the buttons of a card are called; the value is `id.nonce`. */
export const CARD_ACTIONS = {
  approve: 'approval:approve',
  deny: 'approval:deny',
  details: 'approval:details',
  takeBack: 'approval:take_back',
} as const;

/** Slack takes 13,297 in all, its own count is not documented. */
const MOST_WEIGHT = 12_500;
/** Of the room for details and links, details may have this much first. */
const DETAILS_FIRST = 2000;
const LONGEST_DETAILS = 6000;
const LONGEST_LINK = 3000;
const MORE_WEIGHT = 200;

/**
 * The card of a request: its state first, facts as plain text, buttons last and only while they do something. The top-level
 * text repeats state, who and what, for notifications and screen readers (slack.md 2.2). What does not fit is in Details.
 */
export function cardOf(approval: Snapshot<Approval>): Message {
  const { data, id } = approval;
  const { terms } = data;
  const state = stateOf(approval);
  const pings = approval.status === 'open' ? terms.mention.map(mentionOf).join(' ') : '';
  const top = [header(`${state.icon} ${state.title} · ${terms.gate}`), section(plain(terms.title, 1000))];
  const facts = { type: 'section', fields: factsOf(terms) };
  const bottom = [
    ...unmatchedOf(terms),
    context(state.line, pings, `#${shortId(id)}`),
    ...restoredNote(approval),
    ...(state.reason === undefined ? [] : [section(plain(`“${state.reason}”`, 1100))]),
    ...buttonsOf(approval),
  ];
  const room = MOST_WEIGHT - weightOf([...top, facts, ...bottom]);
  const links = fitting(linksOf(terms), room - Math.min(DETAILS_FIRST, terms.details?.length ?? 0));
  const details = detailsOf(terms, room - weightOf(links));
  // New ids for each state: Slack keeps what it knows of a block under its id (S30).
  const blocks = [...top, ...details, facts, ...links, ...bottom].map((block, index) => ({
    ...block,
    block_id: `approval-${data.revision}-${index}`,
  }));
  const spoken = `${state.icon} ${state.spoken}: ${escapeMrkdwn(terms.title)} (${escapeMrkdwn(terms.gate)})`;
  return { text: truncate(spoken, 3000), blocks };
}

/** `#a1b2c3`, by which people name a request. */
export function shortId(id: string): string {
  return id.slice(id.indexOf('/') + 1).slice(0, 6);
}

/** The links of a request, each a section; an address that Slack would not show is left out. */
export function linksOf({ links }: Terms): Block[] {
  return links.map(({ title, url, note }) => {
    const name = truncate(title.replace(/\s+/g, ' '), 200);
    const more = note === undefined ? '' : `\n${escapeMrkdwn(note)}`;
    const text = `*${linked(name, url)}*${more}`;
    if (url !== '' && text.length <= LONGEST_LINK && text.startsWith('*<'))
      return section(mrkdwn(text, 3000));
    return section(plain(`${name} (its address cannot be shown)`, 300));
  });
}

function fitting(links: readonly Block[], room: number): Block[] {
  let left = room - MORE_WEIGHT;
  const count = links.findIndex((link) => (left -= weightOf([link])) < 0);
  if (count === -1) return [...links];
  return [...links.slice(0, count), context(`and ${links.length - count} more, see Details`)];
}

// Each piece is a block of its own.
function detailsOf({ details = '' }: Terms, room: number): Block[] {
  const most = Math.min(LONGEST_DETAILS, room - 3 * weightOf([section(plain('x', 1))]));
  return most < 20 ? [] : splitMrkdwn(truncate(details, most)).map((text) => section(plain(text, 3000)));
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
    mentionsOf(terms.approvers),
    ...(terms.narrowed === undefined ? [] : [`who are also in ${mentionsOf(terms.narrowed)}`]),
    ...(terms.present?.approvers === undefined
      ? []
      : [`who are still in ${mentionsOf(terms.present.approvers)}`]),
    ...(terms.excluded.length === 0 ? [] : [`not ${mentionsOf(terms.excluded)}`]),
    ...(terms.raisedBy === 0
      ? []
      : [`${terms.raisedBy} more than usual, because not everybody involved is known`]),
  ].join(' · ');
  const named = Object.entries(about)
    .slice(0, 5)
    .map(([name, value]) => plain(`${name}: ${value}`.replaceAll('\n', ' '), 300));
  const hidden = Object.keys(about).length - named.length;
  return [
    ...named,
    ...(hidden > 0 ? [plain(`and ${hidden} more, see Details`, 300)] : []),
    mrkdwn(`*Build:* ${linked(truncate(labelOf(origin), 200), origin.url, 1000)}`),
    mrkdwn(`*Asked by:* ${asker}`),
    mrkdwn(`*Who may decide:* ${deciders}`, 1200),
    mrkdwn(`*Ends:* ${dateToken(terms.endsAt / 1000)} (${utc(terms.endsAt / 1000)})`),
  ];
}

function unmatchedOf({ unmatched = [], unknown = 0 }: Terms): Block[] {
  if (unmatched.length === 0) return [];
  const more = unknown > unmatched.length ? ` and ${unknown - unmatched.length} more` : '';
  const names = `Could not be matched to a Slack user: ${unmatched.join(', ')}${more}`;
  return [{ type: 'context', elements: [plain(names.replaceAll(/\s+/g, ' '), 1200)] }];
}

// What was clicked after the backup is not known: who clicked before must click again.
function restoredNote({ status, data: { restored } }: Snapshot<Approval>): Block[] {
  if (status !== 'open' || restored === undefined) return [];
  const { card, wasApproved } = restored;
  const before =
    card?.permalink === undefined ? 'the card before' : linked('the card before', card.permalink);
  const look = wasApproved
    ? `It was approved: approve again only what has not been used yet, see ${before}.`
    : `Votes count anew. What ${before} says may have been decided since.`;
  return [context(`♻️ *Asked anew*, because the listener was restored from a backup. ${look}`)];
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
  const isUsed = data.claim !== undefined && data.terms.use === 'once';
  if (status !== 'approved' || isUsed || data.terms.wait) return [];
  const confirm = {
    title: plain('Take it back?', 100),
    text: plain('The approval ends, unless a build uses it first.', 300),
    confirm: plain('Take back', 30),
    deny: plain('Keep', 30),
  };
  return [{ type: 'actions', elements: [button(CARD_ACTIONS.takeBack, 'Take back', { confirm })] }];
}
