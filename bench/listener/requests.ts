import type { ApprovalEvent } from '../../src/approvals/decide.ts';
import { decideApproval } from '../../src/approvals/decide.ts';
import { APPROVAL_SCHEMA, readApproval, writeApproval } from '../../src/approvals/record.ts';
import type { Approval } from '../../src/approvals/record.ts';
import { createAuditChain } from '../../src/durable/audit.ts';
import { changed, recordOf, snapshotOf } from '../../src/durable/draft.ts';
import type { Draft } from '../../src/durable/draft.ts';
import { LiveSecret } from '../../src/kit/live-secret.ts';
import { auditKeyOf } from '../../src/listener/audit-key.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { AuditItem, StoredRecord } from '../../src/store/store.ts';

/** What a click on a card must say. */
export interface Card {
  /** `id.nonce`: the value of its buttons. */
  readonly value: string;
  readonly ts: string;
}

/** A request whose card is posted. */
export interface Asked extends Card {
  readonly record: StoredRecord;
  readonly audit: readonly AuditItem[];
}

export interface Wish {
  readonly gate: string;
  readonly now: number;
  /** Its card is due to be drawn anew. */
  readonly cardIsDue?: boolean;
}

/** `audit.key` of the listener. */
export const AUDIT_KEY = 'an-audit-key-of-at-least-32-characters';
export const CHANNEL = 'C0RELEASES1';
export const GROUP = 'S0GROUP0001';
const HOUR = 3_600_000;
const core = {
  epoch: 1,
  chain: createAuditChain(
    auditKeyOf({ auditKey: new LiveSecret(() => AUDIT_KEY), store: { kind: 'sqlite', path: '' } }),
  ),
};
const machine = {
  kind: 'approval',
  schema: APPROVAL_SCHEMA,
  parse: readApproval,
  write: writeApproval,
};

/** The `n`th open request, as the listener itself would have stored it. */
export function askedRequest(n: number, { gate, now, cardIsDue = false }: Wish): Asked {
  const id = `approval/${n.toString(16).padStart(24, '0')}`;
  const nonce = `n0nce${n}`;
  const ts = `17000${String(n).padStart(5, '0')}.000100`;
  const events: ApprovalEvent[] = [
    { type: 'open', nonce, terms: termsOf(n, gate, now) },
    { type: 'card_posted', channel: CHANNEL, ts },
  ];
  let draft: Draft<Approval> | undefined;
  for (const event of events) {
    const change = decideApproval(draft && snapshotOf(draft, now), event, now);
    if ('refused' in change) throw new Error(`${event.type} was refused: ${change.refused.code}`);
    draft = changed(draft, id, change, now, core);
  }
  if (draft === undefined) throw new Error('nothing was asked');
  // What Slack has done already.
  const timers = draft.effects.filter(({ key }) => key !== 'card' && key !== 'permalink');
  const card = { key: 'card', generation: 2, attempts: 0, nextAt: now };
  const effects = cardIsDue ? [...timers, card] : timers;
  const record = recordOf({ ...draft, effects }, machine, now, draft.audit.seq, core);
  return { record, audit: draft.audit.pending, value: `${id.slice('approval/'.length)}.${nonce}`, ts };
}

/** The `n`th of the 2,000 people in the group; the Slack of the bench knows them all. */
export function personOf(n: number): string {
  return `U0P${String(n).padStart(5, '0')}`;
}

/** Puts requests and their audit into a SQLite file as the listener does. */
export async function storeAll(path: string, asked: readonly Asked[]): Promise<void> {
  const store = await openSqliteStore({ path });
  await Promise.all(asked.map(({ record }) => store.save(record)));
  await Promise.all(asked.map(({ audit }) => store.putAudit(audit)));
  await store.close();
}

function termsOf(n: number, gate: string, now: number): Approval['terms'] {
  return {
    gate,
    token: 'ci-main',
    origin: {
      team: 'main',
      pipeline: 'app',
      job: 'release',
      build_id: String(n),
      build_name: '41',
      url: `https://ci.example.com/builds/${n}`,
      created_by: 'octocat',
    },
    title: `Ship 1.2.${n} to production?`,
    details: 'All tests have passed. The release notes are linked below.',
    context: { version: `1.2.${n}`, commit: '3f786850e387550fdab836ed7e6dc881de23001b' },
    supersede: false,
    links: [{ title: 'Release notes', url: 'https://example.com/releases/1.2' }],
    content: 'digest-of-what-was-asked',
    approvers: [GROUP],
    quorum: 1,
    denyQuorum: 1,
    excluded: [],
    raisedBy: 0,
    requireReason: 'never',
    endsAt: now + HOUR,
    onTimeout: 'deny',
    validForMs: 24 * HOUR,
    use: 'once',
    wait: false,
    abandonAfterMs: 120_000,
    channel: CHANNEL,
    mention: [],
  };
}
