import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { stringAt } from './answer.ts';
import type { Slack } from './client.ts';
import { slackErrorOf } from './refusal.ts';

/** As views.open takes it. */
export type ModalView = Readonly<Record<string, unknown>>;

/** Where a modal stands: `hash` guards the next update. */
export interface OpenModal {
  readonly ok: true;
  readonly viewId: string;
  readonly hash: string;
}

/**
 * Why there is no modal. `expired`: the 3 s of the trigger were over; `used`: the trigger opened one before. For these and for
 * `late` the person must click again.
 */
export type OpenProblem =
  | { readonly ok: false; readonly reason: 'expired' | 'used' | 'late' }
  | { readonly ok: false; readonly reason: 'failed'; readonly fault: Fault };

/** `changed`: another update came first; `gone`: the person has closed it. */
export type UpdateProblem =
  | { readonly ok: false; readonly reason: 'changed' | 'gone' }
  | { readonly ok: false; readonly reason: 'failed'; readonly fault: Fault };

export interface ModalPorts {
  readonly slack: Slack;
  readonly clock: Clock;
}

/** Slack's own limit for a trigger; a call that waits longer, for a rate limit or a hang, cannot succeed any more. */
const TRIGGER_MS = 3_000;

/** Opens a modal by the trigger of a click, at once and before any look-up: it lives 3 s (S19). */
export async function openModal(
  { slack, clock }: ModalPorts,
  triggerId: string | undefined,
  view: ModalView,
): Promise<OpenModal | OpenProblem> {
  if (triggerId === undefined) return { ok: false, reason: 'expired' };
  const over = new AbortController();
  const late = clock.sleep(TRIGGER_MS, over.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  );
  const opening = opened(slack.call('views.open', { trigger_id: triggerId, view }, 'once'));
  const first = await Promise.race([opening, late]);
  over.abort();
  return first === 'late' ? { ok: false, reason: 'late' } : first;
}

async function opened(call: Promise<unknown>): Promise<OpenModal | OpenProblem> {
  try {
    return openModalOf(await call);
  } catch (error) {
    const slackError = slackErrorOf(error);
    if (slackError === 'expired_trigger_id' || slackError === 'invalid_trigger_id')
      return { ok: false, reason: 'expired' };
    if (slackError === 'exchanged_trigger_id') return { ok: false, reason: 'used' };
    return { ok: false, reason: 'failed', fault: asFault(error) };
  }
}

/** Replaces what a modal shows, unless it has changed since `hash`. */
export async function updateModal(
  slack: Slack,
  modal: { readonly viewId: string; readonly hash: string | undefined },
  view: ModalView,
): Promise<OpenModal | UpdateProblem> {
  try {
    const args = { view_id: modal.viewId, hash: modal.hash, view };
    return openModalOf(await slack.call('views.update', args, 'read'));
  } catch (error) {
    const slackError = slackErrorOf(error);
    if (slackError === 'hash_conflict') return { ok: false, reason: 'changed' };
    if (slackError === 'not_found' || slackError === 'view_not_found') return { ok: false, reason: 'gone' };
    return { ok: false, reason: 'failed', fault: asFault(error) };
  }
}

/** A modal that only says something: while the real one is being made, or why there is none. */
export function noticeModal(title: string, text: string): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: Array.from(title).slice(0, 24).join('') },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: Array.from(text).slice(0, 3000).join('') } },
    ],
  };
}

function openModalOf(answer: unknown): OpenModal {
  const viewId = stringAt(answer, 'view', 'id');
  const hash = stringAt(answer, 'view', 'hash');
  if (viewId === undefined || hash === undefined)
    throw new Fault('SLACK_FAILED', "Slack's answer names no view");
  return { ok: true, viewId, hash };
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}
