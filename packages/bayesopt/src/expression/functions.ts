import { batchFunctions, type BatchFunctionName } from './batch-functions.ts';
import { constraintFunctions } from './constraint-functions.ts';
import { erf, sigmoid, softplus } from './special.ts';

/**
 * Every elementwise function of the expression language with its float64 meaning: those of constraints, and others.
 * Operators are functions too: `a + b` is `add(a, b)`.
 */
export const expressionFunctions = {
  ...constraintFunctions,
  square: (a: number) => a * a,
  clip: (a: number, c: number) => Math.max(-Math.abs(c), Math.min(Math.abs(c), a)),
  sin: (a: number) => Math.sin(a),
  cos: (a: number) => Math.cos(a),
  atan: (a: number) => Math.atan(a),
  tanh: (a: number) => Math.tanh(a),
  sigmoid,
  softplus,
  erf,
} as const;

export type ElementFunctionName = keyof typeof expressionFunctions;

/** A function of the language. Those of a whole batch can be used only in programs. */
export type FunctionName = ElementFunctionName | BatchFunctionName;

/** A formula with variables of these names. In that of a b-function, parameters have been replaced by their numbers. */
export type Expression<Name extends string = string> =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: Name }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Expression<Name>[] };

export function number(value: number): Expression<never> {
  return { kind: 'number', value };
}

export function call<Name extends string>(name: FunctionName, ...operands: Expression<Name>[]): Expression<Name> {
  return { kind: 'call', name, operands };
}

export function isElementFunction(name: string): name is ElementFunctionName {
  return Object.hasOwn(expressionFunctions, name);
}

export function isFunctionName(name: string): name is FunctionName {
  return isElementFunction(name) || Object.hasOwn(batchFunctions, name);
}

/** How many operands a function takes. */
export function arity(name: FunctionName): number {
  return isElementFunction(name) ? expressionFunctions[name].length : 1;
}

/** Counts the operands, constants and functions of an expression: its complexity. */
export function countNodes(expression: Expression): number {
  if (expression.kind !== 'call') return 1;
  return expression.operands.reduce((sum, operand) => sum + countNodes(operand), 1);
}
