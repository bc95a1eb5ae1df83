export { newRegistry, serveMetrics, type MetricsServer } from './metrics.ts';
export { startTracing, type Tracing } from './tracing.ts';
export { Counter, Gauge, Histogram, type Registry } from 'prom-client';
