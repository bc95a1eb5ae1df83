import type { RunData } from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';

/**
 * Returns the curve of a trial without a result: what its last attempt with reports has reported. The mean loss of
 * several steps is at the middle of them.
 */
export function listReported({ attempts }: Pick<TrialDetail, 'attempts'>): RunData {
  const { values = [], losses = [] } = attempts.findLast((one) => one.values.length || one.losses.length) ?? {};
  const reported = losses.length ? losses : values;
  return {
    // Each loss is the mean of the steps since the one before.
    steps: reported.map(({ step }, i) => (losses.length ? ((reported[i - 1]?.step ?? 0) + 1 + step) / 2 : step)),
    values: reported.map(({ value }) => value),
  };
}
