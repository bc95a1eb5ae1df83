import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '../domain/canonical-json.ts';
import { isConfirmTrialId, isSearchTrialId, selectConfirmTrialIds } from '../domain/confirm-trials.ts';
import { InvalidInput, type Problem } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { addFinalValue } from '../domain/pruning.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { measureExcess } from '../spec/measured-constraints.ts';
import { listMissingMetrics } from '../spec/needed-metrics.ts';
import { getPruningRule } from '../spec/pruning-rules.ts';
import { computeTrialPenalty } from '../spec/search-inputs.ts';
import { findStopRule } from '../spec/stop-rules.ts';
import { type AttemptRef, holdsTrial } from './attempts.ts';

export type CompleteTrialAnswer = 'reported' | 'already' | 'conflict' | 'stale';

/**
 * Settles the trial once. `result` must have passed `trialResultSchema`.
 *
 * @throws InvalidInput if a metric is missing that the job needs
 */
export async function completeTrial(
  ledger: Ledger,
  ref: AttemptRef,
  result: TrialResult,
): Promise<CompleteTrialAnswer> {
  const digest = digestResult(result);
  const isConfirmation = isConfirmTrialId(ref.trialId);
  const trials = isConfirmation ? (job: JobRecord) => [ref.trialId, ...listPairs(job)] : [ref.trialId];
  const needs = { trials, rungs: isSearchTrialId(ref.trialId) };
  return ledger.transact(ref.jobId, needs, (draft): CompleteTrialAnswer => {
    const trial = draft.trials.get(ref.trialId);
    if (!trial) return 'stale';
    const earlier = findEarlierAnswer(trial, ref.attemptId, digest);
    if (earlier) return earlier;
    if (!holdsTrial(trial, ref.attemptId)) return 'stale';
    const problems = listMetricProblems(draft.spec, trial.id, result);
    if (problems.length) throw new InvalidInput(problems, 'the result');
    const { curve, recording, ...rest } = result;
    trial.result = rest;
    trial.digest = digest;
    const excess = trial.role === 'search' ? measureExcess(draft.spec, result) : undefined;
    if (excess && result.outcome === 'complete') trial.feasible = excess.every((each) => each <= 0);
    if (result.outcome !== 'pruned') trial.pruning = null;
    if (curve) draft.curves.set(trial.id, curve);
    if (recording) draft.recordings.set(trial.id, recording);
    getCurrentAttempt(trial)!.outcome = 'reported';
    getCurrentAttempt(trial)!.finishedAt = draft.now;
    draft.moveTrial(trial, ({ complete: 'complete', diverged: 'diverge', pruned: 'prune' } as const)[result.outcome]);
    draft.recordResult(trial);
    if (trial.role === 'search') {
      recordFinalValue(draft, trial);
      stopIfDue(draft, trial);
    }
    if (isConfirmation) draft.recordConfirmedGain();
    return 'reported';
  });
}

/** Keeps the value of a complete trial for the predictions of others; without penalty, as are the values at steps. */
function recordFinalValue(draft: Draft, trial: TrialRecord): void {
  const { spec } = draft;
  if (trial.state !== 'complete' || getPruningRule(spec) !== 'predicted') return;
  const value = trial.result!.value - computeTrialPenalty(spec, trial);
  draft.rungs = addFinalValue(draft.rungs, getDirection(spec), trial.id, value);
  draft.markChanged('rungs');
}

/** Lists the trials that the confirmed gain of the best trial is computed from. */
function listPairs({ best, extras }: JobRecord): string[] {
  return selectConfirmTrialIds(extras, [best?.number ?? null, null]);
}

/**
 * Lists what is wrong with the metrics of a complete result: those that constraints or objectives need and that are
 * missing, which nothing could replace, and another number for the metric of the job than its value.
 */
export function listMetricProblems(spec: JobSpec, trialId: string, result: TrialResult): Problem[] {
  if (result.outcome !== 'complete') return [];
  const { objective } = spec;
  if (objective.kind !== 'training') {
    const { name } = objective.metric;
    const repeated = Object.hasOwn(result.metrics, name) ? result.metrics[name] : result.value;
    if (repeated !== result.value) {
      const message = `is ${repeated}, but it is the metric of the job, and value is ${result.value}; leave it out`;
      return [{ path: ['metrics', name], message }];
    }
  }
  if (!isSearchTrialId(trialId)) return [];
  return listMissingMetrics(spec, result).map((name) => ({
    path: ['metrics', name],
    message: 'is missing; a constraint or an objective of the job needs it in every complete result',
  }));
}

function stopIfDue(draft: Draft, { number }: TrialRecord): void {
  const rule = findStopRule(draft.job, draft.spec, draft.job.best?.number === number);
  if (rule) draft.stopSearch(rule);
}

/** Returns the answer to a result that this attempt already reported, or null if it reported none. */
function findEarlierAnswer(trial: TrialRecord, attemptId: string, digest: string): 'already' | 'conflict' | null {
  if (trial.digest === null || getCurrentAttempt(trial)?.id !== attemptId) return null;
  return trial.digest === digest ? 'already' : 'conflict';
}

/** Equal for equal results, whatever the order of their keys. */
export function digestResult(result: TrialResult): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(result))));
}
