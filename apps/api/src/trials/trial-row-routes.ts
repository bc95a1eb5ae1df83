import { toTrialRow, trialColumns, trialRowsSchema } from '@gradsmith/contract';
import { trialRoles, trialStates } from '@gradsmith/core/domain';
import { buildSearchSpace } from '@gradsmith/core/spec';
import { listTrials } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { pageQuery } from '../plugins/page-query.ts';
import { jobParams } from '../plugins/params.ts';

const known = new Set<string>(trialColumns);
const rowsQuery = z.strictObject({
  columns: z
    .string()
    .max(200)
    .default('id,state,value,point')
    .refine((text) => text.split(',').every((name) => known.has(name)), `must be names of ${trialColumns.join(', ')}`)
    .refine((text) => new Set(text.split(',')).size === text.split(',').length, 'must not name a column twice')
    .describe(`Columns, separated by commas: ${trialColumns.join(', ')}. point: one column for each parameter`),
  ...pageQuery,
  state: z.enum(trialStates).optional().describe('Only trials in this state'),
  role: z.enum(trialRoles).optional().describe('Only trials with this role'),
});

export const trialRowRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs/:id/trial-rows',
    {
      config: reading,
      schema: {
        operationId: 'listTrialRows',
        summary: 'List the trials of a job as rows',
        description:
          'For jobs of many trials: the names of the columns once, and a row for each trial, in the order of ' +
          '`/v1/jobs/{id}/trials`. Page by page: pass `next` of a page as `cursor` of the next call.',
        tags: ['trials'],
        params: jobParams,
        querystring: rowsQuery,
        response: { 200: trialRowsSchema },
      },
    },
    async ({ params: { id }, query: { columns, ...query } }) => {
      const { spec } = await ledger.readJob(id);
      const parameters = Object.keys(buildSearchSpace(spec).space);
      const names = columns.split(',');
      const { items, next } = await listTrials(ledger, id, query);
      return {
        columns: names.flatMap((name) => (name === 'point' ? parameters.map((each) => `point.${each}`) : [name])),
        rows: items.map((trial) => toTrialRow(trial, names, parameters)),
        next,
      };
    },
  );
};
