import { milliseconds } from '../domain/duration.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import type { TrialMessage } from '../ports/dispatcher.ts';
import { noTracer, nameTrialSpan } from '../ports/tracer.ts';
import { TrainerFailed, type TrainingRequest } from '../ports/trainer.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';
import { listRungs } from '../spec/list-rungs.ts';
import { resolveObjective } from '../spec/search-inputs.ts';
import { type AttemptRef } from '../trials/attempts.ts';
import { completeTrial } from '../trials/complete-trial.ts';
import { failTrial } from '../trials/fail-trial.ts';
import { releaseTrial } from '../trials/release-trial.ts';
import { startTrial } from '../trials/start-trial.ts';
import type { ExecutorDeps } from './deps.ts';
import { Heartbeats } from './heartbeats.ts';
import { retryUntilAvailable } from './retry-until-available.ts';

/** How soon a training is stopped that can no longer win, ms. */
const PROVEN_EVERY_MS = 1_000;

/** What became of an attempt, for logs. */
export type Executed = 'refused' | 'reported' | 'stale' | 'cancelled' | 'released' | 'failed';

/**
 * Executes the trial of a message: begin, train with heartbeats, tell. The ledger is told before the message is
 * finished. While the ledger is away a result is kept and told when it is back; only the process's own end loses it.
 * `signal` aborts when the worker shuts down: the trial is then handed back as preempted.
 */
export async function executeTrial(deps: ExecutorDeps, message: TrialMessage, signal: AbortSignal): Promise<Executed> {
  const { jobId, trialId } = message;
  const { tracer = noTracer, executor } = deps;
  return tracer.span(
    'execute trial',
    { job: jobId, parent: nameTrialSpan(trialId) },
    { 'gradsmith.trial': trialId, 'gradsmith.worker': executor.worker },
    async () => startAndTrain(deps, message, signal),
  );
}

async function startAndTrain(deps: ExecutorDeps, message: TrialMessage, signal: AbortSignal): Promise<Executed> {
  const { ledger } = deps;
  const ref: AttemptRef = { jobId: message.jobId, trialId: message.trialId, attemptId: deps.newId() };
  const log = { job: ref.jobId, trial: ref.trialId, attempt: ref.attemptId };
  const begun = await retryUntilAvailable(deps, signal, () =>
    startTrial(ledger, ref, deps.executor, { leaseMs: deps.leaseMs }),
  );
  if (begun?.kind !== 'started') {
    deps.log.debug({ ...log, reason: begun?.reason }, 'trial not begun');
    return 'refused';
  }
  deps.log.info(log, 'trial begun');
  const executed = await runAttempt(deps, ref, begun.spec, begun.trial, signal);
  deps.log.info({ ...log, executed }, 'attempt over');
  deps.signals.publish(ref.jobId);
  return executed;
}

async function runAttempt(
  deps: ExecutorDeps,
  ref: AttemptRef,
  spec: JobSpec,
  trial: TrialRecord,
  signal: AbortSignal,
): Promise<Executed> {
  const stop = new AbortController();
  const rungs = listRungs(spec);
  const beats = new Heartbeats(deps, ref, stop, {
    rungs,
    everyMs: spec.search.pruning === 'proven' ? PROVEN_EVERY_MS : Infinity,
  });
  try {
    const result = await deps.trainer.train(
      {
        key: `${ref.jobId}/${ref.trialId}`,
        objective: resolveWork(spec, trial),
        timeoutMs: milliseconds(spec.limits.trialTimeout),
        rungs,
      },
      {
        signal: AbortSignal.any([stop.signal, signal]),
        prune: beats.prune,
        onProgress: (progress) => beats.note(progress),
      },
    );
    return await reportResult(deps, ref, result);
  } catch (error) {
    if (beats.verdict) return beats.verdict;
    if (signal.aborted) {
      await retryUntilAvailable(
        deps,
        null,
        () => releaseTrial(deps.ledger, ref, 'the worker was shut down'),
        RELEASE_MS,
      );
      return 'released';
    }
    const final = error instanceof TrainerFailed && error.failure === 'refused';
    const reason = error instanceof Error ? error.message : String(error);
    deps.log.warn({ job: ref.jobId, trial: ref.trialId, err: error }, 'attempt failed');
    const answer = await retryUntilAvailable(deps, signal, () => failTrial(deps.ledger, ref, reason, { final }));
    return answer === 'stale' ? 'stale' : 'failed';
  } finally {
    await beats.stop();
  }
}

/** What the trainer is handed: the same for every attempt at the trial. */
function resolveWork(spec: JobSpec, trial: TrialRecord): TrainingRequest['objective'] {
  if (isTrainingJob(spec)) return resolveObjective(spec, trial);
  if (spec.objective.kind !== 'module')
    throw new TrainerFailed('refused', 'this objective is measured by programs outside, which ask for its trials');
  const { kind, module, options } = spec.objective;
  return { kind, module, options, params: trial.point, trial: trial.number!, seed: trial.seed };
}

async function reportResult(deps: ExecutorDeps, ref: AttemptRef, result: TrialResult): Promise<Executed> {
  // Not cut short by a shutdown: a result that took an hour is worth waiting for a ledger that restarts.
  const answer = await retryUntilAvailable(deps, null, () => completeTrial(deps.ledger, ref, result));
  if (answer === 'conflict')
    deps.log.error({ job: ref.jobId, trial: ref.trialId }, 'another result was told under this attempt');
  return answer === 'reported' || answer === 'already' ? 'reported' : 'stale';
}

/** At a shutdown, how long to wait for the ledger before leaving the trial to expire, ms. */
const RELEASE_MS = 5_000;
