import { expect, test } from 'vitest';
import { METRICS } from '../../src/listener/metric-list.ts';
import { createMetrics } from '../../src/listener/metrics.ts';
import { intakeObserver } from '../../src/listener/observers.ts';
import { createRateLimit } from '../../src/listener/rate-limit.ts';
import { manualClock } from '../support/manual-clock.ts';

test('every metric of the list is registered with its help and its type', async () => {
  const text = await createMetrics().text();
  const missing = Object.entries(METRICS).filter(
    ([name, { type, help }]) =>
      !text.includes(`# HELP ${name} ${help}\n`) || !text.includes(`# TYPE ${name} ${type}\n`),
  );
  expect(missing).toEqual([]);
});

test('a counter without labels begins at 0, so that its first change is seen', async () => {
  const metrics = createMetrics();
  expect(await metrics.text()).toContain('\nlistener_audit_failures_total 0\n');
  metrics.count('listener_audit_failures_total', {}, 2);
  expect(await metrics.text()).toContain('\nlistener_audit_failures_total 2\n');
});

test('counts by labels, sets and observes', async () => {
  const metrics = createMetrics();
  metrics.count('listener_approvals_total', { status: 'approved' });
  metrics.set('listener_effects_failing', { kind: 'approval' }, 3);
  metrics.observe('listener_slack_ack_seconds', {}, 0.02);
  const text = await metrics.text();
  expect(text).toContain('listener_approvals_total{status="approved"} 1');
  expect(text).toContain('listener_effects_failing{kind="approval"} 3');
  expect(text).toContain('listener_slack_ack_seconds_bucket{le="0.025"} 1');
  expect(text).toContain('listener_slack_ack_seconds_bucket{le="0.01"} 0');
});

test('two listeners in one process share no metric', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.count('listener_audit_failures_total', {});
  expect(await two.text()).toContain('\nlistener_audit_failures_total 0\n');
});

test('a rate limit gives back evenly, never more than its count, and forgets whom it has not seen for longest', () => {
  const clock = manualClock();
  const limit = createRateLimit(clock);
  const rate = { count: 2, perMs: 60_000 };
  expect([limit('a', rate), limit('a', rate), limit('a', rate)]).toEqual([undefined, undefined, 30]);
  clock.freeze(15_000);
  expect(limit('a', rate)).toBe(15);
  clock.freeze(3_600_000);
  expect([limit('a', rate), limit('a', rate), limit('a', rate)]).toEqual([undefined, undefined, 30]);
  clock.freeze(-60_000);
  expect(limit('a', rate)).toBe(30);
  for (let other = 0; other < 20_000; other++) limit(`other ${other}`, rate);
  expect(limit('a', rate)).toBeUndefined();
});

test('the acknowledgement of what takes longer is measured when it is sent, and its handler counted when it ends', async () => {
  const metrics = createMetrics();
  const observe = intakeObserver(metrics);
  observe({ kind: 'late', handler: 'approval:', ms: 2_500 });
  observe({ kind: 'late_handled', handler: 'approval:', ms: 60_000 });
  const text = await metrics.text();
  expect(text).toContain('listener_slack_ack_seconds_count 1');
  expect(text).toContain('listener_slack_ack_seconds_sum 2.5');
  expect(text).toContain('listener_slack_accepted_total{kind="approval:"} 1');
  expect(text).toContain('listener_slack_refused_total{reason="late"} 1');
});
