import {
  createFieldsParameter,
  jobResourceSchema,
  jobSelectionSchema,
  listFields,
  selectFields,
  toJobResource,
} from '@gradsmith/contract';
import {
  chooseJobId,
  cloneJob,
  cloneRequestSchema,
  createJob,
  deleteJob,
  editJob,
  jobChangesSchema,
} from '@gradsmith/core/jobs';
import { JOB_SPAN } from '@gradsmith/core/ports';
import { jobSchema, parseJob } from '@gradsmith/core/spec';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { administering, reading, writing } from '../keys/scopes.ts';
import { getCaller } from '../plugins/authenticate.ts';
import { idempotent, jobParams } from '../plugins/params.ts';
import { refuseExpensive } from '../plugins/refuse-expensive.ts';
import { refuseWebhooks } from '../plugins/refuse-webhooks.ts';
import { leaveBodyToHandler } from '../plugins/validation.ts';

const clonedSchema = jobResourceSchema.extend({
  observed: z.int().describe('Results that the optimizer knows from the start'),
  enqueued: z.int().describe('Points that are tried first'),
  skipped: z.int().describe('Results and trials left out because the new space does not have their points'),
});

export const jobRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals, settings, tracer }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/v1/jobs',
    {
      config: writing,
      schema: {
        operationId: 'createJob',
        summary: 'Create a search job',
        description:
          'Checks the whole job and stores it. The search starts as soon as workers or programs take its trials. ' +
          'Send an `Idempotency-Key`, so that a repeated call finds the first job.',
        tags: ['jobs'],
        headers: idempotent,
        body: jobSchema,
        response: { 201: jobResourceSchema, 200: jobResourceSchema.describe('The job existed already') },
      },
      validatorCompiler: leaveBodyToHandler,
    },
    async (request, reply) => {
      const spec = parseJob(request.body);
      refuseExpensive(spec, settings.maxTrialFlops);
      refuseWebhooks(spec, settings.webhooks);
      const id = await chooseJobId(ledger, request.headers['idempotency-key'] ?? null, getCaller(request));
      const { job, created } = await tracer.span(
        'record job',
        { job: id, id: JOB_SPAN },
        { 'gradsmith.request': request.id },
        async () => createJob(ledger, id, spec),
      );
      request.log.info({ job: id, created }, 'job recorded');
      signals.publish(id);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/jobs/${id}`)
        .send(toJobResource(created ? { job, spec } : await ledger.readJob(id)));
    },
  );

  app.get(
    '/v1/jobs/:id',
    {
      config: reading,
      schema: {
        operationId: 'getJob',
        summary: 'Get a job as it was posted',
        description: 'With every default filled in, with the name and the labels that it has now, and with its notes.',
        tags: ['jobs'],
        params: jobParams,
        querystring: z.strictObject({ fields: createFieldsParameter(jobResourceSchema, '`state,spec.name,notes`') }),
        response: { 200: z.union([jobResourceSchema, jobSelectionSchema]) },
      },
    },
    async ({ params: { id }, query: { fields } }) => {
      return selectFields(toJobResource(await ledger.readJob(id)), listFields(fields));
    },
  );

  app.patch(
    '/v1/jobs/:id',
    {
      config: writing,
      schema: {
        operationId: 'editJob',
        summary: 'Change the name, labels, priority or notes of a job',
        description:
          'A JSON merge patch: fields that are left out stay as they are, and labels are added, changed, or removed ' +
          'with null. Nothing else of a job can be changed. Possible in every state; repeating it changes nothing.',
        tags: ['jobs'],
        params: jobParams,
        body: jobChangesSchema,
        response: { 200: jobResourceSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      await editJob(ledger, id, request.body);
      request.log.info({ job: id }, 'job edited');
      signals.publish(id);
      return toJobResource(await ledger.readJob(id));
    },
  );

  app.delete(
    '/v1/jobs/:id',
    {
      config: administering,
      schema: {
        operationId: 'deleteJob',
        summary: 'Delete a job and all its records',
        description: 'Running trials are stopped. This cannot be undone: export the job before.',
        tags: ['jobs'],
        params: jobParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await deleteJob(ledger, request.params.id);
      request.log.info({ job: request.params.id }, 'job deleted');
      signals.publish(request.params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/jobs/:id/clone',
    {
      config: writing,
      schema: {
        operationId: 'cloneJob',
        summary: 'Create a job like this one, optionally with the results of a job',
        description:
          'The objective stays the same. The request says what differs, and whether the optimizer starts from ' +
          'the results of a job.',
        tags: ['jobs'],
        params: jobParams,
        headers: idempotent,
        body: cloneRequestSchema,
        response: { 201: clonedSchema, 200: clonedSchema.describe('The clone existed already') },
      },
    },
    async (request, reply) => {
      const id = await chooseJobId(ledger, request.headers['idempotency-key'] ?? null, getCaller(request));
      const { job, spec, created, ...start } = await cloneJob(ledger, request.params.id, id, request.body, (spec) => {
        refuseExpensive(spec, settings.maxTrialFlops);
        refuseWebhooks(spec, settings.webhooks);
      });
      request.log.info({ job: id, from: request.params.id, created, ...start }, 'job cloned');
      signals.publish(id);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/jobs/${id}`)
        .send({ ...toJobResource(created ? { job, spec } : await ledger.readJob(id)), ...start });
    },
  );
};
