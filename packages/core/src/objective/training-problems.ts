import type { Problem } from '../domain/errors.ts';
import { LONGEST_CURVE } from '../domain/trial-result.ts';
import type { TrainingObjective } from './schema.ts';
import { parseUpdateRule } from './update-rule.ts';

/** Lists what is wrong with the update rule, the number of steps and the measurements of a training. */
export function listTrainingProblems(objective: TrainingObjective): Problem[] {
  return [...listUpdateRuleProblems(objective), ...listStepProblems(objective), ...listEvaluationProblems(objective)];
}

function listUpdateRuleProblems({ optimizer }: TrainingObjective): Problem[] {
  if (optimizer.name !== 'program') return [];
  try {
    parseUpdateRule(optimizer.formula);
    return [];
  } catch (error) {
    return [{ path: ['optimizer', 'formula'], message: (error as Error).message }];
  }
}

function listStepProblems({ dataset, batchSize, epochs }: TrainingObjective): Problem[] {
  const problems: Problem[] = [];
  if (batchSize > dataset.train)
    problems.push({ path: ['batchSize'], message: `is larger than the ${dataset.train} training examples` });
  const steps = Math.floor(dataset.train / batchSize) * epochs;
  if (steps > LONGEST_CURVE) {
    problems.push({
      path: ['epochs'],
      message:
        `makes ${steps} steps, and the loss of each is kept; ${LONGEST_CURVE} is the limit: reduce ` +
        `epochs or train, or raise batchSize`,
    });
  }
  return problems;
}

/** Measurements of the metric before the end of a training, at most: each is a heartbeat. */
const MAX_EVALUATIONS = 1_000;

function listEvaluationProblems({ dataset, batchSize, epochs, metric, evaluateEvery }: TrainingObjective): Problem[] {
  if (evaluateEvery === undefined) return [];
  const refuse = (message: string): Problem[] => [{ path: ['evaluateEvery'], message }];
  if (metric === 'aulc') return refuse('belongs to other metrics: aulc has a value at every step; leave it out');
  const steps = Math.floor(dataset.train / batchSize) * epochs;
  if (evaluateEvery >= steps) return refuse(`must be less than the ${steps} steps of a training`);
  const count = Math.ceil(steps / evaluateEvery) - 1;
  if (count <= MAX_EVALUATIONS) return [];
  return refuse(`makes ${count} measurements in ${steps} steps; ${MAX_EVALUATIONS} is the limit: use a larger number`);
}
