import { bFunctionsSchema, createPageSchema, toTrialResource, trialResourceSchema } from '@gradsmith/contract';
import {
  compareTrialValues,
  Conflict,
  decodeCurve,
  type JobRecord,
  NotFound,
  rankTrials,
  type TrialRecord,
  sourceKinds,
  trialStates,
} from '@gradsmith/core/domain';
import { type Ledger } from '@gradsmith/core/ledger';
import { sampleBFunctions } from '@gradsmith/core/objective';
import { getDirection, isTrainingJob, resolveObjective } from '@gradsmith/core/spec';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams, trialParams } from '../plugins/params.ts';

const trialWithCurveSchema = trialResourceSchema.extend({
  curve: z
    .array(z.number())
    .describe('Training loss of every step, or the intermediate values of an external objective'),
});

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('`next` of the previous page'),
  state: z.enum(trialStates).optional(),
  role: z.enum(['search', 'reference', 'confirm']).optional(),
  source: z.enum(sourceKinds).optional(),
  sort: z
    .enum(['number', '-number', 'value', '-value', 'settledAt', '-settledAt'])
    .default('number')
    .describe(
      'Descending with a minus. number: search trials, then reference and confirmations. ' +
        'value: pruned trials, whose value is a bound, come last',
    ),
});
type ListQuery = z.infer<typeof listQuery>;

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
        response: { 200: createPageSchema(trialResourceSchema) },
      },
    },
    async ({ params: { id }, query }) => {
      const { job } = await ledger.readJob(id);
      const { items, next } =
        query.sort === 'number' || query.sort === '-number'
          ? await listByNumber(ledger, job, query)
          : await listByField(ledger, job, query);
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
    async ({ params: { id }, query: { limit } }) => {
      const { job, spec } = await ledger.readJob(id);
      return {
        items: rankTrials(await ledger.readAllTrials(job), getDirection(spec))
          .slice(0, limit)
          .map(toTrialResource),
      };
    },
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
    async ({ params: { id, trial } }) => {
      const record = await findTrial(ledger, id, trial);
      const [curve] = await ledger.readCurves(id, [trial]);
      return { ...toTrialResource(record), curve: Array.from(decodeCurve(curve!)) };
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
      return { functions: sampleBFunctions(resolveObjective(spec, await findTrial(ledger, id, trial)), query) };
    },
  );
};

async function findTrial(ledger: Ledger, id: string, trial: string): Promise<TrialRecord> {
  await ledger.readJob(id);
  const [record] = await ledger.readTrials(id, [trial]);
  if (!record) throw new NotFound(`trial ${trial} of job ${id}`);
  return record;
}

interface TrialPage {
  items: TrialRecord[];
  next: string | null;
}

/** Reads only as many trials as fill the page. The cursor is a position in the order. */
async function listByNumber(ledger: Ledger, job: JobRecord, query: ListQuery): Promise<TrialPage> {
  const total = job.nextNumber + job.extras.length;
  const idAt = (place: number): string => {
    const from = query.sort === 'number' ? place : total - 1 - place;
    return from < job.nextNumber ? String(from) : job.extras[from - job.nextNumber]!;
  };
  const items: TrialRecord[] = [];
  let place = query.cursor;
  while (place < total && items.length < query.limit) {
    const ids = Array.from({ length: Math.min(query.limit - items.length, total - place) }, (_, i) => idAt(place + i));
    place += ids.length;
    items.push(...(await ledger.readTrials(job.id, ids)).filter((trial) => matches(trial, query)));
  }
  return { items, next: place < total ? String(place) : null };
}

/** Trials without the field come last in both directions. */
async function listByField(ledger: Ledger, job: JobRecord, query: ListQuery): Promise<TrialPage> {
  const order = query.sort.startsWith('-') ? 'descending' : 'ascending';
  const all = (await ledger.readAllTrials(job)).filter((trial) => matches(trial, query));
  all.sort(
    query.sort.endsWith('value')
      ? (a, b) => compareTrialValues(toComparable(a), toComparable(b), order)
      : (a, b) => compareSettled(a, b, order),
  );
  const next = query.cursor + query.limit;
  return { items: all.slice(query.cursor, next), next: next < all.length ? String(next) : null };
}

function toComparable({ state, result }: TrialRecord): { state: TrialRecord['state']; value: number | null } {
  return { state, value: result?.value ?? null };
}

function compareSettled(
  { settledAt: a }: TrialRecord,
  { settledAt: b }: TrialRecord,
  order: 'ascending' | 'descending',
): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (a - b) * (order === 'ascending' ? 1 : -1);
}

function matches(trial: TrialRecord, { state, role, source }: ListQuery): boolean {
  return (
    (!state || trial.state === state) && (!role || trial.role === role) && (!source || trial.source.kind === source)
  );
}
