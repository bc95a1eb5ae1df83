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
        operationId: 'listWorkers',
        summary: 'List live workers and their running trials',
        description: 'A worker is live while it renews its entry every few seconds.',
        tags: ['service'],
        response: { 200: z.strictObject({ items: z.array(workerResourceSchema).describe('Every live worker') }) },
      },
    },
    async () => ({ items: (await workers.listLive()).map(toWorkerResource) }),
  );

  app.get(
    '/v1/catalogue',
    {
      config: reading,
      schema: {
        operationId: 'getCatalogue',
        summary: 'List what a job can name',
        description: 'Data sets, networks, optimizers, algorithms and b-functions, with their parameters.',
        tags: ['service'],
        response: { 200: catalogueSchema },
      },
    },
    async () => catalogue,
  );
};
