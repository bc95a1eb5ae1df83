import {
  askManyAnswerSchema,
  askManyRequestSchema,
  tellManyAnswerSchema,
  tellManyRequestSchema,
  type TellManyAnswer,
} from '@gradsmith/contract';
import { encodeCurve } from '@gradsmith/core/domain';
import { nameTrialSpan } from '@gradsmith/core/ports';
import { reportAttempts, type AttemptResult } from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { writing } from '../keys/scopes.ts';
import { jobParams } from '../plugins/params.ts';
import { refuseUnlessExternal, waitForTrials } from './wait-for-trials.ts';

type TellManyResults = z.output<typeof tellManyRequestSchema>['results'];

const refusals = new Set(['stale', 'conflict', 'not-found']);

/** Ask and tell for several trials in one request. */
export const batchRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals, watch, tracer }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/v1/jobs/:id/ask-many',
    {
      config: writing,
      schema: {
        operationId: 'askTrials',
        summary: 'Start several trials of an external objective',
        description:
          'As `/ask`, for up to 100 trials. Leases as many as are free, and waits up to `wait` only if none is. ' +
          'Repeat a call whose reply was lost with the same `attempts`: you get the same trials.',
        tags: ['ask and tell'],
        params: jobParams,
        body: askManyRequestSchema,
        response: { 200: askManyAnswerSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { socket } = request.raw;
      const asked = { ...request.body, jobId: id, isGone: () => socket.destroyed };
      const answer = await waitForTrials({ ledger, watch }, asked);
      if (answer.answer === 'trials')
        for (const { trial, attempt } of answer.items)
          request.log.info({ job: id, trial, attempt, worker: asked.worker }, 'trial started');
      return answer;
    },
  );

  app.post(
    '/v1/jobs/:id/tell-many',
    {
      config: writing,
      schema: {
        operationId: 'tellTrials',
        summary: 'Report the results of several trials',
        description:
          'As `/tell`, for up to 100 trials. Each result is stored on its own or not at all, and has its own answer; ' +
          'the status is 200 although some do not count (`refused`). 422 if any result is not valid: then none is ' +
          'stored. A call whose reply was lost can be repeated.',
        tags: ['ask and tell'],
        params: jobParams,
        body: tellManyRequestSchema,
        response: { 200: tellManyAnswerSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { results } = request.body;
      await refuseUnlessExternal(ledger, id);
      const reporting = reportAttempts(ledger, id, results.map(toAttemptResult));
      const answers = await Promise.all(
        results.map(async ({ trial }, i) =>
          tracer.span(
            'tell',
            { job: id, parent: nameTrialSpan(trial) },
            { 'gradsmith.trial': trial, 'gradsmith.request': request.id },
            async () => (await reporting)[i]!,
          ),
        ),
      );
      signals.publish(id);
      const stale = results.flatMap(({ trial }, i) => (answers[i] === 'stale' ? [trial] : []));
      const known = new Set((await ledger.readTrials(id, stale)).map((trial) => trial.id));
      const items = results.map(({ trial, attempt }, i): TellManyAnswer['items'][number] => {
        const answer = answers[i] === 'stale' && !known.has(trial) ? 'not-found' : answers[i]!;
        request.log.info({ job: id, trial, attempt, answer }, 'trial reported');
        return { trial, attempt, answer };
      });
      return { items, refused: items.filter(({ answer }) => refusals.has(answer)).length };
    },
  );
};

function toAttemptResult({ trial, attempt, value, curve, ...result }: TellManyResults[number]): AttemptResult {
  const ref = { trialId: trial, attemptId: attempt };
  return { ...ref, result: value === null ? null : { ...result, value, curve: encodeCurve(curve) } };
}
