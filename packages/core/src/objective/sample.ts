import { countNodes } from '@gradsmith/bayesopt';
import { listReplacements } from './backward.ts';
import { buildActivationDerivative, buildBackwardExpression, TYPICAL_CONTEXT } from './derivatives/b-function.ts';
import type { ActivationName } from './derivatives/catalogue.ts';
import { evaluate, listVariables } from './expression/evaluate.ts';
import type { Expression } from './expression/functions.ts';
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

/** A b-function and the layers that have it. */
interface SharedBFunction {
  g: Expression;
  /** σ′. */
  own: Expression;
  depth: number;
  activation: ActivationName;
  layers: string[];
}

/** What it costs to check and write the numbers of one point and layer in an answer, in evaluated nodes (measured). */
const NODES_PER_LAYER = 20;

/**
 * Samples the b-functions of an objective whose meta-weights are set, at `points` (≥ 2) places from `low` to `high`. A
 * formula with a context is sampled at `TYPICAL_CONTEXT`. Layers with an equal b-function share their lists.
 *
 * @throws RangeError when weights are missing
 */
export function sampleBFunctions(
  objective: TrainingObjective,
  { low, high, points }: { low: number; high: number; points: number },
): SampledBFunction[] {
  const z = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const sampled = listSharedBFunctions(objective).flatMap(({ g, own, depth, activation, layers }) => {
    const values = z.map((at) => evaluate(g, { ...TYPICAL_CONTEXT, z: at, depth }));
    const slopes = z.map((at) => evaluate(own, at));
    const curves = {
      activation,
      z,
      g: values.map(finiteOrNull),
      derivative: slopes.map(finiteOrNull),
      rate: values.map((value, i) => (slopes[i] === 0 ? null : finiteOrNull(value / slopes[i]!))),
    };
    return layers.map((layer) => ({ layer, ...curves }));
  });
  const byLayer = new Map(sampled.map((each) => [each.layer, each]));
  return listReplacements(objective.backward).flatMap(({ layer, derivative }) =>
    derivative ? (byLayer.get(layer) ?? []) : [],
  );
}

/**
 * Returns what one point of `sampleBFunctions` costs, in evaluated nodes of expressions.
 *
 * @throws RangeError when weights are missing
 */
export function countNodesPerPoint(objective: TrainingObjective): number {
  return listSharedBFunctions(objective).reduce(
    (sum, { g, own, layers }) => sum + countNodes(g) + countNodes(own) + NODES_PER_LAYER * layers.length,
    0,
  );
}

/** Returns each b-function once, with the layers that have it. A formula with `depth` is another one in each layer. */
function listSharedBFunctions(objective: TrainingObjective): SharedBFunction[] {
  const { layers } = planTraining(objective);
  const found = new Map<string, SharedBFunction>();
  objective.backward.forEach((entry, i) => {
    const { derivative, mask } = entry;
    if (!derivative) return;
    const built = new Map<string, { g: Expression; usesDepth: boolean }>();
    for (const { layer, depth } of listReplacements([entry])) {
      const replaced = layers.find(({ name }) => name === layer);
      const activation = replaced && getReplaceableFunction(replaced);
      if (!activation) continue;
      const levels = getLevels(replaced);
      const kind = `${activation} ${levels}`;
      if (!built.has(kind)) {
        const g = buildBackwardExpression({ derivative, mask }, activation, levels);
        built.set(kind, { g, usesDepth: listVariables(g).has('depth') });
      }
      const { g, usesDepth } = built.get(kind)!;
      const key = `${i} ${kind} ${usesDepth ? depth : ''}`;
      const shared = found.get(key);
      if (shared) shared.layers.push(layer);
      else found.set(key, { g, own: buildActivationDerivative(activation), depth, activation, layers: [layer] });
    }
  });
  return [...found.values()];
}

function getLevels(layer: Layer): number | undefined {
  return layer.type === 'activation' ? layer.levels : undefined;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
