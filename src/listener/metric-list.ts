interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 10, 30];
const SLOW = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];

/** Every metric of the listener; each has its row in docs/operations.md. */
export const METRICS = {
  listener_http_requests_total: {
    type: 'counter',
    help: 'Requests answered, by route pattern and status',
    labels: ['route', 'status'],
  },
  listener_http_request_seconds: {
    type: 'histogram',
    help: 'Time from the first byte of a request to its answer',
    labels: ['route'],
    buckets: FAST,
  },
  listener_http_rate_limited_total: {
    type: 'counter',
    help: 'Requests refused with 429, by whose limit it was: token or remote',
    labels: ['by'],
  },
  listener_slack_accepted_total: {
    type: 'counter',
    help: 'Slack payloads taken, by kind',
    labels: ['kind'],
  },
  listener_slack_refused_total: {
    type: 'counter',
    help: 'Slack requests refused, by reason',
    labels: ['reason'],
  },
  listener_slack_ack_seconds: {
    type: 'histogram',
    help: 'Time from a Slack payload to its acknowledgement; Slack shows an error after 3 s',
    buckets: FAST,
  },
  listener_slack_rate_limited_total: { type: 'counter', help: 'Answers of Slack that asked to wait' },
  listener_slack_socket_connections: { type: 'gauge', help: 'Open Socket Mode connections' },
  listener_approvals_total: {
    type: 'counter',
    help: 'Changes of approvals, by the status they led to',
    labels: ['status'],
  },
  listener_approvals_refused_total: {
    type: 'counter',
    help: 'Requests for approval that were not opened, by reason',
    labels: ['reason'],
  },
  listener_cards_lost_total: {
    type: 'counter',
    help: 'Cards that can no longer be brought up to date, and second cards that were found',
  },
  listener_votes_refused_total: {
    type: 'counter',
    help: 'Votes that did not count, by reason',
    labels: ['reason'],
  },
  listener_actions_total: {
    type: 'counter',
    help: 'Runs of actions, by the status they led to',
    labels: ['status'],
  },
  listener_actions_refused_total: {
    type: 'counter',
    help: 'Clicks on action buttons that ran nothing, by reason',
    labels: ['reason'],
  },
  listener_effects_total: {
    type: 'counter',
    help: 'Effects run, by kind of record, name and outcome',
    labels: ['kind', 'name', 'outcome'],
  },
  listener_effects_failing: {
    type: 'gauge',
    help: 'Effects that have failed again and again and are still tried, by kind of record',
    labels: ['kind'],
  },
  listener_records_newer: {
    type: 'gauge',
    help: 'Records written by a newer release that this one leaves alone',
  },
  listener_restored_total: {
    type: 'counter',
    help: 'Records that a restore of the store has put in doubt, by kind',
    labels: ['kind'],
  },
  listener_sweep_seconds: { type: 'histogram', help: 'Time of one sweep', buckets: SLOW },
  listener_sweep_lag_seconds: {
    type: 'histogram',
    help: 'How late a due record was tended',
    buckets: SLOW,
  },
  listener_sweeps_total: { type: 'counter', help: 'Sweeps, by outcome', labels: ['outcome'] },
  listener_store_errors_total: {
    type: 'counter',
    help: 'Calls of the store that failed, by operation',
    labels: ['operation'],
  },
  listener_audit_failures_total: {
    type: 'counter',
    help: 'Audit entries found changed, missing or cut off',
  },
  listener_webhook_pokes_total: {
    type: 'counter',
    help: "Calls of Concourse's check webhooks, by outcome",
    labels: ['outcome'],
  },
  listener_config_stale_total: {
    type: 'counter',
    help: 'Secrets that could not be read again; the value before stays in use',
  },
  listener_ready: { type: 'gauge', help: '1 while /ready answers 200' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
type List = typeof METRICS;
export type NamesOf<T extends Metric['type']> = {
  [N in MetricName]: List[N]['type'] extends T ? N : never;
}[MetricName];
export type LabelsOf<N extends MetricName> = List[N] extends { labels: readonly (infer L extends string)[] }
  ? Readonly<Record<L, string>>
  : Readonly<Record<never, never>>;
