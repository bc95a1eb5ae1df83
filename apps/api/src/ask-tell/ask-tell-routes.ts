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
import { nameTrialSpan } from '@gradsmith/core/ports';
import {
  askTrial,
  failTrial,
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

/** Longest wait of one ask, well within the request's time-out, ms. */
const MAX_WAIT_MS = 10_000;
/** Pauses between looks for a trial, from the first to the longest, ms. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 400;
/** Heartbeats in one lease: several may be lost before it runs out. */
const BEATS_PER_LEASE = 4;

/** The trial protocol for outside programs. Every call may be repeated: the same one gets the same answer. */
export const askTellRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals, watch, tracer }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/v1/jobs/:id/ask',
    {
      config: writing,
      schema: {
        summary: 'Take a trial of an external objective',
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
      // The coordinator issues within milliseconds when it is awake, and sends no signal about it.
      for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LAST_LOOK_MS)) {
        const answer = await askTrial(ledger, id, attempt, worker, { leaseMs: milliseconds(lease) });
        if (answer.kind === 'trial') {
          const { trial } = answer;
          request.log.info({ job: id, trial: trial.id, attempt, worker }, 'trial begun');
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
        if (left <= 0) return { answer: 'wait', state: answer.state, retryAfter: '1s' };
        await watch.change(id, Math.min(left, pause));
      }
    },
  );

  const refTo = async (id: string, trialId: string, attemptId: string): Promise<AttemptRef> => {
    const { spec } = await ledger.readJob(id);
    if (spec.objective.kind !== 'external')
      throw new Conflict(`the trials of job ${id} are executed by workers, which tell their results themselves`);
    return { jobId: id, trialId, attemptId };
  };

  app.post(
    '/v1/jobs/:id/trials/:trial/heartbeat',
    {
      config: writing,
      schema: {
        summary: 'Keep the trial, report an intermediate value, learn whether to go on',
        tags: ['ask and tell'],
        params: trialParams,
        body: heartbeatRequestSchema,
        response: { 200: heartbeatAnswerSchema },
      },
    },
    async ({ params: { id, trial }, body: { attempt, lease, progress } }) => {
      const ref = await refTo(id, trial, attempt);
      return { answer: await recordHeartbeat(ledger, ref, progress ?? null, { leaseMs: milliseconds(lease) }) };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/tell',
    {
      config: writing,
      schema: {
        summary: 'Tell the result of the trial, once',
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
      const ref = await refTo(id, trial, attempt);
      const answer = await tracer.span(
        'tell',
        { job: id, parent: nameTrialSpan(trial) },
        { 'gradsmith.trial': trial, 'gradsmith.request': request.id },
        async () =>
          value === null
            ? (await failTrial(ledger, ref, 'the program told no finite value', { final: true })) === 'stale'
              ? ('stale' as const)
              : ('failed' as const)
            : completeTrial(ledger, ref, { ...rest, value, curve: encodeCurve(curve) }),
      );
      request.log.info({ job: id, trial, attempt, answer }, 'trial told');
      signals.publish(id);
      return { answer };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/release',
    {
      config: writing,
      schema: {
        summary: 'Hand the trial back: another program takes it over, and it counts as no failure',
        tags: ['ask and tell'],
        params: trialParams,
        body: releaseRequestSchema,
        response: { 200: releaseAnswerSchema },
      },
    },
    async ({ params: { id, trial }, body: { attempt, reason } }) => {
      const answer = await releaseTrial(ledger, await refTo(id, trial, attempt), reason);
      signals.publish(id);
      return { answer };
    },
  );

  app.post(
    '/v1/jobs/:id/trials/:trial/fail',
    {
      config: writing,
      schema: {
        summary: 'This attempt failed: the trial is tried again, or fails when no attempt is left',
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
      const answer = await failTrial(ledger, await refTo(id, trial, attempt), reason, { final });
      request.log.info({ job: id, trial, attempt, answer, reason }, 'attempt failed');
      signals.publish(id);
      return { answer };
    },
  );
};
