import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';

const ok = z.strictObject({ status: z.literal('ok').describe('Always `ok`: otherwise the answer is a problem') });

export const healthRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  let check: Promise<void> | null = null;

  app.get(
    '/healthz',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'checkHealth',
        summary: 'Check that the process answers',
        description: 'For liveness probes: it touches nothing else.',
        tags: ['health'],
        response: { 200: ok },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'checkReadiness',
        summary: 'Check that the ledger can be read and written',
        description: 'For readiness probes: it writes to the ledger and reads it back. 503 if that fails.',
        tags: ['health'],
        response: { 200: ok },
      },
    },
    async () => {
      // Each check is a write that reaches the disk, so requests that come together share one.
      check ??= ledger.check().finally(() => (check = null));
      await check;
      return { status: 'ok' as const };
    },
  );
};
