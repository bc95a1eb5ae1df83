import { listBounds } from '@gradsmith/core/spec';
import { readValue, type ParameterData, type PointData } from './data.ts';

/** A parameter of a point that is at a bound of its range. */
export interface Edge {
  readonly name: string;
  readonly value: number;
  readonly side: 'lower' | 'upper';
  readonly bound: number;
}

/**
 * Lists the free numeric parameters of `point` that are at a bound, as the status of a job does: a wider range may
 * contain a better point.
 */
export function listBoundValues(point: PointData, parameters: readonly ParameterData[]): Edge[] {
  return parameters.flatMap((parameter): Edge[] => {
    if (!('low' in parameter)) return [];
    const { name, type, low, high, scale, step } = parameter;
    const value = readValue(point, name);
    if (typeof value !== 'number' || !(high > low)) return [];
    const range = { type, low, high, ...(scale && low > 0 ? { scale } : {}), ...(step === undefined ? {} : { step }) };
    return listBounds({ value }, { value: range }).map(({ bound }) => {
      return { name, value, side: bound === low ? 'lower' : 'upper', bound };
    });
  });
}
