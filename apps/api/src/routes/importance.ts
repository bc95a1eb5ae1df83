import { importanceSchema } from '@gradsmith/contract';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteDeps } from '../deps.ts';
import { Analyst } from '../importance/analyst.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams } from './params.ts';

/** A fit may wait for others, on a machine that has other things to do, ms. */
const FIT_MS = 60_000;

export const importanceRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const analyst = new Analyst();
  app.addHook('onClose', async () => analyst.close());

  app.get(
    '/v1/jobs/:id/importance',
    {
      config: reading,
      handlerTimeout: FIT_MS,
      schema: {
        summary: 'How much of the variation of the value each parameter accounts for',
        tags: ['trials'],
        params: jobParams,
        response: { 200: importanceSchema },
      },
    },
    async ({ params: { id } }) => {
      const { job, spec } = await ledger.readJob(id);
      return { items: [...(await analyst.importance(spec, job, await ledger.readAllTrials(job)))] };
    },
  );
};
