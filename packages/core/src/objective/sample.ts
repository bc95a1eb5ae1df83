import { listReplacements } from './backward.ts';
import { buildActivationDerivative, buildBackwardExpression, TYPICAL_CONTEXT } from './derivatives/b-function.ts';
import type { ActivationName } from './derivatives/catalogue.ts';
import { evaluate } from './expression/evaluate.ts';
import { getReplaceableFunction, type Layer } from './networks/layers.ts';
import { planTraining, type TrainingObjective } from './schema.ts';

/** A b-function of an objective, sampled at evenly spaced pre-activations. */
export interface SampledBFunction {
  layer: string;
  /** The function whose derivative g replaces; `sign` of binary weights. */
  activation: ActivationName;
  /** Pre-activations, or weights. */
  z: number[];
  /** g(z), with the mask where the objective sets one; null where it is not finite. */
  g: (number | null)[];
  /** σ′(z) of plain backpropagation. */
  derivative: (number | null)[];
  /** g(z)/σ′(z): the paper's implicit learning rate at z; null where σ′(z) = 0. */
  rate: (number | null)[];
}

/**
 * Samples the b-functions of an objective whose meta-weights are set, at `points` (≥ 2) places from `low` to `high`. A
 * formula with a context is sampled at `TYPICAL_CONTEXT`.
 *
 * @throws RangeError when weights are missing
 */
export function sampleBFunctions(
  objective: TrainingObjective,
  { low, high, points }: { low: number; high: number; points: number },
): SampledBFunction[] {
  const { layers } = planTraining(objective);
  const z = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const sample = (of: (at: number) => number): (number | null)[] => z.map((at) => finiteOrNull(of(at)));
  return listReplacements(objective.backward).flatMap(({ layer, derivative, mask, depth }) => {
    const replaced = layers.find(({ name }) => name === layer);
    const activation = replaced && getReplaceableFunction(replaced);
    if (!derivative || !activation) return [];
    const g = buildBackwardExpression({ derivative, mask }, activation, getLevels(replaced));
    const own = buildActivationDerivative(activation);
    const valueOf = (at: number): number => evaluate(g, { ...TYPICAL_CONTEXT, z: at, depth });
    return [
      {
        layer,
        activation,
        z,
        g: sample(valueOf),
        derivative: sample((at) => evaluate(own, at)),
        rate: sample((at) => (evaluate(own, at) === 0 ? Number.NaN : valueOf(at) / evaluate(own, at))),
      },
    ];
  });
}

function getLevels(layer: Layer): number | undefined {
  return layer.type === 'activation' ? layer.levels : undefined;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
