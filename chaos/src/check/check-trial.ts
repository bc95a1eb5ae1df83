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
import { outsideValue, trainingValue, type Known } from '../objective.ts';
import type { Findings } from './violation.ts';

/** What must hold of one trial: a legal life, at most one result, told by the attempt that held it, and a true one. */
export function checkTrial(job: JobRecord, spec: JobSpec, trial: TrialRecord, findings: Findings): void {
  const expect = (holds: boolean, rule: string, detail?: () => unknown): void =>
    findings.expect(holds, rule, `${job.id}/${trial.id}`, detail);
  const { state, history, attempts, result, digest } = trial;

  expect(stateAfter(history) === state, 'its moves are legal and lead to its state', () => ({ history, state }));
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
  expect(moves.filter((move) => move === 'start').length === attempts.length, 'every attempt began once', () => ({
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
    'nothing runs on in a settled trial',
    () => attempts,
  );
  expect(
    attempts.slice(0, -1).every(({ outcome }) => outcome !== 'reported'),
    'only the last attempt can have told',
    () => attempts,
  );

  const told = moves.some((move) => move === 'complete' || move === 'diverge' || move === 'prune');
  expect(
    told === (result !== null) && told === (digest !== null),
    'a told trial has a result, another has none',
    () => ({ moves, result, digest }),
  );
  if (!told || !result) return;
  expect(getCurrentAttempt(trial)?.outcome === 'reported', 'the attempt that told is on record', () => attempts);
  expect(digest === digestResult({ ...result, curve: '' }), 'the result is the one that was told', () => ({
    result,
    digest,
  }));
  const known = valueOf(spec, trial);
  expect(
    result.value === known.value && result.outcome === known.outcome,
    'the result is the objective’s value at the trial’s point',
    () => ({ result, known, point: trial.point }),
  );
}

/** Where the moves lead, or null where one of them was not legal. */
function stateAfter(history: TrialRecord['history']): TrialState | null {
  let state: TrialState | null = null;
  for (const [, move] of history) {
    if ((move === 'create') !== (state === null)) return null;
    state = move === 'create' ? 'pending' : (nextTrialState(state!, move) ?? null);
    if (state === null) return null;
  }
  return state;
}

function valueOf(spec: JobSpec, trial: TrialRecord): Known {
  if (!isTrainingJob(spec)) return outsideValue(trial.point);
  return trainingValue(isPlainBackpropagation(trial) ? spec.objective : resolveObjective(spec, trial));
}
