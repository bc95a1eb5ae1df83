import type { Initialization } from '@gradsmith/core/objective';
import type { RandomSource } from '../data/random.ts';
import { drawNormals, drawUniforms } from './streams.ts';

/** A weight matrix or filter bank to initialize. */
export interface WeightSpec {
  readonly shape: readonly number[];
  /** Inputs and outputs of one unit. For a convolution, both include the window. */
  readonly fanIn: number;
  readonly fanOut: number;
  readonly init: Initialization;
  /** Only for `init: normal`. */
  readonly sd: number;
}

/** Returns the standard deviation of a layer's initial weights. */
export function initialSd({ init, fanIn, fanOut, sd }: WeightSpec): number {
  if (init === 'normal') return sd;
  const variance = { glorot: 2 / (fanIn + fanOut), lecun: 1 / fanIn, he: 2 / fanIn };
  return Math.sqrt(variance[init.split('-')[0] as keyof typeof variance]);
}

/** Draws initial weights, in the order of the tensor's elements. */
export function drawWeights(spec: WeightSpec, random: RandomSource): Float32Array {
  const count = spec.shape.reduce((product, side) => product * side, 1);
  const sd = initialSd(spec);
  // A uniform distribution on ±b has the standard deviation b/√3.
  return spec.init.endsWith('uniform')
    ? drawUniforms(count, sd * Math.sqrt(3), random)
    : drawNormals(count, sd, random);
}
