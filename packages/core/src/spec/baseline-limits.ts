import { listLayers } from '../objective/backward.ts';
import { hasWeights } from '../objective/networks/layers.ts';
import { describeScaling, readsConstantAsRate, type TrainingOptimizer } from '../objective/optimizer.ts';
import { planTraining, type TrainingObjective } from '../objective/schema.ts';
import { buildBaselineInputs, getBaselineBudget, listBaselines } from './baselines.ts';
import type { TrainingJob } from './job-spec.ts';

/** Lists what a reader of a comparison with baselines must know: budgets, ranges, and where a constant is a rate. */
export function listBaselineLimits(job: TrainingJob): string[] {
  const baselines = listBaselines(job);
  if (!baselines.length) return [];
  return [describeTuning(job), ...(baselines.includes('constant') ? listConstantLimits(job.objective) : [])];
}

function describeTuning(job: TrainingJob): string {
  const budget = getBaselineBudget(job);
  const ranges = listBaselines(job).map((name) => {
    const [parameter] = Object.values(buildBaselineInputs(job, name).space);
    if (!parameter || !('low' in parameter)) return name;
    const [low, high] = [parameter.low, parameter.high].map((bound) => Number(bound.toPrecision(3)));
    return `${name === 'constant' ? 'constants' : 'learning rates'} from ${low} to ${high}`;
  });
  return (
    `The b-function had ${job.search.trials} trials and each baseline ${budget}: ${ranges.join(', ')}. ` +
    'Negative constants were not tried.'
  );
}

/** Says what a constant times σ′ is under the optimizer of the objective, as equation 4 of the paper reads it. */
function listConstantLimits(objective: TrainingObjective): string[] {
  const { optimizer } = objective;
  if (readsConstantAsRate(optimizer)) return listRateLimits(objective, optimizer);
  const conclusions: Partial<Record<TrainingOptimizer['name'], string>> = {
    lion: ': the best one is plain backpropagation.',
    program: '.',
  };
  const conclusion = conclusions[optimizer.name] ?? '. The learning rate is the stronger null hypothesis there.';
  return [`${describeScaling(optimizer)}${conclusion}`];
}

function listRateLimits(
  objective: TrainingObjective,
  { name, weightDecay, decoupled }: Extract<TrainingOptimizer, { decoupled: boolean }>,
): string[] {
  const { layers } = planTraining(objective);
  const replaced = objective.backward.flatMap(listLayers);
  const first = replaced[0]!;
  const learning = layers
    .slice(layers.findIndex((layer) => layer.name === first))
    .filter(hasWeights)
    .filter((layer) => !objective.frozen.includes(layer.name));
  const notes: string[] = [];
  if (replaced.length > 1)
    notes.push(
      `One constant serves all ${replaced.length} replaced layers. Under ${name}, a layer below k of them learns ` +
        'with ' +
        'the k-th power of the constant times the rate.',
    );
  else if (learning.length)
    notes.push(
      `Under ${name}, a constant at ${first} is a learning rate for the layers below it only. It leaves the rate of ` +
        `${learning.map((layer) => layer.name).join(', ')} as it is, so the two baselines are different.`,
    );
  else
    notes.push(
      `Under ${name}, a constant at ${first} is exactly a learning rate here, because no layer above it learns. ` +
        'So the ' +
        'two baselines search the same trainings.',
    );
  if (weightDecay > 0 && !decoupled)
    notes.push('Weight decay is coupled: the constant does not scale it, but a learning rate does.');
  if (objective.gradientNoise) notes.push('The constant does not scale the gradient noise, but a learning rate does.');
  return notes;
}
