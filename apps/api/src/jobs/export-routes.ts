import { Readable } from 'node:stream';
import {
  formatCurvesCsv,
  formatTrialsCsv,
  jobResourceSchema,
  listCurveRows,
  toJobResource,
  toTrialDetail,
  toTrialResource,
  type MeasuredJob,
  type TrialDetail,
  type TrialResource,
} from '@gradsmith/contract';
import { listTrialIds, type JobRecord } from '@gradsmith/core/domain';
import { insertImport, jobDocumentSchema, streamJobDocument, type JobDocument } from '@gradsmith/core/jobs';
import { type JobView, type Ledger } from '@gradsmith/core/ledger';
import { getMetricName, listParameterNames } from '@gradsmith/core/spec';
import { readMeasurements } from '@gradsmith/core/trials';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading, writing } from '../keys/scopes.ts';
import { Admission, refuseIfGone } from '../plugins/admission.ts';
import { jobParams } from '../plugins/params.ts';
import { refuseExpensive } from '../plugins/refuse-expensive.ts';
import { refuseWebhooks } from '../plugins/refuse-webhooks.ts';
import { leaveBodyToHandler } from '../plugins/validation.ts';
import { ThreadImporter } from './thread-importer.ts';

/** Enough for about ten thousand trials with their curves, bytes. */
const IMPORT_LIMIT = 64 * 1024 * 1024;
/** Time for the body of an import to arrive, ms. */
const UPLOAD_MS = 120_000;
/** Trials that are read and written at once. */
const PAGE = 100;
/** Characters that are sent at once, at least. */
const CHUNK = 16_384;
/** Exports that run at once. */
const MAX_EXPORTS = 16;
/** Imports that run at once: each needs several times the memory of its body. */
const MAX_IMPORTS = 1;
/** Time limit for a large job over a slow connection, ms. */
const TRANSFER_MS = 600_000;

export const exportRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, settings }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const importer = new ThreadImporter();
  app.addHook('onClose', async () => importer.close());
  // The thread parses the body.
  instance.removeContentTypeParser('application/json');
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const exporting = new Admission({ max: MAX_EXPORTS, maxPerCaller: settings.maxExportsPerCaller, what: 'exports' });
  const importing = new Admission({ max: MAX_IMPORTS, what: 'imports' });

  const stream = <Body = string>(
    request: ExportRequest,
    { raw }: Pick<FastifyReply, 'raw'>,
    format: () => AsyncIterable<string>,
  ): Body => {
    // Fastify makes the answer to HEAD of that to GET, and would read everything that it leaves out.
    if (request.method === 'HEAD') return toStream<Body>([]);
    // Node starts this time again whenever the client has read something.
    raw.setTimeout(settings.stallMs, () => raw.destroy());
    return toStream<Body>(exporting.follow(request, format()));
  };

  app.get(
    '/v1/jobs/:id/export',
    {
      config: reading,
      preParsing: exporting.admit,
      handlerTimeout: TRANSFER_MS,
      schema: {
        operationId: 'exportJob',
        summary: 'Export a job as one document',
        description:
          'The document can be imported into another service, and `gradsmith report` and `gradsmith replay` read it.',
        tags: ['export'],
        params: jobParams,
        response: { 200: jobDocumentSchema },
      },
    },
    async (request, reply) => {
      const view = await ledger.readJob(request.params.id);
      void reply.type('application/json; charset=utf-8');
      return reply.send(stream<JobDocument>(request, reply, () => streamJobDocument(ledger, view)));
    },
  );

  app.get(
    '/v1/jobs/:id/trials.csv',
    {
      config: reading,
      preParsing: exporting.admit,
      handlerTimeout: TRANSFER_MS,
      schema: {
        operationId: 'exportTrialsCsv',
        summary: 'Export all trials as CSV',
        description: 'RFC 4180: one row for each trial, one column for each parameter and metric.',
        tags: ['export'],
        params: jobParams,
        produces: ['text/csv'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const { job, spec } = await ledger.readJob(request.params.id);
      const parameters = listParameterNames(spec);
      const metrics = await exporting.run(request, async () => listMetrics(ledger, job, request));
      attach(reply, `${spec.name}.csv`, 'text/csv; charset=utf-8');
      const format = (): AsyncIterable<string> => formatTrialsCsv(readTrials(ledger, job), { parameters, metrics });
      return reply.send(stream(request, reply, format));
    },
  );

  app.get(
    '/v1/jobs/:id/curves.csv',
    {
      config: reading,
      preParsing: exporting.admit,
      handlerTimeout: TRANSFER_MS,
      schema: {
        operationId: 'exportCurvesCsv',
        summary: 'Export all curves as CSV',
        description:
          'RFC 4180: one row for each point of a curve, with its trial, attempt, series, step and value. The series ' +
          'is the metric for intermediate values, or `training loss`.',
        tags: ['export'],
        params: jobParams,
        produces: ['text/csv'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const view = await ledger.readJob(request.params.id);
      attach(reply, `${view.spec.name}-curves.csv`, 'text/csv; charset=utf-8');
      const format = (): AsyncIterable<string> =>
        formatCurvesCsv(listCurveRows(toMeasuredJob(view), readDetails(ledger, view)));
      return reply.send(stream(request, reply, format));
    },
  );

  app.get(
    '/v1/jobs/:id/trials.jsonl',
    {
      config: reading,
      preParsing: exporting.admit,
      handlerTimeout: TRANSFER_MS,
      schema: {
        operationId: 'exportTrialsJsonLines',
        summary: 'Export all trials as JSON lines',
        description: 'One trial in each line.',
        tags: ['export'],
        params: jobParams,
        produces: ['application/jsonl'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const { job, spec } = await ledger.readJob(request.params.id);
      attach(reply, `${spec.name}.jsonl`, 'application/jsonl; charset=utf-8');
      return reply.send(stream(request, reply, () => formatJsonLines(readTrials(ledger, job))));
    },
  );

  app.post(
    '/v1/jobs/import',
    {
      config: { ...writing, bodyMs: UPLOAD_MS },
      preParsing: importing.admit,
      bodyLimit: IMPORT_LIMIT,
      handlerTimeout: TRANSFER_MS,
      schema: {
        operationId: 'importJob',
        summary: 'Import a job',
        description: 'Takes the document of an export. The job must have finished, and it keeps its id.',
        tags: ['export'],
        body: jobDocumentSchema,
        response: { 201: jobResourceSchema, 200: jobResourceSchema.describe('The job existed already') },
      },
      validatorCompiler: leaveBodyToHandler,
    },
    async (request, reply) =>
      importing.run(request, async () => {
        refuseIfGone(request);
        const prepared = await importer.prepare((request.body ?? Buffer.alloc(0)) as unknown as Buffer);
        refuseIfGone(request);
        const { spec } = prepared;
        refuseExpensive(spec, settings.maxTrialFlops);
        refuseWebhooks(spec, settings.webhooks);
        const { id, created } = await insertImport(ledger, prepared);
        request.log.info({ job: id, created }, 'job imported');
        return reply
          .code(created ? 201 : 200)
          .header('location', `/v1/jobs/${id}`)
          .send(toJobResource(await ledger.readJob(id)));
      }),
  );
};

type ExportRequest = Pick<FastifyRequest, 'method' | 'raw' | 'identity' | 'ip'>;

function attach(reply: { header(name: string, value: string): unknown }, file: string, type: string): void {
  reply.header('content-type', type);
  reply.header('content-disposition', `attachment; filename="${file}"`);
}

/** Fastify sends a stream as it is, as fast as the client reads it. The client receives what the schema describes. */
function toStream<Body = string>(texts: AsyncIterable<string> | readonly string[]): Body {
  return Readable.from(joinTexts(texts), { objectMode: false }) as unknown as Body;
}

/** Joins short texts, because each chunk of a stream costs time. */
async function* joinTexts(texts: AsyncIterable<string> | readonly string[]): AsyncGenerator<string> {
  let joined = '';
  for await (const text of texts) {
    joined += text;
    if (joined.length < CHUNK) continue;
    yield joined;
    joined = '';
  }
  if (joined) yield joined;
}

/** Reads page by page, so that a job of any size takes little memory. */
async function* readTrials(ledger: Ledger, job: JobRecord): AsyncGenerator<TrialResource> {
  const ids = listTrialIds(job);
  for (let from = 0; from < ids.length; from += PAGE) {
    for (const trial of await ledger.readTrials(job.id, ids.slice(from, from + PAGE))) yield toTrialResource(trial);
  }
}

/** Reads the trials with their curves, page by page. */
async function* readDetails(ledger: Ledger, view: JobView): AsyncGenerator<TrialDetail> {
  const ids = listTrialIds(view.job);
  for (let from = 0; from < ids.length; from += PAGE) {
    const measurements = await readMeasurements(ledger, view, ids.slice(from, from + PAGE));
    for (const each of measurements) yield toTrialDetail({ ...each, recording: null });
  }
}

function toMeasuredJob({ spec }: JobView): MeasuredJob {
  return { metric: getMetricName(spec), isTraining: spec.objective.kind === 'training' };
}

async function* formatJsonLines(trials: AsyncIterable<TrialResource>): AsyncGenerator<string> {
  for await (const trial of trials) yield `${JSON.stringify(trial)}\n`;
}

async function listMetrics(ledger: Ledger, job: JobRecord, request: ExportRequest): Promise<string[]> {
  if (request.method === 'HEAD') return [];
  const names = new Set<string>();
  for await (const { metrics } of readTrials(ledger, job)) {
    refuseIfGone(request);
    for (const name of Object.keys(metrics)) names.add(name);
  }
  return [...names].sort();
}
