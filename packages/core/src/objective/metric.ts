import { z } from 'zod';

/**
 * What a trial is judged by.
 *
 * - aulc: area under the loss curve, see `aulc`
 * - final-loss: mean of the (capped) training loss over the last epoch
 * - validation-loss, validation-accuracy: over the validation examples after the last epoch
 */
export const metricSchema = z.enum(['aulc', 'final-loss', 'validation-loss', 'validation-accuracy']);
export type Metric = z.infer<typeof metricSchema>;

/** Whether smaller or larger values of the metric are better. */
export function getMetricDirection(metric: Metric): 'minimize' | 'maximize' {
  return metric === 'validation-accuracy' ? 'maximize' : 'minimize';
}

/** The loss at which every trial is capped: three times that of guessing among the classes. */
export function computeLossCap(classes: number): number {
  return 3 * Math.log(classes);
}

/** A loss as the area counts it: at most the cap, and the cap where it is no number. */
export function capLoss(loss: number, cap: number): number {
  return loss < cap ? loss : cap;
}

/** Weight of step t in the trapezoid rule over `steps` equally spaced losses; the weights sum to 1. */
function trapezoidWeight(t: number, steps: number): number {
  if (steps === 1) return 1;
  return (t === 0 || t === steps - 1 ? 0.5 : 1) / (steps - 1);
}

/**
 * Area under the loss curve: the trapezoid rule over min(loss, cap) at the samples seen, divided by their span, so that
 * a constant loss c ≤ cap gives c. Every step counts the same number of samples. Steps missing at the end (the training
 * diverged before them), and losses that are not finite, count at the cap.
 *
 * @param losses the training loss of each step before its update, penalties not included
 * @param steps number of steps of the whole training, at least 1
 * @param cap see `lossCap`
 */
export function computeAulc(losses: ArrayLike<number>, steps: number, cap: number): number {
  let area = 0;
  for (let t = 0; t < steps; t++) {
    area += trapezoidWeight(t, steps) * (t < losses.length ? capLoss(losses[t]!, cap) : cap);
  }
  return area;
}

/**
 * What a training has added to its `aulc` after some steps. A loss is never negative, so this is a lower bound of the
 * final value, and it only grows.
 */
export function computePartialAulc(losses: ArrayLike<number>, steps: number, cap: number): number {
  let area = 0;
  for (let t = 0; t < Math.min(losses.length, steps); t++) area += trapezoidWeight(t, steps) * capLoss(losses[t]!, cap);
  return area;
}
