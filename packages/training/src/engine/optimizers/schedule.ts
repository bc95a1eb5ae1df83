import type { TrainingOptimizer } from '@gradsmith/core/objective';

/**
 * Returns the factor of the learning rate at a step.
 *
 * @param step from 0 to steps − 1
 */
export function scheduleFactor(
  { schedule, warmup }: TrainingOptimizer,
  step: number,
  stepsPerEpoch: number,
  steps: number,
): number {
  const climb = Math.min(1, (step + 1) / (warmup + 1));
  if (!schedule) return climb;
  const done = steps > 1 ? step / (steps - 1) : 0;
  switch (schedule.kind) {
    case 'step':
      return climb * schedule.factor ** Math.floor(step / (stepsPerEpoch * schedule.every));
    case 'exponential':
      return climb * schedule.factor ** (step / stepsPerEpoch);
    case 'cosine':
      return climb * (schedule.floor + ((1 - schedule.floor) * (1 + Math.cos(Math.PI * done))) / 2);
    case 'linear':
      return climb * (1 - (1 - schedule.floor) * done);
  }
}
