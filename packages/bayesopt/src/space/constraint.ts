import { type ConstraintFunction, constraintFunctions } from '../expression/constraint-functions.ts';
import type { ParameterValue, Point } from './definition.ts';

/**
 * A constraint on the values of parameters: an expression that must not be 0. Comparisons are 1 or 0, and 0 if a side
 * is not a number: `{ kind: 'call', name: 'le', operands: [a, b] }` is a ≤ b.
 */
export type Constraint =
  | { readonly kind: 'number'; readonly value: number }
  /** The value of a parameter; true is 1 and false is 0. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'call'; readonly name: ConstraintFunction; readonly operands: readonly Constraint[] };

/** Whether a point fulfills a constraint. One that names a parameter without a value does not apply. */
export function fulfillsConstraint(constraint: Constraint, point: Point): boolean {
  return compileConstraint(constraint)(point);
}

/** Returns `fulfillsConstraint` for one constraint and many points. */
export function compileConstraint(constraint: Constraint): (point: Point) => boolean {
  const names = [...new Set(listNames(constraint))];
  const evaluate = compile(constraint);
  return (point) => {
    if (names.some((name) => !Object.hasOwn(point, name))) return true;
    const value = evaluate(point);
    return value !== 0 && !Number.isNaN(value);
  };
}

/** Lists the parameters that a constraint names. */
export function listNames(constraint: Constraint): string[] {
  if (constraint.kind === 'number') return [];
  if (constraint.kind === 'variable') return [constraint.name];
  return constraint.operands.flatMap(listNames);
}

/** Returns the number of operations of a constraint. */
export function countOperations(constraint: Constraint): number {
  if (constraint.kind !== 'call') return 1;
  return constraint.operands.reduce((sum, operand) => sum + countOperations(operand), 1);
}

function compile(constraint: Constraint): (point: Point) => number {
  if (constraint.kind === 'number') {
    const { value } = constraint;
    return () => value;
  }
  if (constraint.kind === 'variable') {
    const { name } = constraint;
    return (point) => toNumber(point[name]!);
  }
  const apply: (...operands: number[]) => number = constraintFunctions[constraint.name];
  const [a, b, c] = constraint.operands.map(compile);
  if (!b) return (point) => apply(a!(point));
  if (!c) return (point) => apply(a!(point), b(point));
  return (point) => apply(a!(point), b(point), c(point));
}

function toNumber(value: ParameterValue): number {
  return typeof value === 'string' ? Number.NaN : Number(value);
}
