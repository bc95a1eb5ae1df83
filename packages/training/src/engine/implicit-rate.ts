import {
  buildActivationDerivative,
  buildBackwardExpression,
  type TrainingObjective,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import type { DataSet } from '../data/data-set.ts';
import { tidyTensors } from '../kernels/scope.ts';
import type { Batches } from './batches.ts';
import { evaluateTensor } from './tensor-expression.ts';
import type { TrainState } from './train-state.ts';

const QUANTILES = { p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 };
const EXAMPLES = 100;

/**
 * Returns the paper's reading of a b-function as a learning rate, β(z) = α·g(z)/σ′(z) (equation 4), over the
 * pre-activations of the first training examples. Keys are `beta.<layer>.<quantile>`: quantiles of β where σ′(z) ≠ 0,
 * and `dead`, the share of z with σ′(z) = 0 and g(z) ≠ 0, where β is not defined.
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
  for (const { layer, derivative, mask } of objective.backward) {
    const index = plan.layers.findIndex(({ name }) => name === layer);
    const description = plan.layers[index]!;
    if (!derivative || description.type !== 'activation') continue;
    const { x, labels } = batches.plain(data.train, 0, EXAMPLES);
    const [g, slope] = tidyTensors(() => {
      const z = state.network.computeInput(index, x, state.values(), state.steps);
      return [
        evaluateTensor(buildBackwardExpression({ derivative, mask }, description.function), z),
        evaluateTensor(buildActivationDerivative(description.function), z),
      ] as const;
    });
    const values = await Promise.all([g.data<'float32'>(), slope.data<'float32'>()]);
    for (const tensor of [x, labels, g, slope]) tensor.dispose();
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
