import type { CommitCounts } from '@gradsmith/core/ledger';
import type { Executed } from '@gradsmith/core/worker';
import {
  Counter,
  Gauge,
  newRegistry,
  registerCommitCounters,
  serveMetrics,
  startTracing,
  type Tracing,
} from '@gradsmith/telemetry';

export interface Observation {
  onExecuted(executed: Executed): void;
  onAnnounced(): void;
  tracing: Tracing | null;
  close(): Promise<void>;
}

/** Starts the metrics of a worker if a port is set, and its traces if an endpoint is set. */
export async function observe(settings: {
  metricsPort?: number;
  metricsHost: string;
  traceEndpoint?: string;
  commits: CommitCounts;
}): Promise<Observation> {
  const registry = newRegistry();
  const registers = [registry];
  registerCommitCounters(registry, settings.commits);
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
  const server =
    settings.metricsPort === undefined
      ? null
      : await serveMetrics(registry, { host: settings.metricsHost, port: settings.metricsPort });
  const tracing = settings.traceEndpoint ? startTracing('gradsmith-worker', settings.traceEndpoint) : null;
  return {
    tracing,
    onExecuted: (executed) => attempts.inc({ outcome: executed }),
    onAnnounced: () => announced.setToCurrentTime(),
    close: async () => {
      await Promise.all([server?.close(), tracing?.close()]);
    },
  };
}
