import type { Parameter, Point, SuggestInput } from '@gradsmith/bayesopt';
import type { z } from 'zod';
import type { BaselineName } from '../domain/baselines.ts';
import type { Problem } from '../domain/errors.ts';
import { type BackwardReplacement, listLayers, listReplacements } from '../objective/backward.ts';
import { derivativeSchema } from '../objective/derivatives/schema.ts';
import type { ExternalObjective } from '../objective/external.ts';
import { getMetricDirection } from '../objective/metric.ts';
import type { ModuleObjective } from '../objective/module.ts';
import { getReplaceableFunction } from '../objective/networks/layers.ts';
import { planTraining, type TrainingObjective } from '../objective/schema.ts';
import { type Confirm, DEFAULT_BASELINE_BUDGET } from './confirm.ts';
import { buildSearchSpace, type spaceSchema } from './search-space.ts';

/** The parts of a job that its baselines depend on. */
interface BaselineJob<Objective = TrainingObjective | ModuleObjective | ExternalObjective> {
  objective: Objective;
  space: z.infer<typeof spaceSchema>;
  confirm: Confirm;
  search: { seed: number };
}

/** Constants and rates are searched from 1/30 to 30 times what plain backpropagation uses. */
const RANGE = 30;
/** The largest learning rate of an optimizer. */
const MAX_RATE = 1e4;
const RATE_POINTER = '/optimizer/learningRate';

/** Lists the baselines that the job tunes by itself. */
export function listBaselines({ confirm }: { confirm: Confirm }): BaselineName[] {
  return (confirm.against ?? []).filter((name) => name !== 'backpropagation');
}

/** Returns the number of trials that tune each baseline. */
export function getBaselineBudget({ confirm }: { confirm: Confirm }): number {
  return confirm.budget ?? DEFAULT_BASELINE_BUDGET;
}

/**
 * Returns the part of the optimizer's input that is the same for every suggestion of a baseline: one parameter, on a
 * log scale, tuned by `gp` after a third of the budget, at least three trials, at initial points.
 */
export function buildBaselineInputs(
  job: BaselineJob<TrainingObjective>,
  baseline: BaselineName,
): Pick<SuggestInput, 'space' | 'settings'> {
  const direction = getMetricDirection(job.objective.metric);
  const initial = Math.max(3, Math.ceil(getBaselineBudget(job) / 3));
  const settings = { algorithm: 'gp', initial, seed: job.search.seed, direction } as const;
  if (baseline === 'learning-rate') return { space: { learningRate: getRateParameter(job) }, settings };
  return { space: { constant: { type: 'float', low: 1 / RANGE, high: RANGE, scale: 'log' } }, settings };
}

/** Returns the range that the job itself searches, so that neither side has the wider one; otherwise the stated one. */
function getRateParameter(job: BaselineJob<TrainingObjective>): Parameter {
  const searched = findSearchedRate(job);
  if (searched?.type === 'float') {
    const { low, high, scale = 'linear' } = searched;
    return { type: 'float', low, high, scale };
  }
  const { learningRate } = job.objective.optimizer;
  return { type: 'float', low: learningRate / RANGE, high: Math.min(MAX_RATE, learningRate * RANGE), scale: 'log' };
}

/** Returns the parameter that sets the learning rate, if the job searches it. */
function findSearchedRate(job: BaselineJob): Parameter | undefined {
  const { space, bindings } = buildSearchSpace(job);
  const [name] = Object.entries(bindings).find(([, at]) => at === RATE_POINTER) ?? [];
  const parameter = name === undefined ? undefined : space[name];
  return parameter && isSearched(parameter) ? parameter : undefined;
}

/** Whether a parameter has more than one value. */
function isSearched(parameter: Parameter | { type: 'constant' }): boolean {
  if (parameter.type === 'constant') return false;
  return !('low' in parameter) || parameter.low !== parameter.high;
}

/** Returns what a trial of a baseline trains, except for its seed. */
export function resolveBaseline(objective: TrainingObjective, baseline: BaselineName, point: Point): TrainingObjective {
  if (baseline === 'learning-rate') {
    const optimizer = { ...objective.optimizer, learningRate: point['learningRate'] as number };
    return { ...objective, optimizer, backward: [] };
  }
  const { layers } = planTraining(objective);
  const backward = listReplacements(objective.backward).flatMap(({ layer }): BackwardReplacement[] => {
    const replaced = layers.find(({ name }) => name === layer);
    const kind = replaced && getReplaceableFunction(replaced);
    if (!kind) return [];
    const derivative = derivativeSchema.parse({ kind, scale: point['constant'] });
    return [{ layer, derivative, mask: false }];
  });
  return { ...objective, backward };
}

/** Lists what keeps the job from being compared with the baselines that it asks for. */
export function checkBaselines(job: BaselineJob): Problem[] {
  const { against, budget, top, seeds } = job.confirm;
  const refuse = (message: string, ...path: (string | number)[]): Problem[] => [
    { path: ['confirm', ...path], message },
  ];
  const baselines = listBaselines(job);
  if (against === undefined && budget !== undefined)
    return refuse('tunes constant and learning-rate; add one of them to confirm.against, or leave it out', 'budget');
  if (against === undefined) return [];
  const { objective } = job;
  if (objective.kind !== 'training')
    return refuse('only trainings can be confirmed by Gradsmith; leave against out', 'against');
  if (new Set(against).size !== against.length) return refuse('must name each entry once', 'against');
  if (!against.includes('backpropagation'))
    return refuse('must contain backpropagation, because every gain is measured against it first', 'against');
  if (!baselines.length) return [];
  if (top === 0 || seeds === 0)
    return refuse('compares confirmed points; set confirm.top and confirm.seeds to at least 1', 'against');
  return checkComparable({ ...job, objective }, baselines).flatMap((message) => refuse(message, 'against'));
}

/** Lists why a baseline would differ from the job's trials in more than the b-function. */
function checkComparable(job: BaselineJob<TrainingObjective>, baselines: readonly BaselineName[]): string[] {
  const { backward, optimizer } = job.objective;
  if (!backward.some(({ derivative }) => derivative))
    return [
      'constant and learning-rate are null hypotheses about a b-function, and this job replaces no derivative; add ' +
        'one under objective.backward',
    ];
  if (backward.some(({ transpose }) => transpose))
    return [
      'constant and learning-rate are null hypotheses about b-functions only; leave transpose out of ' +
        'objective.backward',
    ];
  const { layers } = planTraining(job.objective);
  const isActivation = (name: string): boolean => layers.find((layer) => layer.name === name)?.type === 'activation';
  if (!backward.flatMap(listLayers).every(isActivation))
    return ['constant and learning-rate are null hypotheses about activations only; leave binary weights out'];
  const { bindings, space } = buildSearchSpace(job);
  const isSearchedRate = (name: string, at: string): boolean => at === RATE_POINTER && isSearched(space[name]!);
  const others = Object.entries(bindings).filter(
    ([name, at]) => !at.startsWith('/backward/') && !isSearchedRate(name, at),
  );
  if (others.length)
    return [
      `constant and learning-rate keep ${others.map(([, at]) => at).join(', ')} of the job file, so a comparison ` +
        'with ' +
        'points that set it would not be about the b-function; write a value into the file and leave it out of space',
    ];
  if (baselines.includes('constant') && findSearchedRate(job))
    return [
      'constant keeps the learning rate of the job file, and this job searches it; leave constant out: learning-rate ' +
        'is the null hypothesis for such a job',
    ];
  if (baselines.includes('learning-rate') && !findSearchedRate(job) && optimizer.learningRate === 0)
    return ['learning-rate searches around objective.optimizer.learningRate, which must be greater than 0'];
  return [];
}
