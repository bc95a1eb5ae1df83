import { z } from 'zod';
import type { TrialResult } from '../domain/trial-result.ts';
import type { ExternalObjective } from '../objective/external.ts';
import { metricKeys, metricSchema } from '../objective/metric.ts';
import type { ModuleObjective } from '../objective/module.ts';
import type { TrainingObjective } from '../objective/schema.ts';

export const metricNameSchema = z
  .string()
  .min(1)
  .max(64)
  .describe(
    'The metric of the objective, or another one that is reported with each result under `metrics`. Of trainings: ' +
      '`aulc`, `final-loss`, `validation-loss`, `validation-accuracy`, `trainMilliseconds`, `imagesPerSecond`',
  );

/** The part of a job that says what its trials measure. */
export interface MetricSpec {
  objective: TrainingObjective | ModuleObjective | ExternalObjective;
}

/** Measured numbers of every complete training that are not metrics by themselves. */
const SPEEDS: readonly string[] = ['trainMilliseconds', 'imagesPerSecond'];

/** Returns the value of a metric of a result: that of the job, or one of its further metrics. */
export function readMetric(
  { objective }: MetricSpec,
  { value, metrics }: Pick<TrialResult, 'value' | 'metrics'>,
  name: string,
): number | undefined {
  if (objective.kind !== 'training') {
    if (name === objective.metric.name) return value;
    return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  }
  if (name === objective.metric) return value;
  const key = Object.hasOwn(metricKeys, name) ? metricKeys[name as keyof typeof metricKeys] : name;
  return Object.hasOwn(metrics, key) ? metrics[key] : undefined;
}

/** Returns why a training does not measure a metric; null if it does. Other objectives report what they like. */
export function checkMetricName({ objective }: MetricSpec, name: string): string | null {
  if (objective.kind !== 'training') return null;
  const known: readonly string[] = [...metricSchema.options, ...SPEEDS];
  if (!known.includes(name)) return `is not measured by trainings; these are: ${known.join(', ')}`;
  if (!name.startsWith('validation') || objective.dataset.validation > 0) return null;
  return `needs validation examples; set objective.dataset.validation`;
}
