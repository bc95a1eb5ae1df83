import { z } from 'zod';

/** The environment variables of every process for logs and traces. Each app reads them in its `env.ts`. */
export const telemetryEnvShape = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .describe('Least severe log lines that are written'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional().describe('Sends OpenTelemetry traces here, by OTLP over HTTP'),
};

/** The environment variables of a process without an HTTP server for its metrics. */
export const metricsEnvShape = {
  GRADSMITH_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Serves Prometheus metrics on this port; 0 for any free one'),
  GRADSMITH_METRICS_HOST: z.string().default('127.0.0.1').describe('Address on which metrics are served'),
};
