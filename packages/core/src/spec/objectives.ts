import { algorithms, type Algorithm } from '@gradsmith/bayesopt';
import { z } from 'zod';
import type { Direction } from '../domain/direction.ts';
import type { Problem } from '../domain/errors.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import { getMetricDirection } from '../objective/metric.ts';
import { checkMetricName, metricNameSchema, readMetric, type MetricSpec } from './measured-metrics.ts';

/** One of several objectives of a job. */
const goalSchema = z.strictObject({
  metric: metricNameSchema,
  goal: z.enum(['minimize', 'maximize']).describe('Whether smaller or larger values are better'),
  reference: z
    .number()
    .optional()
    .describe(
      'The worst value of interest: the hypervolume is measured from there. By default the worst value of all ' +
        'complete trials',
    ),
});

/** The objectives of a job that has several. */
export const objectivesSchema = z
  .array(goalSchema)
  .min(2)
  .max(3)
  .describe(
    'Two or three objectives at once: the job searches their Pareto front in place of one best trial. One of them is ' +
      'the metric of `objective`; the others are reported with each result under `metrics`',
  );
export type Objectives = z.infer<typeof objectivesSchema>;

/** The part of a job that objectives depend on. */
export interface ObjectivesSpec extends MetricSpec {
  objectives?: Objectives | undefined;
}

/** Returns the values of all objectives of a result, in the order of the job file; undefined if one is missing. */
export function readObjectives(
  spec: ObjectivesSpec,
  result: Pick<TrialResult, 'value' | 'metrics'>,
): number[] | undefined {
  const values = (spec.objectives ?? []).map(({ metric }) => readMetric(spec, result, metric));
  return values.length > 0 && values.every((value) => value !== undefined) ? values : undefined;
}

/** Returns values with signs such that smaller is better. */
export function toCosts(objectives: Objectives, values: readonly number[]): number[] {
  return values.map((value, m) => (objectives[m]!.goal === 'maximize' ? -value : value));
}

interface CheckedJob extends ObjectivesSpec {
  search: { algorithm: Algorithm; pruning: unknown; stop?: { target?: unknown; improvement?: unknown } | undefined };
  confirm: { top: number; seeds: number; against?: unknown };
}

/** Lists what a job with several objectives cannot have: all that compares trials by one number. */
export function checkObjectives(spec: CheckedJob): Problem[] {
  const { objectives, search, confirm } = spec;
  if (!objectives) {
    const message = 'searches several objectives, and the job has one; add objectives, or choose gp, tpe or cma-es';
    return algorithms[search.algorithm].objectives === 'several' ? [{ path: ['search', 'algorithm'], message }] : [];
  }
  const problems = checkGoals(spec, objectives);
  const refuse = (path: string[], message: string): void => void problems.push({ path, message });
  if (algorithms[search.algorithm].objectives === 'one')
    refuse(['search', 'algorithm'], `${search.algorithm} searches one objective; choose gp, nsga-ii or random`);
  if (search.pruning !== 'none')
    refuse(['search', 'pruning'], 'compares one metric, and the job has several objectives; leave it out');
  for (const rule of ['target', 'improvement'] as const)
    if (search.stop?.[rule] !== undefined)
      refuse(
        ['search', 'stop', rule],
        'is for one objective; use patience, which counts from each change of the front',
      );
  if ((confirm.top > 0 && confirm.seeds > 0) || confirm.against !== undefined)
    refuse(['confirm'], 'compares one metric with the reference, and the job has several objectives; leave it out');
  return problems;
}

function checkGoals(spec: MetricSpec, objectives: Objectives): Problem[] {
  const problems = objectives.flatMap(({ metric }, i): Problem[] => {
    const message = checkMetricName(spec, metric);
    if (message !== null) return [{ path: ['objectives', i, 'metric'], message }];
    const isRepeated = objectives.findIndex((other) => other.metric === metric) < i;
    return isRepeated ? [{ path: ['objectives', i, 'metric'], message: 'is an objective already' }] : [];
  });
  const [name, direction] = describeMetric(spec);
  const own = objectives.findIndex(({ metric }) => metric === name);
  if (own < 0)
    problems.push({ path: ['objectives'], message: `must have the metric of the objective, which is ${name}` });
  else if (objectives[own]!.goal !== direction)
    problems.push({ path: ['objectives', own, 'goal'], message: `must be ${direction}, as in the objective` });
  return problems;
}

function describeMetric({ objective }: MetricSpec): [name: string, direction: Direction] {
  return objective.kind === 'training'
    ? [objective.metric, getMetricDirection(objective.metric)]
    : [objective.metric.name, objective.metric.direction];
}
