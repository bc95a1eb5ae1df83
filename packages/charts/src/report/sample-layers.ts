import { sampleBFunctions } from '@gradsmith/core/objective';
import { isTrainingJob, resolveObjective, type JobSpec } from '@gradsmith/core/spec';
import type { BFunctionData, PointData } from './data.ts';
import { listParameters, namePoint } from './name-point.ts';

/** The pre-activations at which b-functions are drawn and compared. */
const GRID = { low: -5, high: 5, points: 401 };

/** Returns the b-functions of search trials, best first, for each layer with a replaced derivative. */
export function sampleLayers(
  spec: JobSpec,
  trials: readonly { readonly number: number; readonly point: PointData }[],
): BFunctionData[] {
  if (!isTrainingJob(spec)) return [];
  const { seed } = spec.objective;
  const parameters = listParameters(spec);
  const sampled = trials.map(({ number, point }) => ({
    number,
    name: namePoint(parameters, point),
    layers: sampleBFunctions(resolveObjective(spec, { role: 'search', confirms: null, point, seed }), GRID),
  }));
  return (sampled[0]?.layers ?? []).map(({ layer, activation, z, derivative }, i) => ({
    layer,
    activation,
    z,
    derivative: replaceNulls(derivative),
    found: sampled.map(({ number, name, layers }) => {
      const g = replaceNulls(layers[i]!.g);
      return name === undefined ? { number, g } : { number, name, g };
    }),
  }));
}

function replaceNulls(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}
