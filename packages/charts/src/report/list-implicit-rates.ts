import type { PreActivations } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { findExtent } from '../text/numbers.ts';
import type { ImplicitRateData, PointData } from './data.ts';
import { chooseInputsExtent, USUAL_LIMIT } from './input-histogram.ts';
import { sampleLayers } from './sample-layers.ts';

/** A trial, and what its result says about its layers. */
export interface TrialRates {
  readonly number: number;
  readonly point: PointData;
  readonly metrics: Readonly<Record<string, number>>;
  readonly preActivations?: readonly PreActivations[] | undefined;
}

/** Inputs that spread over more than this many times the range in which g changes have a separate axis. */
const SPREAD = 4;

/**
 * Returns the b-function of a trial at each layer, with the learning rate of the trial and the inputs of the layer. It
 * is sampled over the range of the inputs, or only where it changes if that is a small part of their range.
 */
export function listImplicitRates(spec: JobSpec, trial: TrialRates): ImplicitRateData[] {
  const findInputs = (layer: string) => trial.preActivations?.find((entry) => entry.layer === layer)?.moments ?? [];
  return sampleLayers(spec, [trial]).map(({ layer }, i) => {
    const inputs = findInputs(layer);
    const sample = (limit: number): ImplicitRateData => {
      const { found, ...sampled } = sampleLayers(spec, [trial], limit)[i]!;
      const { learningRate = null, [`beta.${layer}.dead`]: dead = null } = trial.metrics;
      return { ...sampled, found: found[0]!, learningRate, dead, inputs };
    };
    const limit = Math.max(...(chooseInputsExtent(inputs) ?? [USUAL_LIMIT]).map(Math.abs));
    const whole = sample(limit);
    const changing = findChangingLimit(whole);
    return limit > SPREAD * changing ? sample(changing) : whole;
  });
}

/** Share of the range of a function by which it may still change where it counts as constant. */
const TOLERANCE = 0.02;

/** Returns the smallest of 5, 10, 20, … beyond which g and the derivative hardly change. */
function findChangingLimit({ z, found, derivative }: ImplicitRateData): number {
  const widest = [found.g, derivative].flatMap((values) => {
    const extent = findExtent(Array.from(values)) ?? [0, 0];
    const allowed = TOLERANCE * (extent[1] - extent[0]);
    const changes = (end: number) => (at: number, i: number) =>
      Math.sign(at) === Math.sign(end) && !(Math.abs(values[i]! - values[end < 0 ? 0 : z.length - 1]!) <= allowed);
    return [...Array.from(z).filter(changes(-1)), ...Array.from(z).filter(changes(1))].map(Math.abs);
  });
  let limit = USUAL_LIMIT;
  while (limit < Math.max(0, ...widest)) limit *= 2;
  return limit;
}
