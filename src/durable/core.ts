import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import type { AuditItems } from './audit-items.ts';
import type { AuditChain } from './audit.ts';
import type { Lanes } from './lanes.ts';

/** Told what the engine does, for metrics. */
export interface Observer {
  /** `failing`: it has failed again and again, and goes on being tried. */
  effect(
    kind: string,
    name: string,
    outcome: 'done' | 'failed' | 'later' | 'stale',
    which: { readonly id: string; readonly key: string; readonly failing: boolean },
  ): void;
  /** A record, or one of its effects, that only a newer release knows. */
  newer(id: string): void;
  /** A record from before the store was restored was told so. */
  restored?(kind: string): void;
  changed(kind: string, from: string | undefined, to: string): void;
  swept(report: SweepReport): void;
}

export interface SweepReport {
  readonly due: number;
  readonly tended: number;
  readonly failed: number;
  readonly ms: number;
  /** How late the latest of them was tended. */
  readonly lagMs: number;
}

export interface DurablePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: AuditChain;
  readonly observer: Observer;
  /** Takes secrets out of what is kept as an effect's last error. */
  readonly redact: (text: string) => string;
  readonly random: () => number;
  /** Of the store when this process opened it, see `Epoch`. */
  readonly epoch: number;
}

/** What all keepers of one engine share. */
export interface Core extends DurablePorts {
  readonly lanes: Lanes;
  /** False in a process that only takes events, and leaves effects to others. */
  readonly runsEffects: boolean;
  /** Aborted when what still runs is given up. */
  readonly over: AbortSignal;
  /** A new name for a lease, never used before. */
  readonly leaseName: () => string;
  readonly auditItems: AuditItems;
  /** Tells those who wait for a record that it has changed. Never throws. */
  readonly notify: (record: StoredRecord) => void;
}

/** An effect is stopped by its signal after this long… */
export const DEADLINE_MS = 60_000;
/** …and belongs to others only after this long, so that two never run it at once. */
export const LEASE_MS = 120_000;
/** An audit entry is in its record until it is known to be stored as an item; this is when that is looked after. */
export const AUDIT_KEY = '~audit';
export const AUDIT_AFTER_MS = 60_000;
