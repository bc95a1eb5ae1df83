import { readValue, type ParameterData, type PointData } from './data.ts';

/** A parameter of a point that is at a bound of its range. */
export interface Edge {
  readonly name: string;
  readonly value: number;
  readonly side: 'lower' | 'upper';
  readonly bound: number;
}

/** Share of the range, on its own scale, within which a value counts as at the bound. */
const MARGIN = 0.01;

/** Lists the free numeric parameters of `point` that are at a bound: a wider range may contain a better point. */
export function listBoundValues(point: PointData, parameters: readonly ParameterData[]): Edge[] {
  return parameters.flatMap((parameter): Edge[] => {
    if (!('low' in parameter)) return [];
    const { name, low, high } = parameter;
    const value = readValue(point, name);
    if (typeof value !== 'number' || !(high > low)) return [];
    const onScale = parameter.scale === 'log' && low > 0 ? Math.log : (x: number): number => x;
    const share = (onScale(value) - onScale(low)) / (onScale(high) - onScale(low));
    if (share <= MARGIN) return [{ name, value, side: 'lower', bound: low }];
    return share >= 1 - MARGIN ? [{ name, value, side: 'upper', bound: high }] : [];
  });
}
