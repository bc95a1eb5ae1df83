import { createServer } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { listenAt } from './listen.ts';

/** Creates a registry with the process metrics (CPU, memory, event loop) under `gradsmith_`. */
export function newRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'gradsmith_' });
  return registry;
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` for a process without another HTTP server. The metrics contain no secrets; bind it to an
 * address that only Prometheus reaches.
 */
export async function serveMetrics(
  registry: Registry,
  { host, port }: { host: string; port: number },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const address = { host, port, hostVariable: 'GRADSMITH_METRICS_HOST', portVariable: 'GRADSMITH_METRICS_PORT' };
  await listenAt(
    address,
    () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      }),
  );
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
