import type { Point } from '@gradsmith/bayesopt';
import type { TrialResult } from '@gradsmith/core/domain';
import type { TrainingObjective } from '@gradsmith/core/objective';

/** The value of a trial of a chaos job. It is known in advance, so that each reported value can be checked. */
export type Known = Pick<TrialResult, 'outcome' | 'value'>;

/** Returns the value of a training: a parabola over the logarithm of its learning rate. A high rate diverges. */
export function getTrainingValue({ optimizer }: TrainingObjective): Known {
  return getRateValue(optimizer.learningRate);
}

export function getRateValue(rate: number): Known {
  return { outcome: rate > 0.8 ? 'diverged' : 'complete', value: (Math.log10(rate) + 1.5) ** 2 };
}

/** Returns the value of an external objective over `x` and `k`. */
export function getExternalValue({ x, k }: Point): Known {
  return { outcome: 'complete', value: (Number(x) - 0.3) ** 2 + Number(k) };
}
