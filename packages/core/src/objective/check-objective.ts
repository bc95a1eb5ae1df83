import type { Problem } from '../domain/errors.ts';
import { listBackwardProblems } from './backward-problems.ts';
import { getDatasetShape } from './dataset.ts';
import { listFeedbackProblems } from './feedback-problems.ts';
import { listNetworkProblems } from './network-problems.ts';
import { expandNetwork } from './networks/expand.ts';
import { listRecordProblems } from './record.ts';
import { planTraining, type TrainingObjective } from './schema.ts';
import { listTrainingProblems } from './training-problems.ts';

/** Lists what is wrong with an objective as a whole. Paths start at the objective. */
export function checkObjective(objective: TrainingObjective): Problem[] {
  const layers = expandNetwork(objective.network, getDatasetShape(objective.dataset));
  const problems = [
    ...listNetworkProblems(objective, layers),
    ...listBackwardProblems(objective, layers),
    ...listFeedbackProblems(objective),
    ...listTrainingProblems(objective),
  ];
  if (objective.record && !problems.length)
    problems.push(...listRecordProblems(planTraining(objective), objective.record, objective.frozen));
  if (objective.record && (objective.seedsPerTrial ?? 1) > 1) {
    const message = 'must be 1 with objective.record, which keeps the weights of one network; leave one of them out';
    problems.push({ path: ['seedsPerTrial'], message });
  }
  if (objective.metric.startsWith('validation') && objective.dataset.validation === 0) {
    problems.push({
      path: ['dataset', 'validation'],
      message: `the metric ${objective.metric} needs validation examples`,
    });
  }
  return problems;
}
