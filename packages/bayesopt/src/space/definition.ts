import type { FunctionName } from '../expression/functions.ts';

/** One value of a parameter, in the user's units. */
export type ParameterValue = number | string | boolean;

/**
 * One dimension of a search space.
 *
 * - `float`, `int`: the interval [low, high], both ends included. `scale: 'log'` (low > 0) spreads points evenly over
 *   ln(value). `step` > 0 allows only low + k·step up to high; it excludes `scale: 'log'`. The default step of an `int`
 *   is 1.
 * - `categorical`: one of `choices`, which have no order.
 * - `program`: a formula, see `ProgramValues`. Only `evolution` and `random` search it.
 * - `constant`: the same value in every point. The model leaves it out, like every parameter with a single value.
 *
 * With `when`, a parameter is active only in points in which each parameter that `when` names is active and has one of
 * the listed values. The named parameters are categorical, int or constant. Points have no value for inactive
 * parameters.
 */
export type Parameter = ParameterValues & { readonly when?: Condition };

/** The values of other parameters that make a parameter active; all of them are needed. */
export type Condition = Readonly<Record<string, readonly ParameterValue[]>>;

/** The values of a parameter while it is active. */
export type ParameterValues =
  | {
      readonly type: 'float';
      readonly low: number;
      readonly high: number;
      readonly scale?: 'linear' | 'log';
      readonly step?: number;
    }
  | {
      readonly type: 'int';
      readonly low: number;
      readonly high: number;
      readonly scale?: 'linear' | 'log';
      readonly step?: number;
    }
  | { readonly type: 'categorical'; readonly choices: readonly ParameterValue[] }
  | { readonly type: 'constant'; readonly value: ParameterValue }
  | ProgramValues;

/** The formulas that a parameter takes. Two of them are the same value if they give the same on fixed probes. */
export interface ProgramValues {
  readonly type: 'program';
  /** Names that a formula may use. */
  readonly operands: readonly string[];
  /** Functions that it may use. Changes of sign are always allowed. */
  readonly functions: readonly FunctionName[];
  /** Operands, constants and functions of a formula, at most. */
  readonly maxNodes: number;
  /** The range of constants; without it, a search draws none. */
  readonly constants?: { readonly low: number; readonly high: number };
  /** Formulas that a search tries first. */
  readonly start?: readonly string[];
  /** What an operand is at the probes: a formula of standard normal values. By default its own: `{ v: 'abs(v)' }`. */
  readonly probes?: Readonly<Record<string, string>>;
}

/**
 * A search space: parameters by name. The canonical order of dimensions is the UTF-16 code unit order of the names,
 * whatever the order of the keys. A definition therefore gives the same points after it went through JSON, a database
 * or another language.
 */
export type SpaceDefinition = Readonly<Record<string, Parameter>>;

/** A point of the space: the value of every active parameter, constants included, in the user's units. */
export type Point = Readonly<Record<string, ParameterValue>>;

/** What is wrong with a definition. `path` leads from the definition to the invalid value. */
export interface SpaceProblem {
  readonly path: readonly string[];
  readonly message: string;
}
