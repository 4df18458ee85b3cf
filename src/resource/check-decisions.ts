import type { ApprovalStatus } from '../approvals/contract.ts';
import { Fault } from '../kit/fault.ts';
import { isVersionKey } from './get-decision.ts';
import { listenerOf } from './listener-of.ts';
import type { StepContext } from './run-step.ts';
import type { Source } from './source.ts';

type Given = Readonly<Record<string, unknown>>;
type Version = Readonly<Record<string, string>>;

const LONGEST_ID = 100;

/**
 * The check of a gate resource: the decisions that the listener confirms, oldest first, and nothing else. It fails when the
 * listener does not answer: an old answer would be an open gate.
 */
export async function checkGate(
  gate: string,
  given: Given,
  source: Source,
  context: StepContext,
): Promise<readonly Version[]> {
  const listener = listenerOf(source, context, 'to check a gate');
  const answer = await listener.decisions(gate, source.emit, idOf(given));
  if (answer.gate !== gate) {
    throw new Fault('LISTENER_FAILED', `asked for gate ${gate}, answered about gate ${answer.gate}`, {
      hint: 'check source.listener.url and what stands before it',
    });
  }
  return answer.decisions
    .filter(({ status }) => isAmong(source.emit, status))
    .map(({ approval, status }) => ({ approval, status }));
}

/** An approval of a resource that is no gate: the given version where the listener confirms it, else nothing. */
export async function confirmedVersion(
  given: Given,
  source: Source,
  context: StepContext,
): Promise<readonly Given[]> {
  const id = idOf(given);
  const foreign = Object.entries(given).some(
    ([key, value]) => !isVersionKey(key) || typeof value !== 'string',
  );
  if (!source.listener || id === undefined || foreign) return [];
  const view = await listenerOf(source, context, 'to confirm an approval').find(id);
  if (view === undefined || view.approval !== id) return [];
  return given['status'] === 'requested' || given['status'] === view.status ? [given] : [];
}

function idOf({ approval }: Given): string | undefined {
  return typeof approval === 'string' && approval !== '' && approval.length <= LONGEST_ID
    ? approval
    : undefined;
}

function isAmong(list: readonly string[], status: ApprovalStatus): boolean {
  return list.includes(status);
}
