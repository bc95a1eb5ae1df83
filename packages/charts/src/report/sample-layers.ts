import { describeScaling, sampleBFunctions } from '@gradsmith/core/objective';
import { isTrainingJob, resolveObjective, type JobSpec } from '@gradsmith/core/spec';
import type { BFunctionData, PointData } from './data.ts';
import { USUAL_LIMIT } from './input-histogram.ts';
import { listParameters, namePoint } from './name-point.ts';

const POINTS = 401;

/**
 * Returns the b-functions of search trials, best first, for each layer with a replaced derivative.
 *
 * @param limit of the pre-activations, by default 5
 */
export function sampleLayers(
  spec: JobSpec,
  trials: readonly { readonly number: number; readonly point: PointData }[],
  limit = USUAL_LIMIT,
): BFunctionData[] {
  if (!isTrainingJob(spec)) return [];
  const { seed, optimizer } = spec.objective;
  const scaling = describeScaling(optimizer);
  const parameters = listParameters(spec);
  const grid = { low: -limit, high: limit, points: POINTS };
  const sampled = trials.map(({ number, point }) => ({
    number,
    name: namePoint(parameters, point),
    layers: sampleBFunctions(resolveObjective(spec, { role: 'search', confirms: null, point, seed }), grid),
  }));
  return (sampled[0]?.layers ?? []).map(({ layer, activation, z, derivative }, i) => ({
    layer,
    activation,
    z,
    derivative: replaceNulls(derivative),
    ...(scaling === null ? {} : { scaling }),
    found: sampled.map(({ number, name, layers }) => {
      const g = replaceNulls(layers[i]!.g);
      return name === undefined ? { number, g } : { number, name, g };
    }),
  }));
}

function replaceNulls(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}
