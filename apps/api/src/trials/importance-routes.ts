import { ThreadImportance } from '@gradsmith/compute';
import { importanceSchema } from '@gradsmith/contract';
import { readImportanceTrials } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams } from '../plugins/params.ts';

/** A fit may have to wait for the fits of other jobs, ms. */
const FIT_MS = 60_000;

export const importanceRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const importance = new ThreadImportance();
  app.addHook('onClose', async () => importance.close());

  app.get(
    '/v1/jobs/:id/importance',
    {
      config: reading,
      handlerTimeout: FIT_MS,
      schema: {
        operationId: 'measureImportance',
        summary: 'Measure the importance of each parameter',
        description: 'The share of the variation of the value that each parameter explains, from a fit to all results.',
        tags: ['trials'],
        params: jobParams,
        response: { 200: importanceSchema },
      },
    },
    async ({ params: { id } }) => {
      const { job, spec } = await ledger.readJob(id);
      const trials = await readImportanceTrials(ledger, job);
      return { items: await importance.measure({ spec, job, trials }) };
    },
  );
};
