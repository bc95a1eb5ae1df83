import {
  bFunctionsSchema,
  toTrialResource,
  trialPageSchema,
  trialResourceSchema,
  trialWithCurveSchema,
} from '@gradsmith/contract';
import { Conflict, sourceKinds, trialRoles, trialStates } from '@gradsmith/core/domain';
import { sampleBFunctions } from '@gradsmith/core/objective';
import { isTrainingJob, resolveObjective } from '@gradsmith/core/spec';
import { listBestTrials, listTrials, readTrial, readTrialWithCurve, trialSorts } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams, trialParams } from '../plugins/params.ts';

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('`next` of the previous page'),
  state: z.enum(trialStates).optional(),
  role: z.enum(trialRoles).optional(),
  source: z.enum(sourceKinds).optional(),
  sort: z
    .enum(trialSorts)
    .default('number')
    .describe(
      'Descending with a minus. number: search trials, then reference and confirmations. ' +
        'value: pruned trials, whose value is a bound, come last',
    ),
});

const gridQuery = z
  .strictObject({
    low: z.coerce.number().min(-1e6).max(1e6).default(-5).describe('Smallest pre-activation'),
    high: z.coerce.number().min(-1e6).max(1e6).default(5),
    points: z.coerce.number().int().min(2).max(2_001).default(201),
  })
  .refine(({ low, high }) => low < high, { path: ['low'], message: 'must be below high' });

export const trialRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs/:id/trials',
    {
      config: reading,
      schema: {
        summary: 'Trials of a job',
        tags: ['trials'],
        params: jobParams,
        querystring: listQuery,
        response: { 200: trialPageSchema },
      },
    },
    async ({ params: { id }, query: { cursor, ...query } }) => {
      const { items, next } = await listTrials(ledger, id, { ...query, cursor: String(cursor) });
      return { items: items.map(toTrialResource), next };
    },
  );

  app.get(
    '/v1/jobs/:id/best',
    {
      config: reading,
      schema: {
        summary: 'The best complete trials, best first',
        tags: ['trials'],
        params: jobParams,
        querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(10) }),
        response: { 200: z.strictObject({ items: z.array(trialResourceSchema) }) },
      },
    },
    async ({ params: { id }, query: { limit } }) => ({
      items: (await listBestTrials(ledger, id, limit)).map(toTrialResource),
    }),
  );

  app.get(
    '/v1/jobs/:id/trials/:trial',
    {
      config: reading,
      schema: {
        summary: 'One trial with its curve',
        tags: ['trials'],
        params: trialParams,
        response: { 200: trialWithCurveSchema },
      },
    },
    async ({ params }) => {
      const { trial, curve } = await readTrialWithCurve(ledger, params.id, params.trial);
      return { ...toTrialResource(trial), curve };
    },
  );

  app.get(
    '/v1/jobs/:id/trials/:trial/b-function',
    {
      config: reading,
      schema: {
        summary: 'The b-functions a trial was trained with, sampled on a grid',
        tags: ['trials'],
        params: trialParams,
        querystring: gridQuery,
        response: { 200: bFunctionsSchema },
      },
    },
    async ({ params: { id, trial }, query }) => {
      const { spec } = await ledger.readJob(id);
      if (!isTrainingJob(spec))
        throw new Conflict(`job ${id} has an objective of kind ${spec.objective.kind}, which has no b-function`);
      return { functions: sampleBFunctions(resolveObjective(spec, await readTrial(ledger, id, trial)), query) };
    },
  );
};
