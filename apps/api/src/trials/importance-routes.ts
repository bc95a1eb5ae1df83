import { ThreadImportance, ThreadModel } from '@gradsmith/compute';
import { importanceSchema, modelSchema } from '@gradsmith/contract';
import { InvalidInput, type Problem } from '@gradsmith/core/domain';
import { buildSearchSpace, type JobSpec } from '@gradsmith/core/spec';
import { readImportanceTrials } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams } from '../plugins/params.ts';

const name = z.string().min(1).max(200);

const modelQuery = z
  .strictObject({
    x: name.optional().describe('Parameter of the columns of the grid'),
    y: name.optional().describe('Parameter of its rows; by default the two parameters that matter most'),
  })
  .refine(({ x, y }) => (x === undefined) === (y === undefined), 'x and y must be given together');

/** A fit may have to wait for the fits of other jobs, ms. */
const FIT_MS = 60_000;

export const importanceRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const importance = new ThreadImportance();
  const model = new ThreadModel();
  app.addHook('onClose', async () => {
    await Promise.all([importance.close(), model.close()]);
  });

  app.get(
    '/v1/jobs/:id/importance',
    {
      config: reading,
      handlerTimeout: FIT_MS,
      schema: {
        operationId: 'measureImportance',
        summary: 'Measure the importance of each parameter',
        description: 'The share of the variation of the value that each parameter explains, from a fit to all results.',
        tags: ['trials'],
        params: jobParams,
        response: { 200: importanceSchema },
      },
    },
    async ({ params: { id } }) => {
      const { job, spec } = await ledger.readJob(id);
      const trials = await readImportanceTrials(ledger, job);
      return { items: await importance.measure({ spec, job, trials }) };
    },
  );

  app.get(
    '/v1/jobs/:id/model',
    {
      config: reading,
      handlerTimeout: FIT_MS,
      schema: {
        operationId: 'describeModel',
        summary: 'Describe what the model expects around the best point',
        description:
          'A Gaussian process is fitted to the last 300 results, whatever the job searches with. The answer has its ' +
          'mean and its standard deviation along each parameter, and over two parameters.',
        tags: ['trials'],
        params: jobParams,
        querystring: modelQuery,
        response: { 200: modelSchema },
      },
    },
    async ({ params: { id }, query: { x, y } }) => {
      const { job, spec } = await ledger.readJob(id);
      refuseNonNumeric(spec, { x, y });
      const trials = await readImportanceTrials(ledger, job);
      const pair = x === undefined || y === undefined ? null : ([x, y] as const);
      return model.describe({ spec, job, trials, pair });
    },
  );
};

/** Refuses x and y unless they are two different numeric parameters of the search. */
function refuseNonNumeric(spec: JobSpec, { x, y }: { x?: string | undefined; y?: string | undefined }): void {
  const { space } = buildSearchSpace(spec);
  const names = Object.keys(space).filter((each) => ['float', 'int'].includes(space[each]!.type));
  const problems: Problem[] = [];
  for (const [field, value] of Object.entries({ x, y })) {
    if (value === undefined || names.includes(value)) continue;
    problems.push({
      in: 'query',
      path: [field],
      message: `must be a numeric parameter: ${names.join(', ') || 'none'}`,
    });
  }
  if (x !== undefined && x === y)
    problems.push({ in: 'query', path: ['y'], message: 'must be another parameter than x' });
  if (problems.length) throw new InvalidInput(problems, 'the request');
}
