import type { PreActivations } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import type { ImplicitRateData, PointData } from './data.ts';
import { sampleLayers, USUAL_LIMIT } from './sample-layers.ts';

/** A trial, and what its result says about its layers. */
export interface TrialRates {
  readonly number: number;
  readonly point: PointData;
  readonly metrics: Readonly<Record<string, number>>;
  readonly preActivations?: readonly PreActivations[] | undefined;
}

/**
 * Returns the b-function of a trial at each layer, over the range of its inputs, with the learning rate of the trial
 * and these inputs.
 */
export function listImplicitRates(spec: JobSpec, trial: TrialRates): ImplicitRateData[] {
  const findInputs = (layer: string) => trial.preActivations?.find((entry) => entry.layer === layer)?.moments ?? [];
  return sampleLayers(spec, [trial]).map(({ layer }, i) => {
    const inputs = findInputs(layer);
    const limit = Math.max(USUAL_LIMIT, ...inputs.map((moment) => moment.limit));
    const { found, ...sampled } = sampleLayers(spec, [trial], limit)[i]!;
    return { ...sampled, found: found[0]!, learningRate: trial.metrics['learningRate'] ?? null, inputs };
  });
}
