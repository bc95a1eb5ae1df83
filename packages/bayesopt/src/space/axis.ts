import type { ParameterValue } from './definition.ts';

/**
 * One parameter seen as a coordinate in [0, 1].
 *
 * `count` is its number of distinct values (Infinity if continuous). A discrete axis maps value k of m to k/(m − 1) on
 * its scale, so an int on a log scale is spaced by its logarithm.
 */
export interface Axis {
  readonly name: string;
  readonly categorical: boolean;
  readonly count: number;
  /** Returns the coordinate of a value; a value outside the range is clamped to it. */
  encode(value: ParameterValue): number;
  /** Returns the allowed value nearest to a coordinate; always inside the bounds, in the user's units. */
  decode(coordinate: number): ParameterValue;
  /** Returns the value that a uniform u in [0, 1) draws; all values of a linear discrete axis are equally likely. */
  draw(u: number): ParameterValue;
  /** Returns value number k (0 ≤ k < count) of a discrete axis. */
  at(k: number): ParameterValue;
  contains(value: ParameterValue): boolean;
  /** Returns the allowed value that an input stands for: 0.1 * 3 is 0.3 on a grid of tenths. */
  normalize(value: ParameterValue): ParameterValue;
  /** Returns a text that is equal for values that are the same; absent if those are the equal ones. */
  identify?(value: ParameterValue): string;
}
