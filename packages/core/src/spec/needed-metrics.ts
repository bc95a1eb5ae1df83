import type { TrialResult } from '../domain/trial-result.ts';
import { listMeasuredConstraints, type ConstrainedSpec } from './measured-constraints.ts';
import { readMetric } from './measured-metrics.ts';
import type { ObjectivesSpec } from './objectives.ts';

/** The part of a job that says which metrics its results must have. */
export type NeedingSpec = ConstrainedSpec & ObjectivesSpec;

/** Lists the metrics that every complete search trial of the job must report. */
export function listNeededMetrics(spec: NeedingSpec): string[] {
  return [...new Set([...listMeasuredConstraints(spec), ...(spec.objectives ?? [])].map(({ metric }) => metric))];
}

/** Lists the needed metrics that a result does not have. */
export function listMissingMetrics(spec: NeedingSpec, result: Pick<TrialResult, 'value' | 'metrics'>): string[] {
  return listNeededMetrics(spec).filter((name) => readMetric(spec, result, name) === undefined);
}
