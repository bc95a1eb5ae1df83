import type { Parameter } from '@gradsmith/bayesopt';
import { listLayers } from './backward.ts';
import type { Dictionary, MetaNetwork } from './derivatives/schema.ts';
import type { TrainingObjective } from './schema.ts';

/** A named field of an objective that a search may set. */
export interface Searchable {
  /** JSON pointer into the objective. */
  readonly at: string;
  readonly parameter: Parameter;
}

const U: Parameter = { type: 'float', low: 0, high: 5 };
const SIGNED: Parameter = { type: 'float', low: -3, high: 3 };
const COEFFICIENT: Parameter = { type: 'float', low: -2, high: 2 };

function metaWeights(layer: string, at: string, { hidden, bias }: MetaNetwork): [string, Searchable][] {
  const units = Array.from({ length: hidden }, (_, i) => i);
  const suffix = (i: number) => (hidden === 1 ? '' : String(i + 1));
  const entry = (weight: string, place: string, parameter: Parameter): [string, Searchable] => [
    `${layer}.${weight}`,
    { at: `${at}/weights/${place}`, parameter },
  ];
  return [
    ...units.map((i) => entry(`u${suffix(i)}`, `u/${i}`, U)),
    ...(bias ? units.map((i) => entry(`b${suffix(i)}`, `b/${i}`, SIGNED)) : []),
    ...units.map((i) => entry(`v${suffix(i)}`, `v/${i}`, SIGNED)),
    ...(bias ? [entry('d', 'd', SIGNED)] : []),
  ];
}

function dictionaryCoefficients(layer: string, at: string, { bases, byDepth }: Dictionary): [string, Searchable][] {
  return (byDepth ? ['c', 'e'] : ['c']).flatMap((name) =>
    bases.map((_, i): [string, Searchable] => [
      `${layer}.${name}${i + 1}`,
      { at: `${at}/coefficients/${name}/${i}`, parameter: COEFFICIENT },
    ]),
  );
}

/**
 * Returns the parameters that a job searches by default: the weights of every meta-network that has none, as `relu7.u`,
 * `relu7.b`, `relu7.v`, `relu7.d` (with several hidden units `relu7.u1`, `relu7.u2`, …; without biases no b and d). u ≥
 * 0, because (u, b, v) and (−u, −b, −v) are the same function for odd activations. And the coefficients of every
 * dictionary that has none, as `relu7.c1`, …, and by depth also `relu7.e1`, …. Layers that share a meta-network or
 * dictionary give its parameters the name of the first.
 */
export function listFreeParameters(objective: TrainingObjective): Record<string, Searchable> {
  return Object.fromEntries(
    objective.backward.flatMap(({ derivative, ...entry }, i) => {
      const [layer, at] = [listLayers(entry)[0]!, `/backward/${i}/derivative`];
      if (derivative?.kind === 'meta-network' && !derivative.weights) return metaWeights(layer, at, derivative);
      if (derivative?.kind === 'dictionary' && !derivative.coefficients)
        return dictionaryCoefficients(layer, at, derivative);
      return [];
    }),
  );
}
