import { jobPageSchema, toJobSummary } from '@gradsmith/contract';
import { jobStates } from '@gradsmith/core/domain';
import { jobSorts, labelPattern, listJobs } from '@gradsmith/core/jobs';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';

const label = z
  .string()
  .max(330)
  .regex(labelPattern, "is a label's key, or key:value")
  .describe('`key` or `key:value`; if it is given several times, a job must have all of them');

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional().describe('`next` of the previous page'),
  state: z.enum(jobStates).optional(),
  name: z.string().max(64).optional().describe('Part of the name'),
  label: z.union([label, z.array(label).max(16)]).optional(),
  sort: z.enum(jobSorts).default('-createdAt').describe('Descending with a minus'),
});

export const jobListRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs',
    {
      config: reading,
      schema: {
        summary: 'List jobs with their counts and best values',
        tags: ['jobs'],
        querystring: listQuery,
        response: { 200: jobPageSchema },
      },
    },
    async ({ query: { label, ...query }, log }) => {
      const { items, next, unreadable } = await listJobs(ledger, { ...query, labels: [label ?? []].flat() });
      if (unreadable.length) log.error({ jobs: unreadable }, 'jobs that cannot be read are left out of the list');
      return { items: items.map(toJobSummary), next, unreadable };
    },
  );
};
