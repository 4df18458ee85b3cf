import type { Snapshot } from '../durable/machine.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { ModalView } from '../slack/modal.ts';
import { truncate } from '../slack/mrkdwn.ts';
import { labelOf } from './decide-claim.ts';
import type { Approval } from './record.ts';

export const REASON_MODAL = 'approval:reason';
export const REASON_INPUT = 'approval:reason_text';

/** What the form carries back, because a submission names neither channel nor message: ids, not data (S20). */
export interface ReasonTicket {
  /** `id.nonce` of the card's button. */
  readonly card: string;
  readonly vote: 'approve' | 'deny';
  readonly responseUrl?: string | undefined;
}

/** The form that asks why. It is made without asking anybody, so that it opens within the 3 s of its trigger (S19). */
export function reasonModal(ticket: ReasonTicket, title: string): ModalView {
  const denies = ticket.vote === 'deny';
  return {
    type: 'modal',
    callback_id: REASON_MODAL,
    private_metadata: JSON.stringify(ticket),
    title: { type: 'plain_text', text: denies ? 'Deny' : 'Approve' },
    submit: { type: 'plain_text', text: denies ? 'Deny' : 'Approve' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      { type: 'section', text: plain(title, 3000) },
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Why?' },
        hint: { type: 'plain_text', text: 'Shown on the card, in the build, and kept in the audit.' },
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
  ];
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Details' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      { type: 'section', text: plain(terms.title, 3000) },
      ...(terms.details === undefined
        ? []
        : pieces(terms.details).map((text) => ({ type: 'section', text: plain(text, 3000) }))),
      ...pieces(lines.join('\n')).map((text) => ({ type: 'section', text: plain(text, 3000) })),
    ],
  };
}

function pieces(text: string): string[] {
  return text.match(/[^]{1,2900}/g) ?? [];
}

function plain(text: string, max: number): object {
  return { type: 'plain_text', text: truncate(text, max), emoji: false };
}
