import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';

const ok = z.strictObject({ status: z.literal('ok') });

export const healthRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/healthz',
    {
      config: { rateLimit: false },
      schema: { summary: 'The process answers', tags: ['health'], response: { 200: ok } },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { rateLimit: false },
      schema: { summary: 'The ledger can be read and written', tags: ['health'], response: { 200: ok } },
    },
    async () => {
      await ledger.check();
      return { status: 'ok' as const };
    },
  );
};
