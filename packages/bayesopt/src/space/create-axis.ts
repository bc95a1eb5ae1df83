import { clamp } from '../math/clamp.ts';
import { countFloats, findFloat } from '../math/floats.ts';
import { createProgramAxis } from '../program/program-axis.ts';
import type { Axis } from './axis.ts';
import type { ParameterValue, ParameterValues } from './definition.ts';

/** A range with at most this many distinct values is listed value by value. */
const MAX_LISTED = 1 << 20;
/** Width of a log range, as ln(high / low), below which it is linear: the logarithm would round values together. */
const MIN_LOG_SPAN = 1e-6;

type Numeric = Extract<ParameterValues, { type: 'float' | 'int' }>;

export function createAxis(name: string, parameter: ParameterValues): Axis {
  if (parameter.type === 'constant') return createListedAxis(name, [parameter.value]);
  if (parameter.type === 'categorical') return createListedAxis(name, parameter.choices);
  if (parameter.type === 'program') return createProgramAxis(name, parameter);
  if (parameter.low === parameter.high) return createListedAxis(name, [parameter.low]);
  const span = parameter.scale === 'log' ? Math.log(parameter.high) - Math.log(parameter.low) : 0;
  const isInt = parameter.type === 'int';
  const isLog = span > (isInt ? 0 : MIN_LOG_SPAN);
  if (!isInt && parameter.step === undefined && countFloats(parameter.low, parameter.high) <= MAX_LISTED) {
    return createFloatListAxis(name, parameter);
  }
  if (isLog) return isInt ? createLogIntAxis(name, parameter) : createLogFloatAxis(name, parameter);
  if (isInt || parameter.step !== undefined) return createSteppedAxis(name, parameter);
  return createLinearAxis(name, parameter);
}

/** Creates the axis of a categorical, or of a constant if there is one value. */
function createListedAxis(name: string, values: readonly ParameterValue[]): Axis {
  const count = values.length;
  const at = (k: number): ParameterValue => values[k]!;
  const indices = new Map(values.map((value, index) => [value, index]));
  return {
    name,
    categorical: true,
    count,
    encode: (value) => (count > 1 ? (indices.get(value) ?? 0) / (count - 1) : 0),
    decode: (coordinate) => at(clamp(Math.round(coordinate * (count - 1)), 0, count - 1)),
    draw: (u) => at(clamp(Math.floor(u * count), 0, count - 1)),
    at,
    contains: (value) => indices.has(value),
    normalize: (value) => value,
  };
}

function createLinearAxis(name: string, { low, high }: Numeric): Axis {
  const decode = (coordinate: number): number => clamp(low + clamp(coordinate, 0, 1) * (high - low), low, high);
  return {
    name,
    categorical: false,
    count: Infinity,
    encode: (value) => clamp((Number(value) - low) / (high - low), 0, 1),
    decode,
    draw: decode,
    at: () => low,
    contains: (value) => isInRange(value, low, high),
    normalize: (value) => value,
  };
}

/** Significant digits of a value on a log scale: the rounding of logarithm and exponential stays invisible. */
const LOG_DIGITS = 15;

function createLogFloatAxis(name: string, { low, high }: Numeric): Axis {
  const start = Math.log(low);
  const span = Math.log(high) - start;
  // The exponential can miss a bound by an ulp, so the ends are returned as they are.
  const decode = (coordinate: number): number => {
    if (coordinate <= 0) return low;
    if (coordinate >= 1) return high;
    return clamp(Number(Math.exp(start + coordinate * span).toPrecision(LOG_DIGITS)), low, high);
  };
  return {
    name,
    categorical: false,
    count: Infinity,
    encode: (value) => clamp((Math.log(Number(value)) - start) / span, 0, 1),
    decode,
    draw: decode,
    at: () => low,
    contains: (value) => isInRange(value, low, high),
    normalize: (value) => value,
  };
}

/** Creates the axis of a range so narrow that its floating-point numbers can be counted. They are evenly spaced. */
function createFloatListAxis(name: string, { low, high }: Numeric): Axis {
  const count = countFloats(low, high);
  return createOrderedAxis(name, {
    count,
    at: (k) => findFloat(low, k),
    indexOf: (value) => countFloats(low, clamp(value, low, high)) - 1,
    contains: (value) => isInRange(value, low, high),
  });
}

interface OrderedValues {
  readonly count: number;
  readonly at: (k: number) => number;
  /** Returns the index of the value nearest to any number. */
  readonly indexOf: (value: number) => number;
  readonly contains: (value: ParameterValue) => boolean;
}

function createOrderedAxis(name: string, { count, at, indexOf, contains }: OrderedValues): Axis {
  const last = count - 1;
  return {
    name,
    categorical: false,
    count,
    encode: (value) => indexOf(Number(value)) / last,
    decode: (coordinate) => at(clamp(Math.round(coordinate * last), 0, last)),
    draw: (u) => at(clamp(Math.floor(u * count), 0, last)),
    at,
    contains,
    normalize: (value) => (contains(value) ? at(indexOf(Number(value))) : value),
  };
}

/** Creates an axis of low + k·step. The last value is `high` itself if it lies on the grid (within rounding). */
function createSteppedAxis(name: string, { type, low, high, step = 1 }: Numeric): Axis {
  const ratio = (high - low) / step;
  const last = Math.abs(ratio - Math.round(ratio)) < 1e-9 * Math.max(1, ratio) ? Math.round(ratio) : Math.floor(ratio);
  if (last < 1) return createListedAxis(name, [low]);
  const endsOnGrid = Math.abs(low + last * step - high) <= 1e-9 * step * Math.max(1, last);
  const decimals = type === 'int' ? 0 : Math.max(countDecimals(low), countDecimals(step));
  // 0.1 + 2·0.1 is 0.30000000000000004: a grid that is given in decimals is rounded to those decimals, then clamped.
  const at = (k: number): number => {
    if (k === last && endsOnGrid && decimals > 15) return high;
    const raw = low + k * step;
    return clamp(decimals <= 15 ? Number(raw.toFixed(decimals)) : raw, low, high);
  };
  const hasCollisions = step < 2 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
  if (hasCollisions && last <= MAX_LISTED)
    return createDistinctAxis(
      name,
      Array.from({ length: last + 1 }, (_, k) => at(k)),
    );
  const indexOf = (value: number): number => clamp(Math.round((value - low) / step), 0, last);
  const contains = (value: ParameterValue): boolean => {
    if (!isInRange(value, low, high)) return false;
    const nearest = at(indexOf(value));
    return type === 'int' ? value === nearest : Math.abs(value - nearest) <= 1e-9 * step;
  };
  return createOrderedAxis(name, { count: last + 1, at, indexOf, contains });
}

/** Creates the axis of a grid so fine that neighbors can be the same floating-point number; equal ones count once. */
function createDistinctAxis(name: string, grid: readonly number[]): Axis {
  const values = [...new Set(grid)];
  if (values.length === 1) return createListedAxis(name, values);
  const indices = new Map(values.map((value, index) => [value, index]));
  const first = values[0]!;
  const span = values.at(-1)! - first;
  const estimateIndex = (value: number): number =>
    clamp(Math.round(((value - first) / span) * (values.length - 1)), 0, values.length - 1);
  return createOrderedAxis(name, {
    count: values.length,
    at: (k) => values[k]!,
    indexOf: (value) => indices.get(value) ?? estimateIndex(value),
    contains: (value) => typeof value === 'number' && indices.has(value),
  });
}

function createLogIntAxis(name: string, { low, high }: Numeric): Axis {
  const start = Math.log(low);
  const span = Math.log(high) - start;
  const wideStart = Math.log(low - 0.5);
  const wideSpan = Math.log(high + 0.5) - wideStart;
  const value = (exponent: number): number => clamp(Math.round(Math.exp(exponent)), low, high);
  return {
    name,
    categorical: false,
    count: high - low + 1,
    encode: (v) => clamp((Math.log(Number(v)) - start) / span, 0, 1),
    decode: (coordinate) => value(start + clamp(coordinate, 0, 1) * span),
    draw: (u) => value(wideStart + u * wideSpan),
    at: (k) => low + k,
    contains: (v) => isInRange(v, low, high) && Number.isInteger(v),
    normalize: (v) => v,
  };
}

function isInRange(value: ParameterValue, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high;
}

/** Counts the decimal places that a number is written with; 1e-7 has 7. */
function countDecimals(x: number): number {
  const [mantissa = '', exponent = '0'] = String(x).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}
