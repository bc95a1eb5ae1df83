import type { SuggestInput } from '@gradsmith/bayesopt';
import { applyPoint, type TrainingObjective } from '../objective/index.ts';
import type { TrialRecord } from '../trial/record.ts';
import { spaceOf } from './space.ts';
import { directionOf, type JobSpec, type TrainingJob } from './spec.ts';

/** The part of the optimizer's input that is the same for every suggestion of a job. */
export function searchInputs(spec: JobSpec): Pick<SuggestInput, 'space' | 'settings'> {
  const { algorithm, initial, seed } = spec.search;
  return { space: spaceOf(spec).space, settings: { algorithm, initial, seed, direction: directionOf(spec) } };
}

/** True for the trials that run plain backpropagation: the reference, and its repetitions under fresh seeds. */
export function isPlainBackpropagation(trial: Pick<TrialRecord, 'role' | 'confirms'>): boolean {
  return trial.role === 'reference' || (trial.role === 'confirm' && trial.confirms?.number === null);
}

/**
 * What is trained for a trial. The reference is the job's objective as written, without any backward replacement:
 * searched settings keep the values the job file gives them.
 */
export function objectiveOf(
  spec: TrainingJob,
  trial: Pick<TrialRecord, 'role' | 'confirms' | 'point' | 'seed'>,
): TrainingObjective {
  if (isPlainBackpropagation(trial)) return { ...spec.objective, backward: [], seed: trial.seed };
  return { ...applyPoint(spec.objective, spaceOf(spec).bindings, trial.point), seed: trial.seed };
}
