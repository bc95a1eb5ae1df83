import { catalogueSchema, describeCatalogue, toWorkerResource, workerResourceSchema } from '@gradsmith/contract';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';

export const workerRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { workers }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const catalogue = describeCatalogue();

  app.get(
    '/v1/workers',
    {
      config: reading,
      schema: {
        summary: 'List live workers and their running trials',
        tags: ['service'],
        response: { 200: z.strictObject({ items: z.array(workerResourceSchema) }) },
      },
    },
    async () => ({ items: (await workers.listLive()).map(toWorkerResource) }),
  );

  app.get(
    '/v1/catalogue',
    {
      config: reading,
      schema: {
        summary: 'Data sets, networks, optimizers, algorithms and b-functions a job can name, with their parameters',
        tags: ['service'],
        response: { 200: catalogueSchema },
      },
    },
    async () => catalogue,
  );
};
