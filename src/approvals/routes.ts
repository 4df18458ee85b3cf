import { validate as validLeave } from '../../generated/leave-request.js';
import { validate as validOpen } from '../../generated/open-request.js';
import type { Snapshot } from '../durable/machine.ts';
import { Fault } from '../kit/fault.ts';
import type { Incoming, Outgoing, Route } from '../kit/incoming.ts';
import { isRecord } from '../kit/json.ts';
import { elsewhere, failed, notFound, parsed, tooManyOpen, unknownGate } from './answers.ts';
import { claimRoute } from './claim-route.ts';
import type { LeaveRequest, OpenRequest } from './contract.ts';
import { liveDecisions } from './decisions.ts';
import { recordId } from './machine.ts';
import { openApproval } from './open.ts';
import type { Opened } from './open.ts';
import { policyFor, readsAll, viewed } from './route-ports.ts';
import type { Caller, RoutePorts } from './route-ports.ts';
import type { Approval } from './record.ts';
import { scopeDigest, scopeOf } from './scope.ts';

const LONGEST_WAIT_S = 25;
/** Another replica's changes are seen by looking. */
const LOOK_MS = 1000;
const BODY = 256 * 1024;
const FINAL = new Set(['approved', 'denied', 'timed_out', 'withdrawn', 'expired']);

/** The routes of /v1 that pipelines use. Whatever is not allowed and whatever is not there have the same answer: 404. */
export function approvalRoutes(ports: RoutePorts): readonly Route[] {
  const route = (
    method: Route['method'],
    path: string,
    may: string,
    act: (request: Incoming, caller: Caller) => Promise<Outgoing>,
  ): Route => ({
    method,
    path,
    port: 'private',
    bodyLimit: BODY,
    async handle(request) {
      const caller = ports.callerOf(request);
      if (caller === undefined)
        return failed(
          401,
          'unauthorized',
          'the listener does not know this token',
          'check source.listener.token',
        );
      if (!caller.may.has(may) && !(may === 'read' && readsAll(caller)))
        return failed(
          403,
          'forbidden',
          `the token ${caller.name} may not ${may}`,
          `add ${may} to its "may" in the configuration of the listener`,
        );
      try {
        return await act(request, caller);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return failed(503, 'unavailable', error.message, 'try again; asking twice changes nothing');
      }
    },
  });
  return [
    route('POST', '/v1/approvals', 'open', (request, caller) => open(request, caller, ports)),
    route('GET', '/v1/approvals/:id', 'read', (request, caller) => read(request, caller, ports)),
    route('POST', '/v1/approvals/:id/detach', 'open', (request, caller) =>
      leave('detach', request, caller, ports),
    ),
    route('POST', '/v1/approvals/:id/withdraw', 'open', (request, caller) =>
      leave('withdraw', request, caller, ports),
    ),
    route('GET', '/v1/gates/:gate/decisions', 'read', (request, caller) => decisions(request, caller, ports)),
    route('POST', '/v1/claims', 'claim', (request, caller) => claimRoute(request, caller, ports)),
  ];
}

async function open(request: Incoming, caller: Caller, ports: RoutePorts): Promise<Outgoing> {
  const wish = parsed(request, validOpen, isOpen);
  if ('status' in wish) return wish;
  const policy = policyFor(wish.gate, caller, ports);
  if (policy === undefined) return unknownGate(wish.gate, caller);
  const opened = await openApproval(wish, policy, caller, ports);
  if ('snapshot' in opened) return viewed(opened.snapshot, ports, opened.kind === 'opened' ? 201 : 200);
  ports.notOpened(reasonOf(opened));
  switch (opened.kind) {
    case 'conflict':
      return failed(
        409,
        'conflict',
        'this key has already asked for something else',
        'choose another key, or leave it out',
      );
    case 'taken':
      return failed(
        409,
        'conflict',
        `this key belongs to another build, ${opened.by}, and its decision can be used once`,
        'leave the key out, or let it hold {{BUILD_ID}}: each build needs an approval of its own',
      );
    case 'invalid':
      return failed(
        400,
        'invalid',
        opened.problems.join('; '),
        opened.hint ?? 'the policy of the gate is the operator’s: a pipeline can only narrow it',
      );
    case 'full':
      return tooManyOpen(`the ${opened.of} ${opened.of === 'gate' ? wish.gate : caller.name}`, opened.most);
    default:
      return opened satisfies never;
  }
}

function reasonOf(opened: Exclude<Opened, { snapshot: unknown }>): Parameters<RoutePorts['notOpened']>[0] {
  if (opened.kind === 'full') return `${opened.of}_full`;
  return opened.kind === 'taken' ? 'conflict' : opened.kind;
}

async function read(request: Incoming, caller: Caller, ports: RoutePorts): Promise<Outgoing> {
  const found = await mine(request, caller, ports);
  if (found === undefined || !(isOwn(found, caller) || readsAll(caller))) return notFound();
  const { query } = request;
  const scope = query.get('scope');
  if (scope !== null && scope !== scopeDigest(found.data.terms.origin) && !readsAll(caller))
    return elsewhere();
  const wait = Math.min(Number(query.get('wait') ?? '0'), LONGEST_WAIT_S);
  // Whoever holds a request open must be one who could have opened it.
  if (query.get('hold') === 'true' && isOwn(found, caller))
    await ports.approvals.send(found.id, { type: 'held' });
  if (!(wait > 0) || FINAL.has(found.status)) return viewed(found, ports);
  return viewed(await changed(found, Number(query.get('seen') ?? '-1'), wait * 1000, request, ports), ports);
}

/** The request once its revision is another one than `seen`, or as it is when the time is over or the caller has left. */
async function changed(
  first: Snapshot<Approval>,
  seen: number,
  waitMs: number,
  request: Incoming,
  ports: RoutePorts,
): Promise<Snapshot<Approval>> {
  const { clock, engine, approvals } = ports;
  const end = clock.now() + waitMs;
  // Made before each look, so that no change between the look and the sleep goes unnoticed.
  let pause = new AbortController();
  const unwatch = engine.watch(first.id, () => pause.abort());
  try {
    for (let current = first; ; ) {
      pause = new AbortController();
      current = await fresh(current, approvals);
      const left = end - clock.now();
      if (current.data.revision !== seen || FINAL.has(current.status) || left <= 0 || request.signal.aborted)
        return current;
      await clock
        .sleep(Math.min(LOOK_MS, left), AbortSignal.any([pause.signal, request.signal]))
        .catch(() => undefined);
    }
  } finally {
    unwatch();
  }
}

async function fresh(
  before: Snapshot<Approval>,
  approvals: RoutePorts['approvals'],
): Promise<Snapshot<Approval>> {
  return (await approvals.read(before.id)) ?? before;
}

async function leave(
  type: 'detach' | 'withdraw',
  request: Incoming,
  caller: Caller,
  ports: RoutePorts,
): Promise<Outgoing> {
  const wish = parsed(request, validLeave, isLeave);
  if ('status' in wish) return wish;
  const found = await mine(request, caller, ports);
  if (
    found === undefined ||
    !isOwn(found, caller) ||
    scopeOf(found.data.terms.origin) !== scopeOf(wish.origin)
  )
    return notFound();
  const why = type === 'detach' ? (wish.reason ?? 'build stopped') : byPipeline(wish.reason);
  const { snapshot = found } = await ports.approvals.send(
    found.id,
    type === 'detach' ? { type, why } : { type, why, by: undefined, whileOpen: true },
  );
  return viewed(snapshot, ports);
}

// On the card it must not read as if somebody else had done it.
function byPipeline(reason: string | undefined): string {
  return `by the pipeline${reason === undefined ? '' : `: ${reason}`}`;
}

async function decisions({ params, query }: Incoming, caller: Caller, ports: RoutePorts): Promise<Outgoing> {
  const gate = params['gate'] ?? '';
  if (policyFor(gate, caller, ports) === undefined) return unknownGate(gate, caller);
  const emit = new Set((query.get('emit') ?? 'approved').split(',').filter((status) => FINAL.has(status)));
  const token = readsAll(caller) ? undefined : caller.name;
  const wish = { emit, from: query.get('from') ?? undefined, token };
  const found = await liveDecisions(gate, wish, { ...ports, now: ports.clock.now() });
  return { status: 200, body: { gate, decisions: found } };
}

// Another team's request is as unknown as one that never was.
async function mine(
  { params }: Incoming,
  caller: Caller,
  { approvals }: RoutePorts,
): Promise<Snapshot<Approval> | undefined> {
  const id = params['id'] ?? '';
  if (!/^[0-9a-f]{24}$/.test(id)) return undefined;
  const found = await approvals.read(recordId(id));
  return found !== undefined && caller.gates(found.data.terms.gate) ? found : undefined;
}

function isOwn({ data }: Snapshot<Approval>, caller: Caller): boolean {
  return data.terms.token === caller.name;
}

// The validators have checked the form before these are asked.
function isOpen(value: unknown): value is OpenRequest {
  return isRecord(value);
}

function isLeave(value: unknown): value is LeaveRequest {
  return isRecord(value);
}
