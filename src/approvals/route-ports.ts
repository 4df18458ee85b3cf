import type { Engine } from '../durable/engine.ts';
import type { Records } from '../durable/keeper.ts';
import type { Snapshot } from '../durable/machine.ts';
import type { Incoming, Outgoing } from '../kit/incoming.ts';
import type { Gate, GateEvent } from './gate.ts';
import type { Asker, OpenPorts } from './open.ts';
import type { GatePolicy } from './policy.ts';
import type { Approval } from './record.ts';
import { viewOf } from './view.ts';

/** Who calls /v1: a token of the configuration. */
export interface Caller extends Asker {
  readonly may: ReadonlySet<string>;
  readonly gates: (gate: string) => boolean;
}

export interface RoutePorts extends OpenPorts {
  readonly gates: Records<Gate, GateEvent, 'known'>;
  readonly engine: Pick<Engine, 'watch'>;
  /** Whose token it is; undefined for none of ours, or where the token came over an open line. */
  readonly callerOf: (request: Incoming) => Caller | undefined;
  readonly policyOf: (gate: string) => GatePolicy | undefined;
  /** Told about requests that were not opened, by the reason. */
  readonly notOpened: (reason: 'conflict' | 'invalid' | 'gate_full' | 'token_full') => void;
}

/** Whether the caller is told of what another token has asked for, at its gates. */
export function readsAll({ may }: Caller): boolean {
  return may.has('read_all');
}

/** The policy of a gate, where the caller may use it. */
export function policyFor(gate: string, caller: Caller, ports: RoutePorts): GatePolicy | undefined {
  return caller.gates(gate) ? ports.policyOf(gate) : undefined;
}

/** The approval as the answer. */
export function viewed(snapshot: Snapshot<Approval>, { clock }: RoutePorts, status = 200): Outgoing {
  return { status, body: viewOf(snapshot, clock.now()) };
}
