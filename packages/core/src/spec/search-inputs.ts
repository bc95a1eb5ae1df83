import type { SuggestInput } from '@gradsmith/bayesopt';
import type { TrialRecord } from '../domain/trial-record.ts';
import { type TrainingObjective } from '../objective/schema.ts';
import { applyPoint } from '../objective/searchables.ts';
import { getDirection, type JobSpec, type TrainingJob } from './job-spec.ts';
import { buildSearchSpace } from './search-space.ts';

/** Returns the part of the optimizer's input that is the same for every suggestion of a job. */
export function buildSearchInputs(spec: JobSpec): Pick<SuggestInput, 'space' | 'settings'> {
  const { algorithm, initial, seed } = spec.search;
  return { space: buildSearchSpace(spec).space, settings: { algorithm, initial, seed, direction: getDirection(spec) } };
}

/** Returns the input of the random point that takes the place of a model's suggestion that could not be computed. */
export function replaceModel(input: SuggestInput): SuggestInput {
  return { ...input, settings: { ...input.settings, algorithm: 'random' } };
}

/** Returns whether a trial runs plain backpropagation: the reference, or its repetition under a fresh seed. */
export function isPlainBackpropagation(trial: Pick<TrialRecord, 'role' | 'confirms'>): boolean {
  return trial.role === 'reference' || (trial.role === 'confirm' && trial.confirms?.number === null);
}

/**
 * Returns what is trained for a trial. The reference is the objective as written, without backward replacements;
 * searched settings keep the values of the job file.
 */
export function resolveObjective(
  spec: TrainingJob,
  trial: Pick<TrialRecord, 'role' | 'confirms' | 'point' | 'seed'>,
): TrainingObjective {
  if (isPlainBackpropagation(trial)) return { ...spec.objective, backward: [], seed: trial.seed };
  return { ...applyPoint(spec.objective, buildSearchSpace(spec).bindings, trial.point), seed: trial.seed };
}
