import { randomUUID } from 'node:crypto';
import {
  createJob, exportJob, jobDocumentSchema, jobIdFor, jobIdPattern, jobResourceSchema, jobSchema, jobStates, jobStatusSchema, jobSummarySchema, pageOf, parseJob, readStatus, steerJob, toSummary,
  type JobSummary,
} from '@gradsmith/core';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { leaveBodyToHandler } from '../plugins/validation.ts';

export const jobParams = z.object({ id: z.string().regex(jobIdPattern, 'must be a job id, such as job_0123456789abcdef0123') });
const idempotencyKey = z.string().min(1).max(200).optional().describe('The same key with the same job finds the first one instead of making another');

/** Ids looked at for one page of a filtered list, at most: the answer stays quick, and `next` leads on. */
const SCAN = 2_000;

export const jobRoutes: FastifyPluginAsync<ApiDeps> = async (instance, { ledger, workers, signals }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post('/v1/jobs', {
    schema: {
      summary: 'Create a search job',
      tags: ['jobs'],
      headers: z.looseObject({ 'idempotency-key': idempotencyKey }),
      body: jobSchema,
      response: { 201: jobResourceSchema, 200: jobResourceSchema.describe('The job was there already') },
    },
    validatorCompiler: leaveBodyToHandler,
  }, async (request, reply) => {
    const spec = parseJob(request.body);
    const id = jobIdFor(request.headers['idempotency-key'] ?? randomUUID());
    const { job, created } = await createJob(ledger, id, spec);
    request.log.info({ job: id, created }, 'job recorded');
    signals.publish(id);
    return reply
      .code(created ? 201 : 200)
      .header('location', `/v1/jobs/${id}`)
      .send({ id, state: job.state, createdAt: new Date(job.createdAt).toISOString(), spec });
  });

  app.get('/v1/jobs', {
    schema: {
      summary: 'List jobs, newest first',
      tags: ['jobs'],
      querystring: z.strictObject({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z.string().regex(jobIdPattern, 'must be `next` of the page before').optional(),
        state: z.enum(jobStates).optional(),
        name: z.string().max(64).optional().describe('Part of the name'),
      }),
      response: { 200: pageOf(jobSummarySchema) },
    },
  }, async ({ query: { limit, cursor, state, name } }) => {
    const items: JobSummary[] = [];
    let after = cursor;
    for (let scanned = 0; scanned < SCAN; ) {
      const ids = await ledger.store.list({ limit: limit + 1, ...(after ? { after } : {}) });
      for (const id of ids) {
        scanned += 1;
        if (items.length === limit) return { items, next: after ?? null };
        after = id;
        const found = await ledger.findJob(id);
        if (!found || (state && found.job.state !== state) || (name && !found.spec.name.includes(name))) continue;
        items.push(toSummary(found.job, found.spec));
      }
      if (ids.length <= limit) return { items, next: null };
    }
    return { items, next: after ?? null };
  });

  app.get('/v1/jobs/:id', {
    schema: { summary: 'One job, as it was posted', tags: ['jobs'], params: jobParams, response: { 200: jobResourceSchema } },
  }, async ({ params: { id } }) => {
    const { job, spec } = await ledger.job(id);
    return { id, state: job.state, createdAt: new Date(job.createdAt).toISOString(), spec };
  });

  app.get('/v1/jobs/:id/status', {
    schema: { summary: 'How a job stands: small enough to poll each second', tags: ['jobs'], params: jobParams, response: { 200: jobStatusSchema } },
  }, async ({ params: { id } }) => readStatus(ledger, id, await workers.live()));

  app.get('/v1/jobs/:id/export', {
    schema: { summary: 'A whole job as one document', tags: ['jobs'], params: jobParams, response: { 200: jobDocumentSchema } },
  }, async ({ params: { id } }) => exportJob(ledger, id));

  for (const move of ['cancel', 'pause', 'resume'] as const) {
    app.post(`/v1/jobs/:id/${move}`, {
      schema: { summary: summaries[move], tags: ['jobs'], params: jobParams, response: { 200: jobStatusSchema } },
    }, async ({ params: { id } }) => {
      await steerJob(ledger, id, move, move === 'cancel' ? 'cancelled by a client' : null);
      signals.publish(id);
      return readStatus(ledger, id, await workers.live());
    });
  }
};

const summaries = {
  cancel: 'Cancel a job: terminal at once, running trials are stopped',
  pause: 'Pause a job: nothing new begins, running trials finish',
  resume: 'Resume a paused job',
};
