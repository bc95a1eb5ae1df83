import { milliseconds } from '../domain/duration.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import type { TrialMessage } from '../ports/dispatcher.ts';
import { nameTrialSpan, noTracer } from '../ports/tracer.ts';
import { TrainerFailed, type TrainingRequest } from '../ports/trainer.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';
import { listReportSteps } from '../spec/list-rungs.ts';
import { getPruningRule } from '../spec/pruning-rules.ts';
import { resolveObjective } from '../spec/search-inputs.ts';
import type { AttemptRef } from '../trials/attempts.ts';
import { changeRuntime } from '../trials/change-runtime.ts';
import { completeTrial } from '../trials/complete-trial.ts';
import { failTrial } from '../trials/fail-trial.ts';
import { releaseTrial } from '../trials/release-trial.ts';
import { startTrial } from '../trials/start-trial.ts';
import type { ExecutorDeps } from './deps.ts';
import { Heartbeats } from './heartbeats.ts';
import { retryUntilAvailable } from './retry-until-available.ts';

/** How often progress is sent under rules that decide at any step, so that a trial stops soon, ms. */
const DECIDE_EVERY_MS = 1_000;
/** How long a release waits for the ledger at a shutdown before the trial is left to expire, ms. */
const RELEASE_MS = 5_000;
/** The same of a result, which may have taken hours: as long as the time in which a worker ends (20 s) allows. */
const RESULT_MS = 15_000;

/**
 * How an attempt finished, for logs. `moved`: it failed, and its job continues on another runtime; `declined`: its data
 * is not on this machine; `unrecorded`: the worker was shut down while the ledger was away, and the result is lost.
 */
export type Executed =
  | 'refused'
  | 'reported'
  | 'unrecorded'
  | 'stale'
  | 'cancelled'
  | 'released'
  | 'declined'
  | 'moved'
  | 'failed';

/**
 * Executes the trial of a message: starts an attempt, trains with heartbeats, reports the result. The message is
 * finished only after the ledger has the result. A result is kept while the ledger is away; only the end of the process
 * loses it, which waits for the ledger for a bounded time. If `signal` aborts, because the worker shuts down, the trial
 * is released.
 */
export async function executeTrial(deps: ExecutorDeps, message: TrialMessage, signal: AbortSignal): Promise<Executed> {
  const { jobId, trialId } = message;
  const { tracer = noTracer, executor } = deps;
  const attributes = { 'gradsmith.trial': trialId, 'gradsmith.worker': executor.worker };
  return tracer.span('execute trial', { job: jobId, parent: nameTrialSpan(trialId) }, attributes, () =>
    startAndTrain(deps, { jobId, trialId, attemptId: deps.newId() }, signal),
  );
}

async function startAndTrain(deps: ExecutorDeps, ref: AttemptRef, signal: AbortSignal): Promise<Executed> {
  const { ledger, executor, leaseMs } = deps;
  const log = { job: ref.jobId, trial: ref.trialId, attempt: ref.attemptId };
  const started = await retryUntilAvailable(deps, () => startTrial(ledger, ref, executor, { leaseMs }), { signal });
  if (started?.kind !== 'started') {
    deps.log.debug({ ...log, reason: started?.reason }, 'trial not started');
    return 'refused';
  }
  deps.log.info(log, 'trial started');
  const executed = await runAttempt(deps, ref, started, signal);
  deps.log.info({ ...log, executed }, 'attempt finished');
  deps.signals.publish(ref.jobId);
  return executed;
}

async function runAttempt(
  deps: ExecutorDeps,
  ref: AttemptRef,
  { spec, trial }: { spec: JobSpec; trial: TrialRecord },
  signal: AbortSignal,
): Promise<Executed> {
  const stop = new AbortController();
  const rungs = listReportSteps(spec);
  const rule = getPruningRule(spec);
  const everyMs = rule === 'proven' || rule === 'patience' ? DECIDE_EVERY_MS : Infinity;
  const heartbeats = new Heartbeats(deps, ref, stop, { rungs, everyMs });
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
        prune: heartbeats.prune,
        onProgress: (progress) => heartbeats.note(progress),
      },
    );
    return await reportResult(deps, ref, result, signal);
  } catch (error) {
    if (heartbeats.verdict) return heartbeats.verdict;
    return signal.aborted ? await releaseAttempt(deps, ref) : await reportFailure(deps, ref, error, signal);
  } finally {
    await heartbeats.stop();
  }
}

/** Returns what the trainer gets, which is the same for every attempt at the trial. */
function resolveWork(spec: JobSpec, trial: TrialRecord): TrainingRequest['objective'] {
  if (isTrainingJob(spec)) return resolveObjective(spec, trial);
  if (spec.objective.kind !== 'module') {
    throw new TrainerFailed('refused', 'an external objective is measured by programs that ask for its trials');
  }
  const { kind, module, options } = spec.objective;
  return { kind, module, options, params: trial.point, trial: trial.number!, seed: trial.seed };
}

/**
 * Reports a result, for as long as the worker runs: a result that took an hour is worth waiting for a ledger that
 * restarts. At a shutdown it waits for `RESULT_MS`, and then leaves the trial to expire.
 */
async function reportResult(
  deps: ExecutorDeps,
  ref: AttemptRef,
  result: TrialResult,
  signal: AbortSignal,
): Promise<Executed> {
  const log = { job: ref.jobId, trial: ref.trialId };
  let isGivenUp = false;
  const answer = await retryUntilAvailable(deps, () => completeTrial(deps.ledger, ref, result), {
    signal,
    graceMs: RESULT_MS,
    onGivenUp: (error) => {
      isGivenUp = true;
      deps.log.warn({ ...log, err: error }, 'result not recorded; the trial runs again when its lease has expired');
    },
  });
  if (isGivenUp) return 'unrecorded';
  if (answer === 'conflict') {
    deps.log.error(log, 'this attempt reported another result before');
  }
  return answer === 'reported' || answer === 'already' ? 'reported' : 'stale';
}

async function releaseAttempt(deps: ExecutorDeps, ref: AttemptRef): Promise<Executed> {
  const release = () => releaseTrial(deps.ledger, ref, 'the worker was shut down');
  await retryUntilAvailable(deps, release, { boundMs: RELEASE_MS });
  return 'released';
}

async function reportFailure(
  deps: ExecutorDeps,
  ref: AttemptRef,
  error: unknown,
  signal: AbortSignal,
): Promise<Executed> {
  const { failure, fallbackRuntime } = error instanceof TrainerFailed ? error : {};
  const reason = error instanceof Error ? error.message : String(error);
  const log = { job: ref.jobId, trial: ref.trialId };
  deps.log.warn({ ...log, err: error }, 'attempt failed');
  if (failure === 'no-data') {
    deps.onNoData?.(ref.jobId, reason);
    await retryUntilAvailable(deps, () => releaseTrial(deps.ledger, ref, reason), { signal });
    return 'declined';
  }
  if (fallbackRuntime !== undefined && (await changeJobRuntime(deps, ref, fallbackRuntime, reason, signal)))
    return 'moved';
  // Another attempt would measure the same metrics.
  const options = { final: failure === 'refused' || error instanceof InvalidInput };
  const answer = await retryUntilAvailable(deps, () => failTrial(deps.ledger, ref, reason, options), { signal });
  return answer === 'stale' ? 'stale' : 'failed';
}

/** Returns whether the job continues on the runtime on which the failed training works. */
async function changeJobRuntime(
  deps: ExecutorDeps,
  ref: AttemptRef,
  runtime: string,
  reason: string,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await retryUntilAvailable(deps, () => changeRuntime(deps.ledger, ref, runtime, reason), { signal });
  if (answer !== 'changed') return false;
  deps.log.warn({ job: ref.jobId, trial: ref.trialId, runtime }, 'job continues on another runtime');
  return true;
}
