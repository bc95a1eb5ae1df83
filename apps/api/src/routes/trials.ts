import { decodeCurve, NotFound, pageOf, toTrialResource, trialResourceSchema, trialStates } from '@gradsmith/core';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { jobParams } from './jobs.ts';

const trialWithCurveSchema = trialResourceSchema.extend({
  curve: z.array(z.number()).describe('Training loss of every step'),
});

export const trialRoutes: FastifyPluginAsync<ApiDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get('/v1/jobs/:id/trials', {
    schema: {
      summary: 'Trials of a job: those of the search by number, then reference and confirmations',
      tags: ['trials'],
      params: jobParams,
      querystring: z.strictObject({
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        cursor: z.coerce.number().int().min(0).default(0).describe('`next` of the page before'),
        state: z.enum(trialStates).optional(),
        role: z.enum(['search', 'reference', 'confirm']).optional(),
      }),
      response: { 200: pageOf(trialResourceSchema) },
    },
  }, async ({ params: { id }, query: { limit, cursor, state, role } }) => {
    const { job } = await ledger.job(id);
    const total = job.nextNumber + job.extras.length;
    const idAt = (place: number): string => (place < job.nextNumber ? String(place) : job.extras[place - job.nextNumber]!);
    const items = [];
    let place = cursor;
    while (place < total && items.length < limit) {
      const ids = Array.from({ length: Math.min(limit - items.length, total - place) }, (_, i) => idAt(place + i));
      place += ids.length;
      const trials = await ledger.trials(id, ids);
      items.push(...trials.filter((trial) => (!state || trial.state === state) && (!role || trial.role === role)).map(toTrialResource));
    }
    return { items, next: place < total ? String(place) : null };
  });

  app.get('/v1/jobs/:id/trials/:trial', {
    schema: {
      summary: 'One trial with its loss curve',
      tags: ['trials'],
      params: jobParams.extend({ trial: z.string().max(64) }),
      response: { 200: trialWithCurveSchema },
    },
  }, async ({ params: { id, trial } }) => {
    await ledger.job(id);
    const [record] = await ledger.trials(id, [trial]);
    if (!record) throw new NotFound(`trial ${trial} of job ${id}`);
    const [curve] = await ledger.curves(id, [trial]);
    return { ...toTrialResource(record), curve: Array.from(decodeCurve(curve!)) };
  });
};
