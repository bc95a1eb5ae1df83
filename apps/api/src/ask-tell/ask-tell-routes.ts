import {
  askAnswerSchema,
  askRequestSchema,
  failAnswerSchema,
  failRequestSchema,
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  releaseAnswerSchema,
  releaseRequestSchema,
  tellAnswerSchema,
  tellRequestSchema,
  type AskedTrial,
} from '@gradsmith/contract';
import { encodeCurve, milliseconds } from '@gradsmith/core/domain';
import { nameTrialSpan } from '@gradsmith/core/ports';
import {
  failTrial,
  readTrial,
  recordHeartbeat,
  releaseTrial,
  reportAttempt,
  type AttemptRef,
} from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteDeps } from '../deps.ts';
import { writing } from '../keys/scopes.ts';
import { jobParams, trialParams } from '../plugins/params.ts';
import { RefusedResult } from '../plugins/problems.ts';
import { refuseUnlessExternal, waitForTrials } from './wait-for-trials.ts';

type Refusal = 'stale' | 'conflict';

/** The trial protocol for external programs. Every call may be repeated and gets the same answer. */
export const askTellRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals, watch, tracer }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/v1/jobs/:id/ask',
    {
      config: writing,
      schema: {
        operationId: 'askTrial',
        summary: 'Start a trial of an external objective',
        description:
          'Leases one trial to the calling program. If none is free, it waits up to `wait`. Repeat a call whose ' +
          'reply was lost with the same `attempt`: you get the same trial. 409 for jobs whose trials workers ' +
          'execute.',
        tags: ['ask and tell'],
        params: jobParams,
        body: askRequestSchema,
        response: { 200: askAnswerSchema },
      },
    },
    async (request): Promise<AskedTrial> => {
      const { id } = request.params;
      const { attempt, ...asked } = request.body;
      const { socket } = request.raw;
      const answer = await waitForTrials(
        { ledger, watch },
        { ...asked, jobId: id, attempts: [attempt], isGone: () => socket.destroyed },
      );
      if (answer.answer !== 'trials') return answer;
      const [started] = answer.items;
      request.log.info({ job: id, trial: started!.trial, attempt, worker: asked.worker }, 'trial started');
      return { answer: 'trial', ...started! };
    },
  );

  const findAttempt = async (id: string, trialId: string, attemptId: string): Promise<AttemptRef> => {
    await refuseUnlessExternal(ledger, id);
    return { jobId: id, trialId, attemptId };
  };

  /** Returns the answer, or throws it if the trial does not take what the attempt reports. */
  const refuseIfStale = async <A extends string>(ref: AttemptRef, answer: A): Promise<Exclude<A, Refusal>> => {
    if (answer !== 'stale' && answer !== 'conflict') return answer as Exclude<A, Refusal>;
    // A trial that does not exist is answered 404.
    await readTrial(ledger, ref.jobId, ref.trialId);
    throw new RefusedResult(answer as Refusal);
  };

  app.post(
    '/v1/jobs/:id/trials/:trial/heartbeat',
    {
      config: writing,
      schema: {
        operationId: 'sendHeartbeat',
        summary: 'Renew the lease, report an intermediate value, and learn whether to continue',
        description:
          'Send it about as often as `heartbeatEvery` says. Without one for the length of the lease, another ' +
          'program gets the trial.',
        tags: ['ask and tell'],
        params: trialParams,
        body: heartbeatRequestSchema,
        response: { 200: heartbeatAnswerSchema },
      },
    },
    async ({ params: { id, trial }, body: { attempt, lease, progress } }) => {
      const ref = await findAttempt(id, trial, attempt);
      return { answer: await recordHeartbeat(ledger, ref, progress ?? null, { leaseMs: milliseconds(lease) }) };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/tell',
    {
      config: writing,
      schema: {
        operationId: 'tellTrial',
        summary: 'Report the result of the trial, once',
        description: 'The same result again is answered `already`, so a call whose reply was lost can be repeated.',
        tags: ['ask and tell'],
        params: trialParams,
        body: tellRequestSchema,
        response: { 200: tellAnswerSchema },
      },
    },
    async (request) => {
      const {
        params: { id, trial },
        body: { attempt, curve, value, ...rest },
      } = request;
      const ref = await findAttempt(id, trial, attempt);
      const answer = await tracer.span(
        'tell',
        { job: id, parent: nameTrialSpan(trial) },
        { 'gradsmith.trial': trial, 'gradsmith.request': request.id },
        async () => {
          const result = value === null ? null : { ...rest, value, curve: encodeCurve(curve) };
          return reportAttempt(ledger, id, { trialId: trial, attemptId: attempt, result });
        },
      );
      request.log.info({ job: id, trial, attempt, answer }, 'trial reported');
      signals.publish(id);
      return { answer: await refuseIfStale(ref, answer) };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/release',
    {
      config: writing,
      schema: {
        operationId: 'releaseTrial',
        summary: 'Release the trial for another program',
        description: 'For a program that has to stop. It does not count as a failure.',
        tags: ['ask and tell'],
        params: trialParams,
        body: releaseRequestSchema,
        response: { 200: releaseAnswerSchema },
      },
    },
    async ({ params: { id, trial }, body: { attempt, reason } }) => {
      const ref = await findAttempt(id, trial, attempt);
      const answer = await releaseTrial(ledger, ref, reason);
      signals.publish(id);
      return { answer: await refuseIfStale(ref, answer) };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/fail',
    {
      config: writing,
      schema: {
        operationId: 'failTrial',
        summary: 'Fail this attempt',
        description: 'The trial is tried again, or fails if no attempt is left.',
        tags: ['ask and tell'],
        params: trialParams,
        body: failRequestSchema,
        response: { 200: failAnswerSchema },
      },
    },
    async (request) => {
      const {
        params: { id, trial },
        body: { attempt, reason, final },
      } = request;
      const ref = await findAttempt(id, trial, attempt);
      const answer = await failTrial(ledger, ref, reason, { final });
      request.log.info({ job: id, trial, attempt, answer, reason }, 'attempt failed');
      signals.publish(id);
      return { answer: await refuseIfStale(ref, answer) };
    },
  );
};
