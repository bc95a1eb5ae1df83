import { algorithms } from '@gradsmith/bayesopt';
import { getPruningRule, type JobSpec } from '@gradsmith/core/spec';

/** Says why the same job file can give other points when it is run again. */
export function describeDifferences(spec: JobSpec): string[] {
  const { algorithm, maxParallelism } = spec.search;
  const { hasModel } = algorithms[algorithm];
  const comparesTrials = ['median', 'asha', 'predicted', 'patience'].includes(getPruningRule(spec));
  if (maxParallelism === 1 || !(hasModel || comparesTrials)) return [];
  const affected = hasModel ? 'other points are proposed' : 'other trials are pruned';
  return [
    `With maxParallelism ${maxParallelism}, trials run at the same time and finish in another order each time. So ` +
      `${affected} when the job is run again. With maxParallelism: 1, the same runtime gives the same points and ` +
      'values. gradsmith replay computes the recorded points again in their recorded order.',
  ];
}
