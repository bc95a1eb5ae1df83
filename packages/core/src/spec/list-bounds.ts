import { createSpace, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';

/** A value at a bound of its range. */
export interface BoundValue {
  parameter: string;
  /** The first or the last value that the parameter can have; with a step, that may be less than `high`. */
  bound: number;
}

/** Lists the parameters of a point that are at a bound of their range. */
export function listBounds(point: Point, space: SpaceDefinition): BoundValue[] {
  const { axes, atBound } = createSpace(space);
  return atBound(point).flatMap((parameter) => {
    const axis = axes.find(({ name }) => name === parameter)!;
    const at = point[parameter];
    if (typeof at !== 'number') return [];
    const bound = axis.decode(axis.encode(at) < 0.5 ? 0 : 1);
    return typeof bound === 'number' ? [{ parameter, bound }] : [];
  });
}
