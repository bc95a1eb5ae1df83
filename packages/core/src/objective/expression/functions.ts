import { constraintFunctions } from '@gradsmith/bayesopt';
import { erf, sigmoid, softplus } from './special.ts';

/**
 * Every function of the expression language with its float64 meaning: those of constraints, and smooth ones. Operators
 * are functions too: `a + b` is `add(a, b)`.
 */
export const expressionFunctions = {
  ...constraintFunctions,
  sin: (a: number) => Math.sin(a),
  cos: (a: number) => Math.cos(a),
  atan: (a: number) => Math.atan(a),
  tanh: (a: number) => Math.tanh(a),
  sigmoid,
  softplus,
  erf,
} as const;

export type FunctionName = keyof typeof expressionFunctions;

/**
 * What a formula may use in addition to z. Except for the progress, everything is of the layer and the step at which g
 * is computed; means and deviations are over the whole batch and all positions and channels.
 */
export const contextNames = {
  t: 'the progress of the training, from 0 at its first step to 1 at its last',
  m: 'the mean of z over the batch',
  s: 'the standard deviation of z over the batch',
  a: 'the forward value σ(z)',
  slope: 'σ′(z)',
  d: 'the error ∂C/∂a that arrives from above, with 1/batch in it',
  ds: 'the standard deviation of d over the batch',
  depth: 'the position of the layer: 0 for the first of the layers that share the formula, 1 for the last',
} as const;
export type ContextName = keyof typeof contextNames;

/** What a formula may name: its variable z, and the context. */
export type VariableName = 'z' | ContextName;

/** A formula with variables of these names. In that of a b-function, parameters have been replaced by their numbers. */
export type Expression<Name extends string = VariableName> =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: Name }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Expression<Name>[] };

export function variable(name: VariableName): Expression {
  return { kind: 'variable', name };
}

export const z: Expression = variable('z');

export function isContextName(name: string): name is ContextName {
  return Object.hasOwn(contextNames, name);
}

export function number(value: number): Expression<never> {
  return { kind: 'number', value };
}

export function call<Name extends string>(name: FunctionName, ...operands: Expression<Name>[]): Expression<Name> {
  return { kind: 'call', name, operands };
}

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(expressionFunctions, name);
}

/** How many operands a function takes. */
export function arity(name: FunctionName): number {
  return expressionFunctions[name].length;
}
