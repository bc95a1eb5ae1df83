import type { Observation } from '@gradsmith/bayesopt';
import type { TrialRecord } from '../domain/trial-record.ts';
import { trialMoves, type TrialState } from '../domain/trial-states.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/**
 * The search trials as the optimizer saw them when the job had made `seenSeq` changes. With the latest `seq` this is
 * what the next suggestion is computed from; with a trial's recorded `seenSeq` it is what that trial was computed from,
 * whatever has happened since (property 4).
 */
export function listObservations(spec: JobSpec, trials: readonly TrialRecord[], seenSeq: number): Observation[] {
  const seen = trials.flatMap((trial): Observation[] => {
    const state = stateAt(trial, seenSeq);
    if (trial.number === null || trial.role !== 'search' || state === null || state === 'cancelled') return [];
    const { point, result, number, source } = trial;
    const status = statuses[state];
    const valued = status !== 'pending' && status !== 'failed' && result;
    return [
      {
        number,
        point,
        status,
        ...(valued ? { value: result.value } : {}),
        ...(source.model ? { model: source.model } : {}),
      },
    ];
  });
  return [...known(spec), ...seen];
}

/** What the job knew before its first trial; numbered below 0, so that it is older than every trial. */
function known({ search: { known } }: JobSpec): Observation[] {
  return known.map(({ point, outcome, value }, i) => ({
    number: i - known.length,
    point,
    status: outcome,
    ...(value === undefined ? {} : { value }),
  }));
}

const statuses = {
  pending: 'pending',
  running: 'pending',
  complete: 'complete',
  pruned: 'pruned',
  diverged: 'diverged',
  failed: 'failed',
} as const satisfies Record<Exclude<TrialState, 'cancelled'>, Observation['status']>;

function stateAt(trial: TrialRecord, seenSeq: number): TrialState | null {
  let state: TrialState | null = null;
  for (const [seq, move] of trial.history) {
    if (seq > seenSeq) break;
    state = move === 'create' ? 'pending' : trialMoves[move].to;
  }
  return state;
}
