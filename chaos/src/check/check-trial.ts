import {
  getCurrentAttempt,
  isSettled,
  nextTrialState,
  type JobRecord,
  type TrialRecord,
  type TrialState,
} from '@gradsmith/core/domain';
import { isPlainBackpropagation, resolveObjective, isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { digestResult } from '@gradsmith/core/trials';
import { getExternalValue, getTrainingValue, type Known } from '../objective.ts';
import type { Findings } from './violation.ts';

/** Checks one trial: legal moves, and at most one result, which is correct and from the attempt that held the trial. */
export function checkTrial(job: JobRecord, spec: JobSpec, trial: TrialRecord, findings: Findings): void {
  const expect = (holds: boolean, rule: string, detail?: () => unknown): void =>
    findings.expect(holds, rule, `${job.id}/${trial.id}`, detail);
  const { state, history, attempts, result, digest } = trial;

  expect(applyMoves(history) === state, 'its moves are legal and lead to its state', () => ({ history, state }));
  expect(
    history.every(([seq], i) => i === 0 || seq > history[i - 1]![0]),
    'its moves are in order',
    () => history,
  );
  const moves = history.map(([, move]) => move);
  const settled = moves.filter(
    (move) => move === 'complete' || move === 'diverge' || move === 'prune' || move === 'fail',
  ).length;
  expect(settled <= 1, 'no trial is settled twice', () => moves);
  expect(moves.filter((move) => move === 'start').length === attempts.length, 'every attempt started once', () => ({
    moves,
    attempts: attempts.length,
  }));
  expect(
    new Set(attempts.map(({ id }) => id)).size === attempts.length,
    'no attempt id is used twice for one trial',
    () => attempts,
  );
  expect(moves.filter((move) => move === 'release').length <= trial.preemptions, 'every preemption is counted');
  expect(
    !isSettled(state) || (trial.lease === null && attempts.every(({ outcome }) => outcome !== 'running')),
    'no attempt runs in a settled trial',
    () => attempts,
  );
  expect(
    attempts.slice(0, -1).every(({ outcome }) => outcome !== 'reported'),
    'only the last attempt can have reported',
    () => attempts,
  );
  expect(
    attempts.every(({ reason }) => !/EIO|ENOSPC/.test(reason ?? '')),
    'a broken disk of checkpoints fails no training',
    () => attempts,
  );

  const isReported = moves.some((move) => move === 'complete' || move === 'diverge' || move === 'prune');
  expect(
    isReported === (result !== null) && isReported === (digest !== null),
    'a trial has a result if and only if it was reported',
    () => ({ moves, result, digest }),
  );
  if (!isReported || !result) return;
  expect(getCurrentAttempt(trial)?.outcome === 'reported', 'the attempt that reported is recorded', () => attempts);
  expect(digest === digestResult({ ...result, curve: '' }), 'the result is the one that was reported', () => ({
    result,
    digest,
  }));
  const known = getKnownValue(spec, trial);
  expect(
    result.value === known.value && result.outcome === known.outcome,
    'the result is the objective’s value at the trial’s point',
    () => ({ result, known, point: trial.point }),
  );
}

/** Returns the state after the moves, or null if one of them is illegal. */
function applyMoves(history: TrialRecord['history']): TrialState | null {
  let state: TrialState | null = null;
  for (const [, move] of history) {
    if ((move === 'create') !== (state === null)) return null;
    state = move === 'create' ? 'pending' : (nextTrialState(state!, move) ?? null);
    if (state === null) return null;
  }
  return state;
}

function getKnownValue(spec: JobSpec, trial: TrialRecord): Known {
  if (!isTrainingJob(spec)) return getExternalValue(trial.point);
  return getTrainingValue(isPlainBackpropagation(trial) ? spec.objective : resolveObjective(spec, trial));
}
