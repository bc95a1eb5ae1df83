import type { TrialResult } from '@gradsmith/core/domain';
import { readObjectives, type JobSpec } from '@gradsmith/core/spec';
import { formatMetricName } from '../text/metric-name.ts';
import type { OutcomeData, ParetoData } from './data.ts';

/** The Pareto front of a job, as its record or its status has it. */
interface FrontSource extends Pick<ParetoData, 'hypervolume' | 'reference'> {
  readonly objectives: readonly { readonly metric: string; readonly goal: 'minimize' | 'maximize' }[];
  readonly front: readonly { readonly number: number; readonly values: readonly number[] }[];
}

/** A search trial with its results. */
interface TrialSource {
  readonly number: number;
  readonly state: string;
  readonly value: number | null;
  readonly metrics: TrialResult['metrics'];
  /** False if the result violates the measured constraints. */
  readonly feasible?: boolean | null | undefined;
}

/** Returns the outcomes of a job with several objectives: its Pareto front, and all other complete trials. */
export function createParetoData(
  spec: JobSpec,
  { objectives, front, hypervolume, reference }: FrontSource,
  trials: readonly TrialSource[],
): ParetoData {
  const onFront = new Set(front.map(({ number }) => number));
  const others = trials.flatMap(({ number, state, value, metrics, feasible }): OutcomeData[] => {
    if (state !== 'complete' || value === null || onFront.has(number)) return [];
    const values = readObjectives(spec, { value, metrics });
    return values ? [{ number, values, kind: feasible === false ? 'infeasible' : 'dominated' }] : [];
  });
  return {
    objectives: objectives.map(({ metric, goal }) => ({ name: formatMetricName(metric), direction: goal })),
    outcomes: [...front.map(({ number, values }): OutcomeData => ({ number, values, kind: 'front' })), ...others],
    hypervolume,
    reference,
  };
}
