import {
  buildActivationDerivative,
  buildBackwardExpression,
  listReplacements,
  listVariables,
  number,
  substitute,
  type TrainingObjective,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import type { DataSet } from '../data/data-set.ts';
import { tidyTensors } from '../kernels/scope.ts';
import type { Batches } from './batches.ts';
import { computeMoments } from './layers/backward-function.ts';
import { limitExamples } from './limit-examples.ts';
import { evaluateTensor } from './tensor-expression.ts';
import type { TrainState } from './train-state.ts';

const QUANTILES = { p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 };
const EXAMPLES = 100;

/**
 * Returns the paper's reading of a b-function as a learning rate, β(z) = α·g(z)/σ′(z) (equation 4), over the
 * pre-activations of the first training examples. Keys are `beta.<layer>.<quantile>`: quantiles of β where σ′(z) ≠ 0,
 * and `dead`, the share of z with σ′(z) = 0 and g(z) ≠ 0, where β is not defined. A g that uses the error is left out.
 */
export async function implicitLearningRate(
  objective: TrainingObjective,
  plan: TrainingPlan,
  state: TrainState,
  batches: Batches,
  data: DataSet,
  learningRate: number,
): Promise<Record<string, number>> {
  const report: Record<string, number> = {};
  for (const { layer, derivative, mask, depth } of listReplacements(objective.backward)) {
    const index = plan.layers.findIndex(({ name }) => name === layer);
    const description = plan.layers[index]!;
    if (!derivative || description.type !== 'activation') continue;
    const written = buildBackwardExpression({ derivative, mask }, description.function, description.levels);
    const g = substitute(written, { depth: number(depth) });
    // No error arrives here.
    if (listVariables(g).has('d') || listVariables(g).has('ds')) continue;
    const { x, labels } = batches.plain(data.train, 0, limitExamples(plan.shape, EXAMPLES));
    const [rates, slope] = tidyTensors(() => {
      const z = state.network.computeInput(index, x, state.values(), state.steps);
      const { mean, deviation } = computeMoments(z);
      return [
        evaluateTensor(g, z, { t: tf.scalar(1), m: mean, s: deviation }),
        evaluateTensor(buildActivationDerivative(description.function), z),
      ] as const;
    });
    const values = await Promise.all([rates.data<'float32'>(), slope.data<'float32'>()]);
    for (const tensor of [x, labels, rates, slope]) tensor.dispose();
    for (const [key, value] of Object.entries(summarizeRates(...values, learningRate)))
      report[`beta.${layer}.${key}`] = value;
  }
  return report;
}

function summarizeRates(g: Float32Array, slope: Float32Array, learningRate: number): Record<string, number> {
  const rates = new Float64Array(g.length);
  let [live, dead] = [0, 0];
  for (let i = 0; i < g.length; i++) {
    if (slope[i] !== 0) rates[live++] = (learningRate * g[i]!) / slope[i]!;
    else if (g[i] !== 0) dead++;
  }
  const sorted = rates.subarray(0, live).sort();
  const quantiles =
    live === 0
      ? []
      : Object.entries(QUANTILES).map(([name, q]) => [name, sorted[Math.round(q * (live - 1))]!] as const);
  return { ...Object.fromEntries(quantiles.filter(([, value]) => Number.isFinite(value))), dead: dead / g.length };
}
