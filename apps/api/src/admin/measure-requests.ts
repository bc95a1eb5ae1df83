import { LedgerUnavailable } from '@gradsmith/core/domain';
import type { FastifyInstance } from 'fastify';
import { reading } from '../keys/scopes.ts';
import type { Metrics } from './metrics.ts';

/** Measures every request by its route, not by its path, and serves the metrics at `/metrics`. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.addHook('onError', async (_request, _reply, error) => {
    if (error instanceof LedgerUnavailable) metrics.ledgerErrors.inc();
  });
  const { registry } = metrics;
  const schema = { hide: true, produces: [registry.contentType] };
  app.get('/metrics', { config: reading, schema }, async (_request, reply) => {
    await metrics.collect();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
