import type { TrialDetail } from '@gradsmith/contract';

/** Steps of a curve that is put together from reports, at most. */
const MAX_STEPS = 100_000;

/** Returns the curve of a trial without a result: what its last attempt with reports has reported. */
export function listReported({ attempts }: Pick<TrialDetail, 'attempts'>): number[] {
  const { values = [], losses = [] } = attempts.findLast((one) => one.values.length || one.losses.length) ?? {};
  if (!losses.length || losses.at(-1)!.step > MAX_STEPS) return values.map(({ value }) => value);
  // Each loss is the mean of the steps since the one before.
  return losses.flatMap(({ step, value }, i) => Array.from({ length: step - (losses[i - 1]?.step ?? 0) }, () => value));
}
