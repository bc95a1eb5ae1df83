import { createPriorMode, fitHyperparameters } from '../gp/fit.ts';
import { matern52 } from '../gp/kernel.ts';
import { toKernelParameters } from '../gp/likelihood.ts';
import { computePosterior } from '../gp/posterior.ts';
import { appendRows, conditionSurrogate, type Surrogate } from '../gp/surrogate.ts';
import { standardize } from '../math/standardize.ts';
import type { Space } from '../space/space.ts';
import { toInputs } from './outcome-model.ts';

/** A Gaussian process of one measured quantity, standardized without a warp. */
export interface PlainModel {
  readonly surrogate: Surrogate;
  readonly mean: number;
  readonly deviation: number;
}

/** Points with a value each. */
export interface Measured {
  readonly points: readonly Float64Array[];
  readonly values: Float64Array;
}

/**
 * Fits a Gaussian process from the priors each time, so that nothing needs to be recorded. Pending points get their
 * posterior mean as the outcome ("kriging believer", Ginsbourger et al. 2010).
 *
 * @param fitted what the hyperparameters are fitted to; a part of `known` if that is long
 * @param seed of the restarts
 */
export function buildPlainModel(
  space: Space,
  { known, fitted }: { known: Measured; fitted: Measured },
  pending: readonly Float64Array[],
  seed: number,
): PlainModel {
  const { values, mean, deviation } = standardize(known.values);
  const fitTargets = fitted.values.map((value) => (value - mean) / deviation);
  const mode = createPriorMode(space.axes.length);
  const isFlat = fitTargets.every((value) => value === fitTargets[0]);
  const data = { kernel: matern52, inputs: toInputs(space, fitted.points), targets: fitTargets };
  const theta = isFlat ? mode : fitHyperparameters(data, [mode], seed).theta;
  const inputs = toInputs(space, known.points);
  const parameters = toKernelParameters(theta);
  const surrogate = conditionSurrogate(
    { kernel: matern52, parameters, inputs, targets: values },
    inputs.n + pending.length,
  );
  return { surrogate: believePending(space, surrogate, pending), mean, deviation };
}

function believePending(space: Space, surrogate: Surrogate, pending: readonly Float64Array[]): Surrogate {
  if (pending.length === 0) return surrogate;
  const { x } = toInputs(space, pending);
  const targets = new Float64Array(surrogate.inputs.n + pending.length);
  targets.set(surrogate.targets);
  targets.set(computePosterior(surrogate, x).mean, surrogate.inputs.n);
  return appendRows(surrogate, x, targets);
}
