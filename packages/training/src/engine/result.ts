import { encodeCurve, type TrialResult } from '@gradsmith/core/domain';
import {
  computeAulc,
  capLoss,
  computeLossCap,
  computePartialAulc,
  computePenalty,
  getMetricDirection,
  metricKeys,
  type Metric,
  type TrainingObjective,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import type { DataSet } from '../data/data-set.ts';
import { type BackendDescription, formatRuntime } from '../kernels/backend-description.ts';
import { average, averageCurves, averageMetrics } from './combine-networks.ts';
import { EVALUATED_AT_ONCE, evaluateExamples } from './evaluate.ts';
import { implicitLearningRate } from './implicit-rate.ts';
import { limitExamples } from './limit-examples.ts';
import { measureAngles } from './measure-angles.ts';
import type { NetworkRun } from './network-run.ts';
import { ENGINE_VERSION } from './version.ts';
import { summarizeCosines } from './weight-recorder.ts';

interface Trained {
  readonly objective: TrainingObjective;
  readonly plan: TrainingPlan;
  readonly data: DataSet;
  readonly backend: BackendDescription;
  readonly outcome: 'complete' | 'pruned' | 'diverged';
  /** One for each seed, the seed of the objective first. */
  readonly networks: readonly NetworkRun[];
  readonly timing: { readonly milliseconds: number; readonly steps: number };
  /** The best value of the metric that was measured before the end. */
  readonly bestValue: number | undefined;
}

/** Measures a finished training. Every number in the result is finite. */
export async function trialResult(trained: Trained): Promise<TrialResult> {
  const { objective, data, outcome, networks } = trained;
  const curve = averageCurves(networks.map(({ losses }) => losses));
  const metrics: Record<string, number> = { steps: countSteps(trained), ...(await measureNetworks(trained)) };
  const [first] = networks as [NetworkRun];
  if (!first.diverged) await first.preActivations.record(first.state, first.batches, data);
  const preActivations = first.preActivations.read();
  const recording = (outcome === 'complete' && (await first.recorder?.finish())) || null;
  if (recording) Object.assign(metrics, summarizeCosines(recording));
  Object.assign(metrics, measureSpeed(trained));
  const measured = outcome === 'pruned' ? await boundValue(trained, metrics) : metrics[metricKeys[objective.metric]]!;
  const penalty = computePenalty(objective.backward);
  if (penalty > 0) metrics['penalty'] = penalty;
  const result: TrialResult = {
    outcome,
    value: getMetricDirection(objective.metric) === 'minimize' ? measured + penalty : measured - penalty,
    metrics,
    curve: encodeCurve(curve),
    provenance: describeProvenance(trained),
  };
  if (preActivations.length) result.preActivations = preActivations;
  if (recording) result.recording = recording;
  return result;
}

function describeProvenance({ objective, data, backend, networks }: Trained): TrialResult['provenance'] {
  const provenance: TrialResult['provenance'] = {
    engine: ENGINE_VERSION,
    backend: formatRuntime(backend),
    deterministic: backend.deterministic,
    dataset: data.hash,
    seed: objective.seed,
  };
  if (networks.length > 1) provenance['seeds'] = networks.map((network) => network.objective.seed).join(' ');
  return provenance;
}

/** Returns the mean of each metric over the networks and, of several networks, the metric of each. */
async function measureNetworks(trained: Trained): Promise<Record<string, number>> {
  const { objective, outcome, networks } = trained;
  const each: Record<string, number>[] = [];
  for (const network of networks) each.push(await measureNetwork(trained, network));
  const metrics = averageMetrics(each);
  if (networks.length === 1 || outcome === 'pruned') return metrics;
  const key = metricKeys[objective.metric];
  for (const [i, one] of each.entries()) metrics[`${key}.seed${i + 1}`] = one[key]!;
  return metrics;
}

async function measureNetwork(trained: Trained, network: NetworkRun): Promise<Record<string, number>> {
  const { plan, outcome } = trained;
  if (outcome === 'pruned') return { partialSum: computePartialSum(network, plan, countSteps(trained)) };
  const metrics = { ...measureLosses(network, plan), ...(await measureValidation(network, trained)) };
  if (network.diverged) return metrics;
  return { ...metrics, ...(await measureLearningRates(network, trained)), ...(await measureAngles(network.state)) };
}

/** Returns the number of steps of a training so far. */
function countSteps({ networks }: Pick<Trained, 'networks'>): number {
  return networks.reduce((most, { losses }) => Math.max(most, losses.length), 0);
}

function measureSpeed({ objective, timing }: Trained): Record<string, number> {
  const { milliseconds, steps } = timing;
  if (milliseconds === 0) return { trainMilliseconds: milliseconds };
  return { trainMilliseconds: milliseconds, imagesPerSecond: (1000 * steps * objective.batchSize) / milliseconds };
}

/** Returns the value of a pruned training: the partial area, or the best value of the metric so far. */
async function boundValue(trained: Trained, metrics: Record<string, number>): Promise<number> {
  const { metric } = trained.objective;
  if (metric === 'aulc') return metrics['partialSum']!;
  return trained.bestValue ?? measureMetric(metric, trained);
}

/**
 * Returns what the steps so far contribute to the AULC of a network. Steps after a divergence count at the cap.
 *
 * @param step number of steps so far
 */
export function computePartialSum(
  { losses, diverged }: NetworkRun,
  { steps, classes }: TrainingPlan,
  step: number,
): number {
  const cap = computeLossCap(classes);
  const missing = diverged ? Math.max(0, step - losses.length) : 0;
  const counted = missing ? [...losses, ...Array.from({ length: missing }, () => cap)] : losses;
  return computePartialAulc(counted, steps, cap);
}

/** Measures the metric of a training after the steps so far: the mean over its networks. The value is finite. */
export async function measureMetric(
  metric: Exclude<Metric, 'aulc'>,
  { networks, plan, data }: Pick<Trained, 'networks' | 'plan' | 'data'>,
): Promise<number> {
  const values: number[] = [];
  for (const network of networks) values.push(await measureOne(metric, network, { plan, data }));
  return average(values);
}

async function measureOne(
  metric: Exclude<Metric, 'aulc'>,
  network: NetworkRun,
  { plan, data }: Pick<Trained, 'plan' | 'data'>,
): Promise<number> {
  const cap = computeLossCap(plan.classes);
  if (metric === 'final-loss')
    return network.diverged ? cap : averageLosses(network.losses.slice(-plan.stepsPerEpoch), cap);
  const { validationLoss, validationAccuracy } = await measureValidation(network, { plan, data });
  return metric === 'validation-loss' ? validationLoss! : validationAccuracy!;
}

function averageLosses(losses: readonly number[], cap: number): number {
  return losses.reduce((sum, loss) => sum + capLoss(loss, cap), 0) / Math.max(1, losses.length);
}

function measureLosses(
  { losses }: NetworkRun,
  { steps, stepsPerEpoch, classes }: TrainingPlan,
): Record<string, number> {
  const cap = computeLossCap(classes);
  const last = Array.from({ length: stepsPerEpoch }, (_, i) => losses[steps - stepsPerEpoch + i] ?? cap);
  return { aulc: computeAulc(losses, steps, cap), finalLoss: averageLosses(last, cap) };
}

async function measureValidation(
  { diverged, state, batches }: NetworkRun,
  { data, plan }: Pick<Trained, 'data' | 'plan'>,
): Promise<Record<string, number>> {
  const cap = computeLossCap(plan.classes);
  if (data.validation.count === 0) return {};
  // A diverged network counts as one that guesses, with the loss at its cap.
  if (diverged) return { validationLoss: cap, validationAccuracy: 1 / plan.classes };
  const atOnce = limitExamples(plan.shape, EVALUATED_AT_ONCE);
  const { loss, accuracy } = await evaluateExamples(state, batches, data.validation, atOnce);
  return { validationLoss: capLoss(loss, cap), validationAccuracy: accuracy };
}

async function measureLearningRates(
  { objective, state, batches }: NetworkRun,
  { plan, data }: Trained,
): Promise<Record<string, number>> {
  const learningRate = await state.learningRate();
  const implicit = await implicitLearningRate(objective, plan, state, batches, data, learningRate);
  return Number.isFinite(learningRate) ? { learningRate, ...implicit } : implicit;
}
