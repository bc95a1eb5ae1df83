export { metricsEnvShape, telemetryEnvShape } from './env-shape.ts';
export { newRegistry } from './metrics.ts';
export { listenAt } from './listen.ts';
export { runProcess } from './run-process.ts';
export { startTelemetry } from './start-telemetry.ts';
export { touchAliveFile } from './touch-alive-file.ts';
export { startTracing } from './tracing.ts';
export { Counter, Gauge, Histogram, type Registry } from 'prom-client';
