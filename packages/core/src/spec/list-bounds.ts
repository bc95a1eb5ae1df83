import { createSpace, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';

/** A value at a bound of its range. */
export interface BoundValue {
  parameter: string;
  bound: number;
}

/** Lists the parameters of a point that are at a bound of their range. */
export function listBounds(point: Point, space: SpaceDefinition): BoundValue[] {
  return createSpace(space)
    .atBound(point)
    .flatMap((parameter) => {
      const definition = space[parameter]!;
      const at = point[parameter];
      if (typeof at !== 'number' || !('low' in definition)) return [];
      const bound = Math.abs(at - definition.low) <= Math.abs(at - definition.high) ? definition.low : definition.high;
      return [{ parameter, bound }];
    });
}
