import { z } from 'zod';

/**
 * The metric of a trial.
 *
 * - aulc: area under the loss curve, see `computeAulc`
 * - final-loss: mean of the (capped) training loss over the last epoch
 * - validation-loss, validation-accuracy: over the validation examples after the last epoch
 */
export const metricSchema = z.enum(['aulc', 'final-loss', 'validation-loss', 'validation-accuracy']);
export type Metric = z.infer<typeof metricSchema>;

/** The names of the metrics in the results of trainings. */
export const metricKeys = {
  aulc: 'aulc',
  'final-loss': 'finalLoss',
  'validation-loss': 'validationLoss',
  'validation-accuracy': 'validationAccuracy',
} as const satisfies Record<Metric, string>;

/** Returns whether smaller or larger values of the metric are better. */
export function getMetricDirection(metric: Metric): 'minimize' | 'maximize' {
  return metric === 'validation-accuracy' ? 'maximize' : 'minimize';
}

/** Returns the loss at which every trial is capped: three times the loss of guessing (invariant 8). */
export function computeLossCap(classes: number): number {
  return 3 * Math.log(classes);
}

/** Returns the loss as it counts in the area: at most the cap, and the cap if it is not a number. */
export function capLoss(loss: number, cap: number): number {
  return loss < cap ? loss : cap;
}

/** Weight of step t in the trapezoid rule over `steps` equally spaced losses; the weights sum to 1. */
function trapezoidWeight(t: number, steps: number): number {
  if (steps === 1) return 1;
  return (t === 0 || t === steps - 1 ? 0.5 : 1) / (steps - 1);
}

/**
 * Returns the area under the loss curve: the trapezoid rule over min(loss, cap) at the samples seen, divided by their
 * span, so that a constant loss c ≤ cap gives c. Every step counts the same number of samples. Steps missing at the end
 * (the training diverged before them), and losses that are not finite, count at the cap.
 *
 * @param losses the training loss of each step before its update, penalties not included
 * @param steps number of steps of the whole training, at least 1
 * @param cap see `computeLossCap`
 */
export function computeAulc(losses: ArrayLike<number>, steps: number, cap: number): number {
  let area = 0;
  for (let t = 0; t < steps; t++) {
    area += trapezoidWeight(t, steps) * (t < losses.length ? capLoss(losses[t]!, cap) : cap);
  }
  return area;
}

/**
 * Returns what the first losses contribute to the AULC. A loss is never negative, so this is a lower bound of the final
 * value and only grows.
 */
export function computePartialAulc(losses: ArrayLike<number>, steps: number, cap: number): number {
  let area = 0;
  for (let t = 0; t < Math.min(losses.length, steps); t++) area += trapezoidWeight(t, steps) * capLoss(losses[t]!, cap);
  return area;
}

/** Sum of the weights of the first losses. */
function sumWeights(count: number, steps: number): number {
  if (steps === 1) return Math.min(count, 1);
  return (Math.max(0, count - 0.5) - (count === steps ? 0.5 : 0)) / (steps - 1);
}

/**
 * Returns the mean loss of the steps between each partial sum and the one before it, at the step of the later one.
 *
 * @param sums step and partial sum (see `computePartialAulc`), in order of the steps
 * @param steps number of steps of the whole training
 */
export function computeMeanLosses(sums: readonly (readonly [step: number, sum: number])[], steps: number): number[] {
  return sums.map(([step, sum], i) => {
    const [from, before] = sums[i - 1] ?? [0, 0];
    const weight = sumWeights(step, steps) - sumWeights(from, steps);
    // Sums that belong to another training, for example of an edited document, make no sense but are finite.
    return weight > 0 ? Math.max(0, sum - before) / weight : 0;
  });
}
