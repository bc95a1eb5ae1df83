import { computePairedGain, type PairedGain } from '../domain/gain.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getMetricDirection, metricKeys } from '../objective/metric.ts';
import { getMetricName, isTrainingJob, type JobSpec } from '../spec/job-spec.ts';

/** Metrics over the validation examples. Each training measures both. */
export const validationMetrics = ['validation-loss', 'validation-accuracy'] as const;

/** The gain of a confirmed point over the reference in a metric that the search does not optimize. */
export interface ValidationGain extends Pick<PairedGain, 'mean' | 'interval'> {
  metric: (typeof validationMetrics)[number];
}

/**
 * Returns how much better the search point with this number is than the reference on the validation examples, under the
 * fresh seeds of both. A gain in a training loss does not imply one here. Positive gains are better.
 */
export function listValidationGains(trials: readonly TrialRecord[], spec: JobSpec, number: number): ValidationGain[] {
  if (!isTrainingJob(spec)) return [];
  const others = validationMetrics.filter((metric) => metric !== getMetricName(spec));
  return others.flatMap((metric) => {
    const { gains, mean, interval } = computePairedGain(
      trials,
      {
        direction: getMetricDirection(metric),
        seeds: spec.confirm.seeds,
        read: ({ metrics }) => metrics[metricKeys[metric]],
      },
      number,
      null,
    );
    return gains.length ? [{ metric, mean, interval }] : [];
  });
}
