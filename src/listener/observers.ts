import { countedBy } from '../approvals/counted.ts';
import type { Observer } from '../durable/core.ts';
import type { IntakeEvent } from '../slack/intake.ts';
import type { Metrics } from './metrics.ts';

/** Longer than an effect that fails waits for its next try: another replica has had it since, and tells of it. */
const FORGOTTEN_MS = 900_000;

/** What the engine tells, as metrics. */
export function engineObserver(metrics: Metrics, now: () => number): Observer {
  const newer = new Map<string, number>();
  const failures = new Map<string, Map<string, number>>();
  const told = () => {
    for (const [kind, of] of failures) metrics.set('listener_effects_failing', { kind }, fresh(of, now()));
    metrics.set('listener_records_newer', {}, fresh(newer, now()));
  };
  return {
    effect(kind, name, outcome, { id, key, failing }) {
      metrics.count('listener_effects_total', { kind, name, outcome });
      const of = failures.get(kind) ?? new Map<string, number>();
      failures.set(kind, of);
      if (failing) of.set(`${id} ${key}`, now());
      else if (outcome !== 'stale') of.delete(`${id} ${key}`);
      const status = outcome === 'done' && kind === 'approval' ? countedBy(key) : undefined;
      if (status !== undefined) metrics.count('listener_approvals_total', { status });
      told();
    },
    newer(id) {
      newer.set(id, now());
      told();
    },
    restored: (kind) => metrics.count('listener_restored_total', { kind }),
    changed(kind, _from, to) {
      if (kind === 'approval') metrics.count('listener_approvals_total', { status: to });
      if (kind === 'action') metrics.count('listener_actions_total', { status: to });
    },
    swept({ ms, failed, tended, lagMs }) {
      metrics.observe('listener_sweep_seconds', {}, ms / 1000);
      if (tended > 0) metrics.observe('listener_sweep_lag_seconds', {}, lagMs / 1000);
      told();
      metrics.count('listener_sweeps_total', { outcome: failed > 0 ? 'partly' : 'done' });
    },
  };
}

function fresh(seen: Map<string, number>, now: number): number {
  for (const [id, at] of seen) if (at + FORGOTTEN_MS < now) seen.delete(id);
  return seen.size;
}

/** What the intake tells, as metrics. No label holds anything that somebody outside chose. */
export function intakeObserver(metrics: Metrics): (event: IntakeEvent) => void {
  const acknowledged = (ms: number) => metrics.observe('listener_slack_ack_seconds', {}, ms / 1000);
  const refused = (reason: string) => metrics.count('listener_slack_refused_total', { reason });
  return (event) => {
    switch (event.kind) {
      case 'handled':
        acknowledged(event.ms);
        return metrics.count('listener_slack_accepted_total', { kind: event.handler });
      case 'late_handled':
        return metrics.count('listener_slack_accepted_total', { kind: event.handler });
      case 'late':
        acknowledged(event.ms);
        return refused('late');
      case 'refused':
        return refused(event.reason);
      case 'replayed':
      case 'unknown':
      case 'untold':
      case 'stuck':
      case 'failed':
        return refused(event.kind);
      case 'probe':
        return metrics.count('listener_slack_accepted_total', { kind: 'probe' });
      default:
        event satisfies never;
    }
  };
}
