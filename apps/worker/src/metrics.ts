import type { Executed } from '@gradsmith/core/worker';
import { Counter, Gauge, type Registry } from '@gradsmith/telemetry';

interface WorkerMetrics {
  onExecuted(executed: Executed): void;
  onAnnounced(): void;
}

/** Adds the metrics of a worker to its registry. */
export function registerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'gradsmith_attempts_total',
    help: 'Finished attempts, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const announced = new Gauge({
    name: 'gradsmith_worker_last_announced_timestamp_seconds',
    help: 'When the worker last reached the registry',
    registers,
  });
  return {
    onExecuted: (executed) => attempts.inc({ outcome: executed }),
    onAnnounced: () => announced.setToCurrentTime(),
  };
}
