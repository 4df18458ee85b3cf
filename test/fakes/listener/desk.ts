import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FakeApproval } from './approval.ts';
import type { FakeDecision, OpenBody } from './approval.ts';
import { isRecord, problemOf } from './body.ts';

/** What a test wants of a gate. */
export interface FakeGate {
  /** Default `once`. */
  readonly use?: 'once' | 'many';
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why the request is not one of the contract. */
  readonly unknown?: string | undefined;
}

export interface Desk {
  readonly approvals: readonly FakeApproval[];
  open(body: unknown): Reply;
  view(id: string, query: URLSearchParams, res: ServerResponse): Promise<Reply>;
  leave(id: string, how: 'detach' | 'withdraw', body: unknown): Reply;
  decisions(gate: string, query: URLSearchParams): Reply;
  claim(body: unknown): Reply;
  vote(approval: FakeApproval, name: string): void;
  decide(approval: FakeApproval, decision: FakeDecision): void;
}

const LONGEST_POLL_S = 25;

/** Keeps approvals as a listener does, but for votes: a test decides. */
export function createDesk(gates: Readonly<Record<string, FakeGate>>): Desk {
  const approvals: FakeApproval[] = [];
  /** In the order of the decisions. */
  const decided: FakeApproval[] = [];
  const changes = new EventEmitter().setMaxListeners(0);
  const changed = (approval: FakeApproval) => {
    approval.revision += 1;
    changes.emit(approval.id);
  };
  const decide = (approval: FakeApproval, { status, by, reason, note }: FakeDecision) => {
    approval.status = status;
    approval.voters = by ? [...by] : approval.voters;
    approval.reason = reason;
    approval.note = note;
    approval.decidedAt ??= Date.now();
    if (!decided.includes(approval)) decided.push(approval);
    changed(approval);
  };
  const find = (id: string) => approvals.find((each) => each.id === id);
  const lost = (id: string) => no(404, 'not_found', `no approval ${id}`);

  return {
    approvals,
    decide,
    vote(approval, name) {
      approval.voters.push(name);
      changed(approval);
    },
    open(given) {
      if (!isOpen(given)) return malformed('open', given);
      if (!Object.hasOwn(gates, given.gate)) return no(404, 'not_found', `gate ${given.gate} is unknown`);
      const same = approvals.find(({ body }) => body.gate === given.gate && body.key === given.key);
      if (same && contentOf(same.body) !== contentOf(given))
        return no(409, 'conflict', `key ${given.key} was used for another request`);
      if (same) {
        if (same.detached !== undefined) changed(same);
        same.detached = undefined;
        return ok(same.view());
      }
      for (const older of approvals)
        if (
          given.subject !== undefined &&
          older.body.subject === given.subject &&
          older.status === 'requested'
        )
          decide(older, { status: 'withdrawn', note: 'superseded by a newer request' });
      const approval = new FakeApproval(`a${approvals.length + 1}b2c3d4`, given, gates[given.gate]?.use);
      approvals.push(approval);
      return ok(approval.view(), 201);
    },
    async view(id, query, res) {
      const approval = find(id);
      if (!approval) return lost(id);
      const scope = query.get('scope');
      if (scope !== null && scope !== digestOf(scopeOf(approval.body.origin)))
        return no(409, 'conflict', 'it was asked for in another pipeline');
      const wait = Math.min(Number(query.get('wait') ?? 0), LONGEST_POLL_S);
      const news = () => approval.revision !== Number(query.get('seen')) || approval.status !== 'requested';
      if (wait > 0 && !news()) await held(approval, query.get('hold') === 'true', wait, res, changes);
      return ok(approval.view());
    },
    leave(id, how, body) {
      const problem = problemOf('leave', body);
      if (problem !== undefined || !isRecord(body)) return malformed('leave', body);
      const approval = find(id);
      if (!approval) return lost(id);
      if (approval.status !== 'requested') return ok(approval.view());
      const reason = typeof body['reason'] === 'string' ? body['reason'] : '';
      if (how === 'withdraw') decide(approval, { status: 'withdrawn', note: reason });
      else approval.detached = reason;
      return ok(approval.view());
    },
    decisions(gate, query) {
      if (!Object.hasOwn(gates, gate)) return no(404, 'not_found', `gate ${gate} is unknown`);
      const emit = (query.get('emit') ?? 'approved').split(',');
      const live = decided.filter(
        (each) => each.body.gate === gate && each.live && emit.includes(each.status),
      );
      const from = live.findIndex(({ id }) => id === query.get('from'));
      const decisions = live.slice(Math.max(from, 0)).map(({ id, status }) => ({ approval: id, status }));
      return ok({ gate, decisions });
    },
    claim(body) {
      const problem = problemOf('claim', body);
      if (problem !== undefined || !isRecord(body)) return malformed('claim', body);
      const approval = find(String(body['approval']));
      if (!approval) return lost(String(body['approval']));
      const refusal = claimRefusal(approval, body);
      if (refusal !== undefined) return no(409, 'conflict', refusal);
      approval.claimedBy = buildOf(body['origin']);
      changed(approval);
      return ok(approval.view());
    },
  };
}

async function held(
  approval: FakeApproval,
  hold: boolean,
  seconds: number,
  res: ServerResponse,
  changes: EventEmitter,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const timer = setTimeout(() => gone.abort(), seconds * 1000);
  if (hold) approval.holding += 1;
  try {
    await once(changes, approval.id, { signal: gone.signal });
  } catch {
    // Nothing has happened, or nobody waits any more.
  } finally {
    clearTimeout(timer);
    if (hold) approval.holding -= 1;
  }
}

function claimRefusal(approval: FakeApproval, body: Record<string, unknown>) {
  const { context = {}, origin, for_build: forBuild } = approval.body;
  const { use } = approval;
  const build = buildOf(body['origin']);
  if (body['gate'] !== approval.body.gate) return `approval ${approval.id} is of gate ${approval.body.gate}`;
  if (scopeOf(origin) !== scopeOf(body['origin'])) return 'it was asked for in another pipeline';
  if (forBuild === true && use === 'once' && buildOf(origin) !== build)
    return `it was asked for by build ${buildOf(origin)}, which waits for it`;
  if (approval.status !== 'approved') return `approval ${approval.id} is ${approval.status}`;
  const expect = isRecord(body['expect']) ? body['expect'] : {};
  const other = Object.entries(expect).find(([name, value]) => context[name] !== value);
  if (other) return `${other[0]} was approved as "${context[other[0]] ?? ''}", is "${String(other[1])}" now`;
  if (use === 'once' && approval.claimedBy !== undefined && approval.claimedBy !== build)
    return `already used by build ${approval.claimedBy}`;
  return undefined;
}

function scopeOf(origin: unknown): string {
  const of = isRecord(origin) ? origin : {};
  return JSON.stringify([of['team'], of['pipeline'], of['instance_vars']]);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function buildOf(origin: unknown): string {
  return isRecord(origin) ? String(origin['build_id']) : '';
}

function isOpen(body: unknown): body is OpenBody {
  return problemOf('open', body) === undefined;
}

// What a person is asked: links are signed anew at each attempt, and another attempt is still the same question.
function contentOf(body: OpenBody): string {
  const { origin: _origin, links: _links, ...content } = body;
  return JSON.stringify(Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function ok(body: Record<string, unknown>, status = 200): Reply {
  return { status, body };
}

function no(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}

function malformed(kind: 'open' | 'leave' | 'claim', body: unknown): Reply {
  const problem = problemOf(kind, body) ?? 'malformed';
  return { ...no(400, 'invalid', problem), unknown: `${kind}: ${problem}` };
}
