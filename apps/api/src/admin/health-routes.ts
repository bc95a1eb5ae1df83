import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';

const ok = z.strictObject({ status: z.literal('ok') });

export const healthRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  let check: Promise<void> | null = null;

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
      schema: { summary: 'The ledger can be read and written', tags: ['health'], response: { 200: ok } },
    },
    async () => {
      // Each check is a write that reaches the disk, so requests that come together share one.
      check ??= ledger.check().finally(() => (check = null));
      await check;
      return { status: 'ok' as const };
    },
  );
};
