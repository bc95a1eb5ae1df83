import { extendRequestSchema, jobStatusSchema, toJobStatus, computeStatusTag } from '@gradsmith/contract';
import { describeJob, extendJob, readJobStatus, steerJob } from '@gradsmith/core/jobs';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading, writing } from '../keys/scopes.ts';
import { matchesTag } from '../plugins/add-entity-tags.ts';
import { jobParams } from '../plugins/params.ts';

const conditional = z.looseObject({
  'if-none-match': z
    .string()
    .max(500)
    .optional()
    .describe('ETag of an earlier answer: 304 if nothing has changed since'),
});

export const jobStatusRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, workers, signals }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs/:id/status',
    {
      config: reading,
      schema: {
        operationId: 'getJobStatus',
        summary: 'Get the status of a job',
        description:
          'It is small enough to poll each second. Send the `ETag` of the last answer as `If-None-Match`: 304 ' +
          'until something changes.',
        tags: ['jobs'],
        params: jobParams,
        headers: conditional,
        response: {
          200: jobStatusSchema,
          304: z.null().describe('Nothing has changed since the answer with this ETag'),
        },
      },
    },
    async ({ params: { id }, headers }, reply) => {
      const live = await workers.listLive();
      const view = await ledger.readJob(id);
      const tag = computeStatusTag(view, live);
      void reply.header('etag', tag).header('cache-control', 'no-cache');
      if (matchesTag(headers['if-none-match'], tag)) return reply.code(304).send(null);
      return toJobStatus(await describeJob(ledger, view, live));
    },
  );

  for (const move of ['cancel', 'pause', 'resume'] as const) {
    app.post(
      `/v1/jobs/:id/${move}`,
      {
        config: writing,
        schema: {
          operationId: `${move}Job`,
          summary: `${move[0]!.toUpperCase()}${move.slice(1)} a job`,
          description: descriptions[move],
          tags: ['jobs'],
          params: jobParams,
          response: { 200: jobStatusSchema },
        },
      },
      async (request) => {
        const { id } = request.params;
        await steerJob(ledger, id, move, move === 'cancel' ? 'cancelled by a client' : null);
        request.log.info({ job: id, move }, 'job steered');
        signals.publish(id);
        return toJobStatus(await readJobStatus(ledger, id, await workers.listLive()));
      },
    );
  }

  app.post(
    '/v1/jobs/:id/extend',
    {
      config: writing,
      schema: {
        operationId: 'extendJob',
        summary: 'Raise the budget of a job',
        description: 'A completed or exhausted job runs again.',
        tags: ['jobs'],
        params: jobParams,
        body: extendRequestSchema,
        response: { 200: jobStatusSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      await extendJob(ledger, id, request.body.trials);
      request.log.info({ job: id, trials: request.body.trials }, 'job extended');
      signals.publish(id);
      return toJobStatus(await readJobStatus(ledger, id, await workers.listLive()));
    },
  );
};

const descriptions = {
  cancel: 'The job is finished at once. Running trials are stopped, and later results are refused.',
  pause: 'No trial starts. Running trials finish.',
  resume: 'A paused job starts trials again.',
};
