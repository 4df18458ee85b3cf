import type { Observer } from '../durable/core.ts';
import type { IntakeEvent } from '../slack/intake.ts';
import type { Metrics } from './metrics.ts';

/** What the engine tells, as metrics. */
export function engineObserver(metrics: Metrics): Observer {
  const newer = new Set<string>();
  const failures = new Map<string, Set<string>>();
  return {
    effect(kind, name, outcome, { id, key, failing }) {
      metrics.count('listener_effects_total', { kind, name, outcome });
      const of = failures.get(kind) ?? new Set();
      failures.set(kind, of);
      if (failing) of.add(`${id} ${key}`);
      else if (outcome !== 'stale') of.delete(`${id} ${key}`);
      metrics.set('listener_effects_failing', { kind }, of.size);
    },
    newer(id) {
      newer.add(id);
      metrics.set('listener_records_newer', {}, newer.size);
    },
    changed(kind, _from, to) {
      if (kind === 'approval') metrics.count('listener_approvals_total', { status: to });
      if (kind === 'action') metrics.count('listener_actions_total', { status: to });
    },
    swept({ ms, failed, tended, lagMs }) {
      metrics.observe('listener_sweep_seconds', {}, ms / 1000);
      if (tended > 0) metrics.observe('listener_sweep_lag_seconds', {}, lagMs / 1000);
      metrics.count('listener_sweeps_total', { outcome: failed > 0 ? 'partly' : 'done' });
    },
  };
}

/** What the intake tells, as metrics. No label holds anything that somebody outside chose. */
export function intakeObserver(metrics: Metrics): (event: IntakeEvent) => void {
  const refused = (reason: string) => metrics.count('listener_slack_refused_total', { reason });
  return (event) => {
    switch (event.kind) {
      case 'handled':
      case 'late_handled':
        metrics.count('listener_slack_accepted_total', { kind: event.handler });
        metrics.observe('listener_slack_ack_seconds', {}, event.ms / 1000);
        return;
      case 'refused':
        return refused(event.reason);
      case 'replayed':
      case 'unknown':
      case 'untold':
      case 'late':
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
