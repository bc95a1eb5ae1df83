import { planTraining, type TrainingObjective } from './schema.ts';

/** Forward pass, gradient of the inputs and gradient of the weights cost about one forward pass each. */
const PASSES = 3;

/**
 * Floating-point operations of training the objective once: two a multiply-add, three passes, every example of every
 * step.
 */
export function countTrainingFlops(objective: TrainingObjective): number {
  const { shape, steps } = planTraining(objective);
  return 2 * PASSES * shape.multiplyAdds * objective.batchSize * steps;
}
