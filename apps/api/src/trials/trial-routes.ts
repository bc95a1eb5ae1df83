import {
  bFunctionsSchema,
  createFieldsParameter,
  createTrialView,
  curvesSchema,
  listFields,
  selectFields,
  toTrialDetail,
  toTrialResource,
  trialChangesSchema,
  trialDetailSchema,
  trialDetailSelectionSchema,
  trialResourceSchema,
  trialSelectionSchema,
} from '@gradsmith/contract';
import { Conflict, InvalidInput, sourceKinds, trialIdPattern, trialRoles, trialStates } from '@gradsmith/core/domain';
import { countNodesPerPoint, sampleBFunctions, type TrainingObjective } from '@gradsmith/core/objective';
import { isTrainingJob, resolveObjective } from '@gradsmith/core/spec';
import {
  listBestTrials,
  listChangedTrials,
  listTrials,
  readCurves,
  readTrial,
  readTrialDetail,
  trialSorts,
} from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { Admission } from '../plugins/admission.ts';
import { pageQuery } from '../plugins/page-query.ts';
import { jobParams, trialParams } from '../plugins/params.ts';

const fields = createFieldsParameter(trialResourceSchema, '`id,state,value,point.x`');
/** Fields that need no more than the record of the trial. */
const ownFields = new Set(Object.keys(trialResourceSchema.shape).filter((name) => name !== 'attempts'));
const items = z.array(z.union([trialResourceSchema, trialSelectionSchema]));

const listQuery = z
  .strictObject({
    after: z.coerce
      .number()
      .int()
      .min(0)
      .max(1e12)
      .optional()
      .describe('Only trials that have moved since this change of the job: `seq` of a status or of the last answer'),
    ...pageQuery,
    state: z.enum(trialStates).optional().describe('Only trials in this state'),
    role: z.enum(trialRoles).optional().describe('Only trials with this role'),
    source: z.enum(sourceKinds).optional().describe('Only trials whose point comes from this source'),
    sort: z
      .enum(trialSorts)
      .default('number')
      .describe(
        'Descending with a minus. number: search trials, then reference and confirmations. ' +
          'value: pruned trials, whose value is a bound, come last',
      ),
    fields,
  })
  .refine(
    ({ after, cursor, state, role, source, sort }) =>
      after === undefined || !(cursor || state || role || source || sort !== 'number'),
    {
      path: ['after'],
      message: 'can only be combined with limit and fields',
    },
  );

const DEFAULT_POINTS = 201;
/** Nodes of expressions that one answer evaluates at most: they block the event loop for about 100 ms. */
const MAX_NODES = 3e6;

const gridQuery = z
  .strictObject({
    low: z.coerce.number().min(-1e6).max(1e6).default(-5).describe('Smallest pre-activation'),
    high: z.coerce.number().min(-1e6).max(1e6).default(5).describe('Largest pre-activation'),
    points: z.coerce
      .number()
      .int()
      .min(2)
      .max(2_001)
      .optional()
      .describe(`Points of the grid. By default ${DEFAULT_POINTS}, fewer for b-functions that take long to compute`),
  })
  .refine(({ low, high }) => low < high, { path: ['low'], message: 'must be below high' });

/** Requests that read many curves at once. */
const MAX_CURVE_READERS = 8;
/** Trials whose curves are read at once. */
const MAX_CURVES = 100;

const curvesQuery = z.strictObject({
  trials: z
    .string()
    .max(4_000)
    .refine((text) => text.split(',').every((id) => trialIdPattern.test(id)), 'must be ids of trials, such as 0,7')
    .refine((text) => text.split(',').length <= MAX_CURVES, `must be at most ${MAX_CURVES} ids`)
    .describe(`Ids of up to ${MAX_CURVES} trials, separated by commas`),
});

export const trialRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const curveReading = new Admission({ max: MAX_CURVE_READERS, what: 'reads of many curves' });

  app.get(
    '/v1/jobs/:id/trials',
    {
      config: reading,
      schema: {
        operationId: 'listTrials',
        summary: 'List trials of a job',
        description:
          'Page by page: pass `next` of a page as `cursor` of the next call. With `after`, only the trials that have ' +
          'moved since that change of the job, each once, in order of the change. Then pass `seq` of the answer as ' +
          '`after` of the next call; `next` is null if nothing else has changed.',
        tags: ['trials'],
        params: jobParams,
        querystring: listQuery,
        response: { 200: trialChangesSchema.extend({ items: items.describe('The page') }) },
      },
    },
    async ({ params: { id }, query: { after, fields, ...query } }, reply) => {
      // Its parts have the type of the schema. Checking and copying a thousand of them takes as long as reading them.
      void reply.type('application/json; charset=utf-8').serializer(JSON.stringify);
      const show = createTrialView(listFields(fields));
      if (after !== undefined) {
        const { items, seq, hasMore } = await listChangedTrials(ledger, id, { after, limit: query.limit });
        return { items: items.map(show), next: hasMore ? String(seq) : null, seq };
      }
      const { items, next } = await listTrials(ledger, id, query);
      return { items: items.map(show), next };
    },
  );

  app.get(
    '/v1/jobs/:id/best',
    {
      config: reading,
      schema: {
        operationId: 'listBestTrials',
        summary: 'List the best complete trials',
        description: 'Best first.',
        tags: ['trials'],
        params: jobParams,
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(100).default(10).describe('Trials to return'),
          fields,
        }),
        response: { 200: z.strictObject({ items: items.describe('The best trials') }) },
      },
    },
    async ({ params: { id }, query: { limit, fields } }) => ({
      items: (await listBestTrials(ledger, id, limit)).map(createTrialView(listFields(fields))),
    }),
  );

  app.get(
    '/v1/jobs/:id/curves',
    {
      config: reading,
      preParsing: curveReading.admit,
      schema: {
        operationId: 'listCurves',
        summary: 'Get the curves of several trials',
        description:
          'Thinned out to at most 200 steps each, for figures of many trials. Trials without a curve are left out. ' +
          'The curve of a trial without a result is what its latest attempt has reported.',
        tags: ['trials'],
        params: jobParams,
        querystring: curvesQuery,
        response: { 200: curvesSchema },
      },
    },
    async (request) =>
      curveReading.run(request, async () => {
        const { params, query } = request;
        return { items: await readCurves(ledger, params.id, [...new Set(query.trials.split(','))]) };
      }),
  );

  app.get(
    '/v1/jobs/:id/trials/:trial',
    {
      config: reading,
      schema: {
        operationId: 'getTrial',
        summary: 'Get a trial with its curve',
        description:
          'The curve is the training loss of every step, or the intermediate values of an external objective; it ' +
          'comes with the result. What each attempt has reported so far is part of the attempt: while it runs, and ' +
          'after it died.',
        tags: ['trials'],
        params: trialParams,
        querystring: z.strictObject({ fields: createFieldsParameter(trialDetailSchema, '`state,value,metrics.loss`') }),
        response: { 200: z.union([trialDetailSchema, trialDetailSelectionSchema]) },
      },
    },
    async ({ params: { id, trial }, query }) => {
      const fields = listFields(query.fields);
      if (fields?.every((name) => ownFields.has(name.split('.')[0]!)))
        return selectFields(
          { ...toTrialResource(await readTrial(ledger, id, trial)), attempts: [], curve: [] },
          fields,
        );
      return selectFields(toTrialDetail(await readTrialDetail(ledger, id, trial)), fields);
    },
  );

  app.get(
    '/v1/jobs/:id/trials/:trial/b-function',
    {
      config: reading,
      schema: {
        operationId: 'getBFunctions',
        summary: 'Get the b-functions of a trial',
        description: 'Sampled on a grid. 409 for jobs that are not trainings.',
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
      const objective = resolveObjective(spec, await readTrial(ledger, id, trial));
      return { functions: sampleBFunctions(objective, { ...query, points: choosePoints(objective, query.points) }) };
    },
  );
};

/** Returns how many points of the b-functions are computed. @throws InvalidInput if `wanted` takes too long */
function choosePoints(objective: TrainingObjective, wanted: number | undefined): number {
  const most = Math.floor(MAX_NODES / Math.max(1, countNodesPerPoint(objective)));
  const points = wanted ?? Math.max(2, Math.min(DEFAULT_POINTS, most));
  if (points <= most) return points;
  const message =
    most < 2
      ? 'the b-functions of this trial are too large to be sampled'
      : `must be at most ${most}, because the b-functions of this trial are large; send fewer points`;
  throw new InvalidInput([{ in: 'query', path: ['points'], message }], 'the request');
}
