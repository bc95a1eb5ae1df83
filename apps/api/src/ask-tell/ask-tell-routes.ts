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
import { Conflict, encodeCurve, isActive, milliseconds } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import { nameTrialSpan } from '@gradsmith/core/ports';
import {
  askTrial,
  failTrial,
  readTrial,
  recordHeartbeat,
  releaseTrial,
  completeTrial,
  type AttemptRef,
} from '@gradsmith/core/trials';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteDeps } from '../deps.ts';
import { writing } from '../keys/scopes.ts';
import { jobParams, trialParams } from '../plugins/params.ts';
import { RefusedResult } from '../plugins/problems.ts';

/** Longest wait of one ask, well within the request's timeout, ms. */
const MAX_WAIT_MS = 10_000;
/** Pauses between tries to get a trial, from the first to the longest, ms. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 400;
/** Heartbeats per lease: several may be lost before it expires. */
const BEATS_PER_LEASE = 4;

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
      const { attempt, worker, lease, wait } = request.body;
      const until = performance.now() + Math.min(wait ? milliseconds(wait) : 0, MAX_WAIT_MS);
      // The coordinator creates a trial within milliseconds and sends no signal for it.
      for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LAST_LOOK_MS)) {
        const answer = await askTrial(ledger, id, attempt, worker, { leaseMs: milliseconds(lease) });
        if (answer.kind === 'trial') {
          const { trial } = answer;
          request.log.info({ job: id, trial: trial.id, attempt, worker }, 'trial started');
          return {
            answer: 'trial',
            trial: trial.id,
            number: trial.number!,
            point: trial.point,
            seed: trial.seed,
            attempt,
            lease,
            heartbeatEvery: `${Math.floor(milliseconds(lease) / BEATS_PER_LEASE)}ms`,
          };
        }
        if (!isActive(answer.state)) return { answer: 'finished', state: answer.state };
        const left = until - performance.now();
        if (left > 0) await watch.change(id, Math.min(left, pause));
        // A client that hung up would not learn of its trial.
        if (left <= 0 || request.raw.socket.destroyed) return { answer: 'wait', state: answer.state, retryAfter: '1s' };
      }
    },
  );

  const findAttempt = async (id: string, trialId: string, attemptId: string): Promise<AttemptRef> => {
    const { spec } = await ledger.readJob(id);
    if (spec.objective.kind !== 'external')
      throw new Conflict(`the trials of job ${id} are executed by workers, which report the results`);
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
        async () =>
          value === null
            ? failWithoutValue(ledger, ref)
            : completeTrial(ledger, ref, { ...rest, value, curve: encodeCurve(curve) }),
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

async function failWithoutValue(ledger: Ledger, ref: AttemptRef): Promise<'stale' | 'failed'> {
  const answer = await failTrial(ledger, ref, 'the program reported no finite value', { final: true });
  return answer === 'stale' ? 'stale' : 'failed';
}
