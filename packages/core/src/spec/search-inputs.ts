import type { ObjectiveGoal, SuggestInput } from '@gradsmith/bayesopt';
import type { BaselineName } from '../domain/baselines.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { applyPoint } from '../objective/apply-point.ts';
import { computePenalty, withoutPenalty } from '../objective/derivatives/penalty.ts';
import { type TrainingObjective } from '../objective/schema.ts';
import { buildBaselineInputs, resolveBaseline } from './baselines.ts';
import { getDirection, isTrainingJob, type JobSpec, type TrainingJob } from './job-spec.ts';
import type { Objectives } from './objectives.ts';
import { buildSearchSpace } from './search-space.ts';

/** Returns the part of the optimizer's input that is the same for every suggestion of a job's or baseline's search. */
export function buildSearchInputs(
  spec: JobSpec,
  baseline: BaselineName | null = null,
): Pick<SuggestInput, 'space' | 'constraints' | 'settings'> {
  if (baseline !== null && isTrainingJob(spec)) return buildBaselineInputs(spec, baseline);
  const { algorithm, initial, seed, evolution } = spec.search;
  const { space, constraints } = buildSearchSpace(spec);
  const plain = { algorithm, initial, seed, direction: getDirection(spec) };
  const one = evolution ? { ...plain, evolution } : plain;
  const settings = spec.objectives ? { ...one, objectives: spec.objectives.map(toGoal) } : one;
  return constraints.length ? { space, constraints, settings } : { space, settings };
}

function toGoal({ goal, reference }: Objectives[number]): ObjectiveGoal {
  return reference === undefined ? { direction: goal } : { direction: goal, reference };
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
 * searched settings keep the values of the job file. Baselines differ from it in one value. Confirm trials have no
 * penalty, because gains compare the metric itself, and one fresh seed each.
 */
export function resolveObjective(
  spec: TrainingJob,
  trial: Pick<TrialRecord, 'role' | 'confirms' | 'point' | 'seed' | 'baseline'>,
): TrainingObjective {
  const objective = { ...resolveReplacements(spec, trial), seed: trial.seed };
  if (trial.role === 'confirm') delete objective.seedsPerTrial;
  return objective;
}

function resolveReplacements(
  spec: TrainingJob,
  trial: Pick<TrialRecord, 'role' | 'confirms' | 'point' | 'baseline'>,
): TrainingObjective {
  if (isPlainBackpropagation(trial)) return { ...spec.objective, backward: [] };
  if (trial.baseline) return resolveBaseline(spec.objective, trial.baseline, trial.point);
  const objective = applyPoint(spec.objective, buildSearchSpace(spec).bindings, trial.point);
  if (trial.role !== 'confirm') return objective;
  return { ...objective, backward: withoutPenalty(objective.backward) };
}

/** Returns what penalties add to the value of a search trial; less than 0 if larger values are better. */
export function computeTrialPenalty(spec: JobSpec, trial: Pick<TrialRecord, 'point'>): number {
  if (!isTrainingJob(spec) || !spec.objective.backward.some(({ derivative }) => derivative?.kind === 'dictionary'))
    return 0;
  const { backward } = applyPoint(spec.objective, buildSearchSpace(spec).bindings, trial.point);
  const penalty = computePenalty(backward);
  return getDirection(spec) === 'minimize' ? penalty : -penalty;
}
