import { decideApproval } from '../../approvals/decide.ts';
import type { ApprovalEvent, ApprovalRefusal } from '../../approvals/decide.ts';
import { recordId } from '../../approvals/machine.ts';
import { APPROVAL_SCHEMA, readApproval, writeApproval } from '../../approvals/record.ts';
import type { Approval } from '../../approvals/record.ts';
import { createAuditChain } from '../../durable/audit.ts';
import { createEngine } from '../../durable/engine.ts';
import type { Records } from '../../durable/keeper.ts';
import { Fault } from '../../kit/fault.ts';
import { auditKeyOf } from '../audit-key.ts';
import type { VerbContext } from '../verb.ts';

const silent = {
  effect: () => undefined,
  newer: () => undefined,
  changed: () => undefined,
  swept: () => undefined,
};

/** Approvals for a verb: it sends events, and leaves what they ask for to the listener that runs beside it. */
export async function approvalsOf(
  context: VerbContext,
): Promise<Records<Approval, ApprovalEvent, ApprovalRefusal>> {
  const { config, clock, log, redactor } = context;
  const engine = createEngine({
    store: await context.store(),
    clock,
    log,
    chain: createAuditChain(auditKeyOf(config)),
    observer: silent,
    redact: (text) => redactor.redact(text),
    random: Math.random,
    runsEffects: false,
    soleOwner: false,
    places: 1,
    everyMs: 1000,
  });
  return engine.keep({
    kind: 'approval',
    schema: APPROVAL_SCHEMA,
    parse: readApproval,
    write: writeApproval,
    decide: decideApproval,
    effects: {},
  });
}

/** The id of the record that an operator names: `4f1c…` as cards and builds show it, `approval/4f1c…`, or its first six letters. */
export async function idOf(given: string, context: VerbContext): Promise<string> {
  const store = await context.store();
  if (given.includes('/')) return given;
  if (/^[0-9a-f]{24}$/.test(given)) return recordId(given);
  const short = given.replace(/^#/, '');
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
  throw new Fault(
    'RECORD_UNKNOWN',
    `${found.length === 0 ? 'no record is' : `${found.length} records are`} named ${JSON.stringify(given)}`,
    {
      hint: 'listener list shows the ids',
    },
  );
}
