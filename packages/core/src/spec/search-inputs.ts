import type { SuggestInput } from '@gradsmith/bayesopt';
import type { TrialRecord } from '../domain/trial-record.ts';
import { type TrainingObjective } from '../objective/schema.ts';
import { applyPoint } from '../objective/searchables.ts';
import { getDirection, type JobSpec, type TrainingJob } from './job-spec.ts';
import { buildSearchSpace } from './search-space.ts';

/** The part of the optimizer's input that is the same for every suggestion of a job. */
export function buildSearchInputs(spec: JobSpec): Pick<SuggestInput, 'space' | 'settings'> {
  const { algorithm, initial, seed } = spec.search;
  return { space: buildSearchSpace(spec).space, settings: { algorithm, initial, seed, direction: getDirection(spec) } };
}

/** True for the trials that run plain backpropagation: the reference, and its repetitions under fresh seeds. */
export function isPlainBackpropagation(trial: Pick<TrialRecord, 'role' | 'confirms'>): boolean {
  return trial.role === 'reference' || (trial.role === 'confirm' && trial.confirms?.number === null);
}

/**
 * What is trained for a trial. The reference is the job's objective as written, without any backward replacement:
 * searched settings keep the values the job file gives them.
 */
export function resolveObjective(
  spec: TrainingJob,
  trial: Pick<TrialRecord, 'role' | 'confirms' | 'point' | 'seed'>,
): TrainingObjective {
  if (isPlainBackpropagation(trial)) return { ...spec.objective, backward: [], seed: trial.seed };
  return { ...applyPoint(spec.objective, buildSearchSpace(spec).bindings, trial.point), seed: trial.seed };
}
