import type { Snapshot } from '../durable/machine.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { ModalView } from '../slack/modal.ts';
import { splitMrkdwn } from '../slack/mrkdwn.ts';
import { linksOf } from './card.ts';
import { plain, section } from './card-parts.ts';
import { labelOf } from './decide-claim.ts';
import type { Approval } from './record.ts';

export const REASON_MODAL = 'approval:reason';
export const REASON_INPUT = 'approval:reason_text';

/** Characters of `private_metadata` (slack.md 2.1). */
const LONGEST_METADATA = 3000;
/** Of a modal, less those for the rest. */
const MOST_PIECES = 60;

/** What the form carries back, because a submission names neither channel nor message: ids, not data (S20). */
export interface ReasonTicket {
  /** `id.nonce` of the card's button. */
  readonly card: string;
  readonly vote: 'approve' | 'deny';
  readonly responseUrl?: string | undefined;
}

/** The form that asks why. It is made without asking anybody, so that it opens within the 3 s of its trigger (S19). */
export function reasonModal(ticket: ReasonTicket, title: string): ModalView {
  const verb = ticket.vote === 'deny' ? 'Deny' : 'Approve';
  return {
    type: 'modal',
    callback_id: REASON_MODAL,
    private_metadata: metadataOf(ticket),
    title: plain(verb, 24),
    submit: plain(verb, 24),
    close: plain('Cancel', 24),
    blocks: [
      section(plain(title, 3000)),
      {
        type: 'input',
        block_id: 'reason',
        label: plain('Why?', 100),
        hint: plain('Shown on the card, in the build, and kept in the audit.', 200),
        element: {
          type: 'plain_text_input',
          action_id: REASON_INPUT,
          multiline: true,
          min_length: 1,
          max_length: 1000,
        },
      },
    ],
  };
}

// Without its response URL a person is not told some things; without the form nothing works.
function metadataOf({ card, vote, responseUrl }: ReasonTicket): string {
  const all = JSON.stringify({ card, vote, responseUrl });
  return all.length <= LONGEST_METADATA ? all : JSON.stringify({ card, vote });
}

/** What a submitted form says it is about; undefined when it is not ours. */
export function readTicket(privateMetadata: string): ReasonTicket | undefined {
  const value = tryParseJson(privateMetadata);
  if (!isRecord(value)) return undefined;
  const { card, vote, responseUrl } = value;
  if (typeof card !== 'string' || (vote !== 'approve' && vote !== 'deny')) return undefined;
  return { card, vote, ...(typeof responseUrl === 'string' && { responseUrl }) };
}

/** All that is known about a request, for those who want to read more than the card shows. */
export function detailsModal({ id, data }: Snapshot<Approval>): ModalView {
  const { terms, votes } = data;
  const { origin } = terms;
  const lines = [
    `Gate: ${terms.gate}`,
    `Build: ${labelOf(origin)}${origin.team === undefined ? '' : ` of team ${origin.team}`}`,
    `Asked by: ${origin.created_by ?? 'an automatic build'}, with the token ${terms.token}`,
    ...(terms.subject === undefined ? [] : [`Subject: ${terms.subject}`]),
    ...Object.entries(terms.context).map(([name, value]) => `${name}: ${value}`),
    ...votes.map(
      ({ name, vote, reason, at }) =>
        `${vote === 'approve' ? 'For' : 'Against'}: ${name}, ${new Date(at).toISOString()}${reason === undefined ? '' : `, ${reason}`}`,
    ),
    `Id: ${id.slice(id.indexOf('/') + 1)}`,
  ].map(oneLine);
  const pieces = [...splitMrkdwn(terms.details ?? ''), ...splitMrkdwn(lines.join('\n'))];
  return {
    type: 'modal',
    title: plain('Details', 24),
    close: plain('Close', 24),
    blocks: [
      section(plain(terms.title, 3000)),
      ...pieces.slice(0, MOST_PIECES).map((text) => section(plain(text, 3000))),
      ...linksOf(terms),
    ],
  };
}

// Else what a pipeline or a voter wrote could look like somebody's vote.
function oneLine(text: string): string {
  return text.replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ⏎ ');
}
