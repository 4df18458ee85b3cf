import { decideApproval } from '../../approvals/decide.ts';
import type { ApprovalEvent, ApprovalRefusal } from '../../approvals/decide.ts';
import { recordId } from '../../approvals/machine.ts';
import { underPolicy } from '../../approvals/tighten.ts';
import { APPROVAL_SCHEMA, readApproval, writeApproval } from '../../approvals/record.ts';
import type { Approval } from '../../approvals/record.ts';
import { createAuditChain } from '../../durable/audit.ts';
import { createEngine } from '../../durable/engine.ts';
import { Fault } from '../../kit/fault.ts';
import { usedAuditKeyOf } from '../audit-key.ts';
import { gateOf } from '../config/gate-of.ts';
import type { VerbContext } from '../verb.ts';

const silent = {
  effect: () => undefined,
  newer: () => undefined,
  changed: () => undefined,
  swept: () => undefined,
};

/** Hours would not help: what is not stored by then stays in its record, and the running listener stores it. */
const AUDIT_MS = 10_000;

/**
 * Sends an event to an approval and leaves what it asks for to the listener that runs beside this. Faults: RECORD_UNKNOWN,
 * RECORD_REFUSED.
 */
export async function sendToApproval(
  id: string,
  event: ApprovalEvent,
  what: string,
  context: VerbContext,
): Promise<void> {
  const { config, clock, log, redactor } = context;
  if (!id.startsWith(recordId('')))
    throw new Fault('RECORD_REFUSED', `${id} is no approval: it cannot be ${what}`);
  const store = await context.store();
  const engine = createEngine({
    store,
    epoch: await store.readEpoch(),
    clock,
    log,
    chain: createAuditChain(usedAuditKeyOf(config)),
    observer: silent,
    redact: (text) => redactor.redact(text),
    random: Math.random,
    runsEffects: false,
    soleOwner: false,
    places: 1,
    everyMs: 1000,
  });
  const word = { policyOf: (gate: string) => gateOf(config.gates, gate), people: config.people };
  const approvals = engine.keep<Approval, ApprovalEvent, ApprovalRefusal>({
    kind: 'approval',
    schema: APPROVAL_SCHEMA,
    parse: (data) => underPolicy(readApproval(data), word),
    write: writeApproval,
    decide: decideApproval,
    restored: (epoch) => ({ type: 'restored', epoch }),
    effects: {},
  });
  try {
    const { refused, snapshot } = await approvals.send(id, event);
    if (refused === undefined) return;
    if (snapshot === undefined) throw unknown(id);
    if (refused.code === 'gate_gone')
      throw new Fault(
        'RECORD_REFUSED',
        `the gate ${snapshot.data.terms.gate} is no longer configured: ${id} cannot be ${what}`,
        { hint: 'configure the gate again, or withdraw the request' },
      );
    throw new Fault('RECORD_REFUSED', `${id} is ${snapshot.status}: it cannot be ${what}`);
  } finally {
    await engine.stop(AUDIT_MS);
  }
}

/** The Fault for an id that is nobody's. */
export function unknown(id: string): Fault {
  return new Fault('RECORD_UNKNOWN', `there is no record ${id}`, { hint: 'listener list shows the ids' });
}

/** The id of the record that an operator names: `4f1c…` as cards and builds show it, `approval/4f1c…`, or its first six letters. */
export async function idOf(given: string, context: VerbContext): Promise<string> {
  const store = await context.store();
  const short = given.replace(/^(?:#|approval\/)/, '');
  if (short.includes('/')) return short;
  if (/^[0-9a-f]{24}$/.test(short)) return recordId(short);
  const found: string[] = [];
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await store.list({ kind: 'approval' }, next);
    found.push(
      ...page.records.flatMap(({ id }) => (short.length >= 6 && id.startsWith(recordId(short)) ? [id] : [])),
    );
    next = page.next;
  }
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const message = `${found.length === 0 ? 'no record is' : `${found.length} records are`} named ${JSON.stringify(given)}`;
  throw new Fault('RECORD_UNKNOWN', message, { hint: 'listener list shows the ids' });
}
