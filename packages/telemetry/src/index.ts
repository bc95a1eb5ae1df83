export { registerCommitCounters } from './commit-counters.ts';
export { newRegistry, serveMetrics, type MetricsServer } from './metrics.ts';
export { listenAt } from './listen.ts';
export { runProcess } from './run-process.ts';
export { startTracing, type Tracing } from './tracing.ts';
export { Counter, Gauge, Histogram, type Registry } from 'prom-client';
