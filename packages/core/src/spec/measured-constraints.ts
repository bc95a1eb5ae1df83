import { z } from 'zod';
import { clampToFinite } from '../domain/clamp-to-finite.ts';
import type { Problem } from '../domain/errors.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import { checkMetricName, metricNameSchema, readMetric, type MetricSpec } from './measured-metrics.ts';

/** A limit of a metric that every trial reports with its result. */
export const measuredConstraintSchema = z
  .strictObject({
    metric: metricNameSchema,
    max: z.number().optional().describe('The largest value that is allowed'),
    min: z.number().optional().describe('The smallest value that is allowed'),
  })
  .refine(({ max, min }) => (max === undefined) !== (min === undefined), 'must have either max or min');
export type MeasuredConstraint = z.infer<typeof measuredConstraintSchema>;

/** The part of a job that measured constraints depend on. */
export interface ConstrainedSpec extends MetricSpec {
  constraints?: readonly (string | MeasuredConstraint)[] | undefined;
}

/** Lists the constraints that limit a measured metric, in the order of the job file. */
export function listMeasuredConstraints({ constraints = [] }: ConstrainedSpec): MeasuredConstraint[] {
  return constraints.flatMap((each) => (typeof each === 'string' ? [] : [each]));
}

/** Refuses limits of metrics that a training does not measure. */
export function checkMeasuredConstraints(spec: ConstrainedSpec): Problem[] {
  return (spec.constraints ?? []).flatMap((each, i): Problem[] => {
    const message = typeof each === 'string' ? null : checkMetricName(spec, each.metric);
    return message === null ? [] : [{ path: ['constraints', i, 'metric'], message }];
  });
}

/**
 * Measures how far a result exceeds each limit, in the order of the constraints; at most 0 is allowed. Undefined if the
 * job limits nothing, or a metric is missing.
 */
export function measureExcess(
  spec: ConstrainedSpec,
  result: Pick<TrialResult, 'value' | 'metrics'>,
): number[] | undefined {
  const limits = listMeasuredConstraints(spec);
  const excess = limits.map((limit) => {
    const value = readMetric(spec, result, limit.metric);
    if (value === undefined) return Number.NaN;
    // The difference of two large numbers can be infinite.
    return clampToFinite(limit.max === undefined ? limit.min! - value : value - limit.max);
  });
  return excess.length > 0 && !excess.some(Number.isNaN) ? excess : undefined;
}

/** How far a result is from fulfilling the measured constraints. */
export interface Violation {
  /** What is exceeded, relative to each limit (or absolute where the limit is 0), summed up; 0 is feasible. */
  violation: number;
  /** The metric that exceeds its limit the most, with its value and the limit. */
  metric: string;
  value: number;
  limit: number;
}

/** Describes how far a result is from fulfilling the measured constraints; null if it fulfills them. */
export function findViolation(spec: ConstrainedSpec, result: Pick<TrialResult, 'value' | 'metrics'>): Violation | null {
  const excess = measureExcess(spec, result);
  const limits = listMeasuredConstraints(spec);
  if (!excess || excess.every((each) => each <= 0)) return null;
  const shares = excess.map((each, i) => Math.max(0, each) / (Math.abs(getLimit(limits[i]!)) || 1));
  const most = shares.indexOf(Math.max(...shares));
  const { metric } = limits[most]!;
  const violation = clampToFinite(shares.reduce((sum, share) => sum + share, 0));
  return { violation, metric, value: readMetric(spec, result, metric)!, limit: getLimit(limits[most]!) };
}

function getLimit({ max, min }: MeasuredConstraint): number {
  return max ?? min!;
}

/** Describes a constraint, such as `latency ≤ 20`. */
export function describeMeasuredConstraint({ metric, max, min }: MeasuredConstraint): string {
  return max === undefined ? `${metric} ≥ ${min}` : `${metric} ≤ ${max}`;
}
