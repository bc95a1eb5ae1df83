import {
  createFieldsParameter,
  jobPageSchema,
  jobSummarySchema,
  jobSummarySelectionSchema,
  listFields,
  selectFields,
  toJobSummary,
} from '@gradsmith/contract';
import { jobStates } from '@gradsmith/core/domain';
import { completeIdStart, idStartPattern, jobSorts, labelPattern, listJobs } from '@gradsmith/core/jobs';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { pageQuery } from '../plugins/page-query.ts';

const label = z.string().max(330).regex(labelPattern, "is a label's key, or key:value");
const labelMeaning = '`key` or `key:value`; if it is given several times, a job must have all of them';

const listQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(jobStates).optional().describe('Only jobs in this state'),
  id: z
    .string()
    .regex(idStartPattern, 'is the start of a job id')
    .optional()
    .describe('Start of the id, with or without `job_`'),
  name: z.string().max(64).optional().describe('Part of the name'),
  fullName: z.string().max(64).optional().describe('The whole name; several jobs may have the same'),
  label: z
    .union([label, z.array(label).max(16)])
    .optional()
    .describe(labelMeaning),
  sort: z.enum(jobSorts).default('-createdAt').describe('Descending with a minus'),
  fields: createFieldsParameter(jobSummarySchema, '`id,name,state,best.value`'),
});

const pageSchema = jobPageSchema.extend({
  items: z.array(z.union([jobSummarySchema, jobSummarySelectionSchema])).describe('The page'),
});

export const jobListRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs',
    {
      config: reading,
      schema: {
        operationId: 'listJobs',
        summary: 'List jobs with their counts and best values',
        description:
          'The newest come first by default. Filters are combined: a job must meet all of them. An index finds the ' +
          'jobs, so that only those of the page are read. In another order than that of `createdAt`, each page takes ' +
          'as long as all jobs that match. After an upgrade, the answer is 503 until the index has the jobs of the ' +
          'earlier version.',
        tags: ['jobs'],
        querystring: listQuery,
        response: { 200: pageSchema },
      },
    },
    async ({ query: { label, id, fields, ...query }, log }) => {
      const idStart = id === undefined ? undefined : completeIdStart(id);
      const page = await listJobs(ledger, { ...query, idStart, labels: [label ?? []].flat() });
      const { items, unreadable } = page;
      if (unreadable.length) log.error({ jobs: unreadable }, 'jobs that cannot be read are left out of the list');
      const selected = listFields(fields);
      return { ...page, items: items.map((item) => selectFields(toJobSummary(item), selected)) };
    },
  );
};
