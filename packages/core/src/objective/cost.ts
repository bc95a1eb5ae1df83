import { planTraining, type TrainingObjective } from './schema.ts';

/** Forward pass, gradient of the inputs and gradient of the weights cost about one forward pass each. */
const PASSES = 3;

/** Counts the floating-point operations of one training: two per multiply-add, in three passes, for each example. */
export function countTrainingFlops(objective: TrainingObjective): number {
  const { shape, steps } = planTraining(objective);
  return 2 * PASSES * shape.multiplyAdds * objective.batchSize * steps;
}
