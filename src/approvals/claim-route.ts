import { validate } from '../../generated/claim-request.js';
import type { Snapshot } from '../durable/machine.ts';
import type { Incoming, Outgoing } from '../kit/incoming.ts';
import { isRecord } from '../kit/json.ts';
import { elsewhere, failed, notFound, parsed, unknownGate } from './answers.ts';
import type { ClaimRequest } from './contract.ts';
import type { ApprovalRefusal } from './decide.ts';
import { labelOf } from './decide-claim.ts';
import { recordId } from './machine.ts';
import type { Approval } from './record.ts';
import { policyFor, viewed } from './route-ports.ts';
import type { Caller, RoutePorts } from './route-ports.ts';
import { stateWords } from './words.ts';

/** `POST /v1/claims`: the proof just before a deploy. */
export async function claimRoute(request: Incoming, caller: Caller, ports: RoutePorts): Promise<Outgoing> {
  const wish = parsed(request, validate, isClaim);
  if ('status' in wish) return wish;
  const { approval, gate, expect = {}, origin } = wish;
  if (policyFor(gate, caller, ports) === undefined) return unknownGate(gate, caller);
  const before = /^[0-9a-f]{24}$/.test(approval) ? await ports.approvals.read(recordId(approval)) : undefined;
  // Another team's is as unknown as one that never was.
  if (before === undefined || !caller.gates(before.data.terms.gate)) return notFound();
  // Team and pipeline are what the caller says they are; the token is what the operator gave them (C25).
  if (before.data.terms.token !== caller.name)
    return failed(409, 'conflict', 'the decision was asked for with another token');
  const { refused, snapshot = before } = await ports.approvals.send(before.id, {
    type: 'claim',
    claim: { gate, origin, expect },
  });
  if (refused === undefined || refused.code === 'nothing') return viewed(snapshot, ports);
  if (refused.code === 'other_origin') return elsewhere();
  const words = refusalOf(refused, snapshot, { gate, expect });
  return failed(409, 'conflict', words.message, words.hint);
}

function refusalOf(
  refused: ApprovalRefusal,
  { status, data }: Snapshot<Approval>,
  { gate, expect }: { readonly gate: string; readonly expect: Readonly<Record<string, string>> },
): { readonly message: string; readonly hint?: string } {
  const { code } = refused;
  if (code === 'other_gate') return { message: `the decision is not of the gate ${gate}` };
  if (code === 'other_build')
    return {
      message: `it was asked for by ${labelOf(data.terms.origin)}, which waits for it`,
      hint: 'ask with wait: false, or let the put that waits be one of a gate resource (source.gate): then a later build may claim it',
    };
  if (code === 'gate_gone') return { message: `the gate ${gate} is no longer configured` };
  if (code === 'expired') return { message: 'the approval has run out', hint: 'ask again' };
  if (code === 'taken')
    return {
      message: `the approval was used already, by ${data.claim?.label ?? 'another build'}`,
      hint: 'ask again: each build needs an approval of its own',
    };
  if (code === 'other_context')
    return {
      message: differences(refused.names, expect, data.terms.context),
      hint: 'the approval is about something else than this build',
    };
  if (status === 'open' && data.restored?.wasApproved === true)
    return {
      message:
        'the listener was restored from a backup: this approval may have been used, or taken back, after the backup, and is being asked anew',
      hint: 'when this build is to go on, have it approved again on the new card in Slack, then run the job again',
    };
  return { message: `it is not approved but ${status === 'open' ? 'still open' : stateWords(status)}` };
}

function differences(
  names: readonly string[],
  expect: Readonly<Record<string, string>>,
  context: Readonly<Record<string, string>>,
): string {
  const cut = (text: string | undefined) =>
    text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 100));
  return names
    .map(
      (name) =>
        `${name} is ${cut(expect[name])} here, approved was ${cut(Object.hasOwn(context, name) ? context[name] : undefined)}`,
    )
    .join('; ');
}

// The validator has checked the form before this is asked.
function isClaim(value: unknown): value is ClaimRequest {
  return isRecord(value);
}
