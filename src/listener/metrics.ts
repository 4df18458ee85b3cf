import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS } from './metric-list.ts';
import type { LabelsOf, MetricName, NamesOf } from './metric-list.ts';

/** Every metric there is, by name; a domain is given the few it needs as functions. */
export interface Metrics {
  count<N extends NamesOf<'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void;
  set<N extends NamesOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Seconds. */
  observe<N extends NamesOf<'histogram'>>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** The text that Prometheus reads, with Node's own metrics. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Makes the registry; counters without labels begin at 0, so that an alert sees the first change. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  const add = (name: MetricName): void => {
    const metric = METRICS[name];
    const { help } = metric;
    const shared = {
      name,
      help,
      labelNames: 'labels' in metric ? [...metric.labels] : [],
      registers: [registry],
    };
    switch (metric.type) {
      case 'counter':
        counters.set(name, new Counter(shared));
        return;
      case 'gauge':
        gauges.set(name, new Gauge(shared));
        return;
      case 'histogram':
        histograms.set(name, new Histogram({ ...shared, buckets: [...metric.buckets] }));
        return;
      default:
        metric satisfies never;
    }
  };
  for (const name of Object.keys(METRICS)) if (isMetricName(name)) add(name);

  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
