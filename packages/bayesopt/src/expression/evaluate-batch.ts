import { batchFunctions } from './batch-functions.ts';
import { type Expression, expressionFunctions, isElementFunction } from './functions.ts';

/** Values of the variables of an expression: the numbers of all examples, one example after the other. */
export type BatchValues = Readonly<Record<string, Float64Array>>;

/** The shape of a batch. */
export interface BatchShape {
  /** Number of examples. */
  readonly rows: number;
  /** Numbers of all examples together. */
  readonly size: number;
}

/** Evaluates an expression for a batch in float64. @throws RangeError when a variable has no values */
export function evaluateBatch(expression: Expression, values: BatchValues, shape: BatchShape): Float64Array {
  if (expression.kind === 'number') return new Float64Array(shape.size).fill(expression.value);
  if (expression.kind === 'variable') {
    const found = Object.hasOwn(values, expression.name) ? values[expression.name] : undefined;
    if (!found) throw new RangeError(`the formula uses ${expression.name}, which has no value here`);
    return found;
  }
  const operands = expression.operands.map((operand) => evaluateBatch(operand, values, shape));
  if (!isElementFunction(expression.name)) return batchFunctions[expression.name](operands[0]!, shape.rows);
  const apply: (...numbers: number[]) => number = expressionFunctions[expression.name];
  const [a, b, c] = operands as [Float64Array, Float64Array, Float64Array];
  // The evolution evaluates many programs, so operands are not collected in lists.
  if (operands.length === 1) return a.map((value) => apply(value));
  if (operands.length === 2) return a.map((value, i) => apply(value, b[i]!));
  return a.map((value, i) => apply(value, b[i]!, c[i]!));
}
