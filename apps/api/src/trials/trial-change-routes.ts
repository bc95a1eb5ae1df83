import { randomUUID } from 'node:crypto';
import {
  enqueuedSchema,
  enqueueRequestSchema,
  invalidateRequestSchema,
  toTrialResource,
  trialResourceSchema,
} from '@gradsmith/contract';
import { enqueuePoint, retryTrial, invalidateTrial } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteDeps } from '../deps.ts';
import { writing } from '../keys/scopes.ts';
import { getCaller } from '../plugins/authenticate.ts';
import { idempotent, jobParams, trialParams } from '../plugins/params.ts';

export const trialChangeRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/v1/jobs/:id/trials',
    {
      config: writing,
      schema: {
        operationId: 'enqueuePoint',
        summary: 'Enqueue a point',
        description: 'It is evaluated before those of the optimizer, within the budget.',
        tags: ['trials'],
        params: jobParams,
        headers: idempotent,
        body: enqueueRequestSchema,
        response: { 202: enqueuedSchema, 200: enqueuedSchema.describe('This key was used with this point before') },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const key = request.headers['idempotency-key'] ?? randomUUID();
      const enqueued = await enqueuePoint(ledger, id, { key, caller: getCaller(request) }, request.body.point);
      request.log.info({ job: id, ...enqueued }, 'point enqueued');
      signals.publish(id);
      return reply.code(enqueued.added ? 202 : 200).send(enqueued);
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/retry',
    {
      config: writing,
      schema: {
        operationId: 'retryTrial',
        summary: 'Retry the point of a failed trial',
        description: 'The point gets a new trial, and the budget grows by one.',
        tags: ['trials'],
        params: trialParams,
        response: { 202: enqueuedSchema, 200: enqueuedSchema.describe('It was retried before') },
      },
    },
    async (request, reply) => {
      const { id, trial } = request.params;
      const enqueued = await retryTrial(ledger, id, trial);
      request.log.info({ job: id, failed: trial, ...enqueued }, 'trial retried');
      signals.publish(id);
      return reply.code(enqueued.added ? 202 : 200).send(enqueued);
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/invalidate',
    {
      config: writing,
      schema: {
        operationId: 'invalidateTrial',
        summary: 'Invalidate a completed trial',
        description:
          'Model and best ignore it, and the budget grows by one. A finished job uses it after an extension, even to ' +
          'the same budget.',
        tags: ['trials'],
        params: trialParams,
        body: invalidateRequestSchema,
        response: { 200: trialResourceSchema },
      },
    },
    async (request) => {
      const { id, trial } = request.params;
      await invalidateTrial(ledger, id, trial, request.body.reason);
      request.log.info({ job: id, trial }, 'trial invalidated');
      signals.publish(id);
      const [record] = await ledger.readTrials(id, [trial]);
      return toTrialResource(record!);
    },
  );
};
