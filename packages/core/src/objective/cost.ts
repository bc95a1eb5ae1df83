import { planTraining, type TrainingObjective } from './schema.ts';

/** Forward pass, gradient of the inputs and gradient of the weights cost about one forward pass each. */
const PASSES = 3;

/**
 * Counts the floating-point operations of one trial: two per multiply-add, in three passes for each training example,
 * and in one for each validation example that `evaluateEvery` adds, for each of its seeds.
 */
export function countTrainingFlops(objective: TrainingObjective): number {
  const { shape, steps } = planTraining(objective);
  const { batchSize, dataset, evaluateEvery = steps, seedsPerTrial = 1 } = objective;
  const evaluated = objective.metric.startsWith('validation') ? dataset.validation * (steps / evaluateEvery - 1) : 0;
  return 2 * seedsPerTrial * shape.multiplyAdds * (PASSES * batchSize * steps + evaluated);
}
