import type { TrialResult } from '../domain/trial-result.ts';
import { listMeasuredConstraints, type ConstrainedSpec } from './measured-constraints.ts';
import { readMetric } from './measured-metrics.ts';

/** Lists the metrics that every complete search trial of the job must report. */
export function listNeededMetrics(spec: ConstrainedSpec): string[] {
  return [...new Set(listMeasuredConstraints(spec).map(({ metric }) => metric))];
}

/** Lists the needed metrics that a result does not have. */
export function listMissingMetrics(spec: ConstrainedSpec, result: Pick<TrialResult, 'value' | 'metrics'>): string[] {
  return listNeededMetrics(spec).filter((name) => readMetric(spec, result, name) === undefined);
}
