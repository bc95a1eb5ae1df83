import type { CommitCounts } from '@gradsmith/core/ledger';
import type { Tracer } from '@gradsmith/core/ports';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { registerCommitCounters } from './commit-counters.ts';
import type { metricsEnvShape, telemetryEnvShape } from './env-shape.ts';
import { newRegistry, serveMetrics } from './metrics.ts';
import { startTracing } from './tracing.ts';

export interface Telemetry {
  /** The process adds its own metrics. */
  registry: Registry;
  tracer: Tracer | undefined;
  close(): Promise<void>;
}

/**
 * Starts what coordinators and workers have in common: metrics, served if a port is set, and traces, sent if an
 * endpoint is set.
 *
 * @param commits of the process's ledger
 */
export async function startTelemetry(
  service: string,
  env: z.infer<z.ZodObject<typeof telemetryEnvShape & typeof metricsEnvShape>>,
  commits: CommitCounts,
): Promise<Telemetry> {
  const registry = newRegistry();
  registerCommitCounters(registry, commits);
  const { GRADSMITH_METRICS_PORT: port, GRADSMITH_METRICS_HOST: host } = env;
  const server = port === undefined ? null : await serveMetrics(registry, { host, port });
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracing = endpoint === undefined ? null : startTracing(service, endpoint);
  return {
    registry,
    tracer: tracing?.tracer,
    close: async () => {
      await Promise.all([server?.close(), tracing?.close()]);
    },
  };
}
