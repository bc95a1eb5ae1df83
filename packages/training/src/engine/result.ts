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
import type { Batches } from './batches.ts';
import { evaluateExamples } from './evaluate.ts';
import { implicitLearningRate } from './implicit-rate.ts';
import type { PreActivationCounter } from './pre-activation-counter.ts';
import type { TrainState } from './train-state.ts';
import { ENGINE_VERSION } from './version.ts';
import { summarizeCosines, type WeightRecorder } from './weight-recorder.ts';

interface Trained {
  readonly objective: TrainingObjective;
  readonly plan: TrainingPlan;
  readonly data: DataSet;
  readonly backend: BackendDescription;
  readonly outcome: 'complete' | 'pruned' | 'diverged';
  readonly state: TrainState;
  readonly batches: Batches;
  readonly losses: readonly number[];
  readonly recorder: WeightRecorder | null;
  readonly preActivations: PreActivationCounter;
  readonly timing: { readonly milliseconds: number; readonly steps: number };
  /** The best value of the metric that was measured before the end. */
  readonly bestValue: number | undefined;
}

/** Measures a finished training. Every number in the result is finite. */
export async function trialResult(trained: Trained): Promise<TrialResult> {
  const { objective, plan, data, outcome, losses, timing } = trained;
  const cap = computeLossCap(plan.classes);
  const metrics: Record<string, number> = { steps: losses.length, ...measureLosses(trained, cap) };
  if (outcome !== 'pruned') Object.assign(metrics, await measureValidation(trained, cap));
  if (outcome === 'complete') Object.assign(metrics, await measureLearningRates(trained));
  if (outcome !== 'diverged') await trained.preActivations.record(trained.state, trained.batches, data);
  const preActivations = trained.preActivations.read();
  const recording = (outcome === 'complete' && (await trained.recorder?.finish())) || null;
  if (recording) Object.assign(metrics, summarizeCosines(recording));
  metrics['trainMilliseconds'] = timing.milliseconds;
  if (timing.milliseconds > 0)
    metrics['imagesPerSecond'] = (1000 * timing.steps * objective.batchSize) / timing.milliseconds;
  const measured = outcome === 'pruned' ? await boundValue(trained, metrics) : metrics[metricKeys[objective.metric]]!;
  const penalty = computePenalty(objective.backward);
  if (penalty > 0) metrics['penalty'] = penalty;
  const result: TrialResult = {
    outcome,
    value: getMetricDirection(objective.metric) === 'minimize' ? measured + penalty : measured - penalty,
    metrics,
    curve: encodeCurve(losses),
    provenance: {
      engine: ENGINE_VERSION,
      backend: formatRuntime(trained.backend),
      deterministic: trained.backend.deterministic,
      dataset: data.hash,
      seed: objective.seed,
    },
  };
  if (preActivations.length) result.preActivations = preActivations;
  if (recording) result.recording = recording;
  return result;
}

/** Returns the value of a pruned training: the partial area, or the best value of the metric so far. */
async function boundValue(trained: Trained, metrics: Record<string, number>): Promise<number> {
  const { metric } = trained.objective;
  if (metric === 'aulc') return metrics['partialSum']!;
  return trained.bestValue ?? measureMetric(metric, trained);
}

/** Measures the metric of a training after the steps so far. The value is finite. */
export async function measureMetric(
  metric: Exclude<Metric, 'aulc'>,
  { plan, losses, ...network }: Pick<Trained, 'plan' | 'data' | 'state' | 'batches' | 'losses'>,
): Promise<number> {
  const cap = computeLossCap(plan.classes);
  if (metric === 'final-loss') return averageLosses(losses.slice(-plan.stepsPerEpoch), cap);
  const { loss, accuracy } = await evaluateExamples(network.state, network.batches, network.data.validation);
  return metric === 'validation-loss' ? capLoss(loss, cap) : accuracy;
}

function averageLosses(losses: readonly number[], cap: number): number {
  return losses.reduce((sum, loss) => sum + capLoss(loss, cap), 0) / Math.max(1, losses.length);
}

function measureLosses({ outcome, losses, plan }: Trained, cap: number): Record<string, number> {
  if (outcome === 'pruned') return { partialSum: computePartialAulc(losses, plan.steps, cap) };
  const last = Array.from({ length: plan.stepsPerEpoch }, (_, i) => losses[plan.steps - plan.stepsPerEpoch + i] ?? cap);
  return {
    aulc: computeAulc(losses, plan.steps, cap),
    finalLoss: averageLosses(last, cap),
  };
}

async function measureValidation(
  { outcome, state, batches, data, plan }: Trained,
  cap: number,
): Promise<Record<string, number>> {
  if (data.validation.count === 0) return {};
  // A diverged network counts as one that guesses, with the loss at its cap.
  if (outcome === 'diverged') return { validationLoss: cap, validationAccuracy: 1 / plan.classes };
  const { loss, accuracy } = await evaluateExamples(state, batches, data.validation);
  return { validationLoss: capLoss(loss, cap), validationAccuracy: accuracy };
}

async function measureLearningRates({
  objective,
  plan,
  state,
  batches,
  data,
}: Trained): Promise<Record<string, number>> {
  const learningRate = await state.learningRate();
  const implicit = await implicitLearningRate(objective, plan, state, batches, data, learningRate);
  return Number.isFinite(learningRate) ? { learningRate, ...implicit } : implicit;
}
