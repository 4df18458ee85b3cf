import type { Engine } from '../durable/engine.ts';
import type { Clock } from '../kit/clock.ts';
import type { Route } from '../kit/incoming.ts';
import type { Log } from '../kit/log.ts';
import type { Slack } from '../slack/client.ts';
import type { Registration } from '../slack/handlers.ts';
import type { Store } from '../store/store.ts';
import { takeClicks } from './clicks.ts';
import { gateMachine } from './gate.ts';
import type { Gate, GateEvent } from './gate.ts';
import { approvalMachine } from './machine.ts';
import type { ApprovalPorts, Approvals } from './machine.ts';
import { approvalRoutes } from './routes.ts';
import type { RoutePorts } from './route-ports.ts';
import { slotsMachine } from './slots.ts';
import { subjectMachine } from './subject.ts';
import { createOpenSlots } from './take-slots.ts';
import { tellPolicies } from './tell-policies.ts';
import type { Records } from '../durable/keeper.ts';

export interface ApprovalOptions
  extends Omit<ApprovalPorts, 'gates' | 'subjects' | 'slots'>,
    Pick<RoutePorts, 'people' | 'callerOf' | 'policyOf' | 'notOpened'> {
  readonly engine: Engine;
  readonly slack: Slack;
  readonly clock: Clock;
  readonly log: Log;
  /** Told about votes that did not count, by the reason. */
  readonly refused: (reason: string) => void;
}

/** Approvals, wired: their records in the engine, the routes of /v1, and the clicks on their cards. */
export interface ApprovalsPart {
  readonly approvals: Approvals;
  readonly gates: Records<Gate, GateEvent, 'known'>;
  readonly routes: readonly Route[];
  readonly takeClicks: (intake: Registration) => void;
  /** Tells open requests of the policies that gates have now; ends early by the signal. Never rejects. */
  readonly tellPolicies: (store: Pick<Store, 'list'>, signal: AbortSignal) => Promise<void>;
}

/** Makes approvals known to the engine, and gives their doors. */
export function createApprovals(options: ApprovalOptions): ApprovalsPart {
  const { engine } = options;
  const gates = engine.keep(gateMachine);
  const subjects = engine.keep(
    subjectMachine(async (older, newer) => {
      await approvals.send(older, { type: 'supersede', newer });
    }),
  );
  const slots = createOpenSlots({
    slots: engine.keep(slotsMachine),
    approvals: { read: (id) => approvals.read(id) },
    clock: options.clock,
  });
  const approvals: Approvals = engine.keep(approvalMachine({ ...options, gates, subjects, slots }));
  const ports = { ...options, approvals, gates, slots };
  return {
    approvals,
    gates,
    routes: approvalRoutes(ports),
    takeClicks: (intake) => takeClicks(intake, ports),
    tellPolicies: (store, signal) => tellPolicies(store, signal, ports),
  };
}
