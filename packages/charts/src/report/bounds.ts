import { readValue, type ParameterData, type PointData } from './data.ts';

/** A parameter of a point that lies on a bound of its range. */
export interface Edge {
  readonly name: string;
  readonly value: number;
  readonly side: 'lower' | 'upper';
  readonly bound: number;
}

/** Share of the range, on its own scale, within which a value counts as on the bound. */
const MARGIN = 0.01;

/** The free numeric parameters of `point` on a bound of the search box: a better point may lie outside of it. */
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
