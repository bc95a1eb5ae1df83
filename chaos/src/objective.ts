import type { Point } from '@gradsmith/bayesopt';
import type { TrialResult } from '@gradsmith/core/domain';
import type { TrainingObjective } from '@gradsmith/core/objective';

/** What every trial of a chaos job measures: known in advance, so that each told value can be checked. */
export type Known = Pick<TrialResult, 'outcome' | 'value'>;

/** Of a training: a parabola over the logarithm of its learning rate; too high a rate diverges. */
export function trainingValue({ optimizer }: TrainingObjective): Known {
  return rateValue(optimizer.learningRate);
}

export function rateValue(rate: number): Known {
  return { outcome: rate > 0.8 ? 'diverged' : 'complete', value: (Math.log10(rate) + 1.5) ** 2 };
}

/** Of an outside objective over `x` and `k`. */
export function outsideValue({ x, k }: Point): Known {
  return { outcome: 'complete', value: (Number(x) - 0.3) ** 2 + Number(k) };
}
